#!/usr/bin/env python3
"""pip installs the package with its types, and what it installed works without anything else.

usage: install_test.py PACKAGE
"""

import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

if not all(importlib.util.find_spec(name) for name in ("pip", "setuptools", "wheel")):
    print("this Python has no pip, setuptools or wheel: nothing to see here")
    sys.exit(0)
with tempfile.TemporaryDirectory() as folder:
    # Built in a copy, since setuptools leaves files beside what it builds.
    sources, target = pathlib.Path(folder) / "sources", pathlib.Path(folder) / "target"
    shutil.copytree(sys.argv[1], sources, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--no-build-isolation",
                    "--target", str(target), str(sources)], check=True)
    assert (target / "dovetail" / "py.typed").exists()
    code = "import dovetail; print(dovetail.__file__); print(dovetail.Network('mobilenet_v2'))"
    said = subprocess.run([sys.executable, "-B", "-c", code], check=True, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(target)}, cwd=folder).stdout
    assert said.startswith(str(target)) and "300.8 M MACs" in said, said
