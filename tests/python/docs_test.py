#!/usr/bin/env python3
"""The Python of a page of docs/ runs as it stands, its blocks one after the other.

usage: docs_test.py PAGE      skipped without pandas or matplotlib
"""

import importlib.util
import os
import pathlib
import re
import sys
import tempfile

if not all(importlib.util.find_spec(name) for name in ("pandas", "matplotlib")):
    print("this Python has no pandas or no matplotlib: nothing to see here")
    sys.exit(0)
import matplotlib  # noqa: E402

matplotlib.use("Agg")
page = pathlib.Path(sys.argv[1]).resolve()
blocks = re.findall(r"(?ms)^```python\n(.*?)^```$", page.read_text(encoding="utf-8"))
assert blocks, f"{page} has no Python"
names = {"__name__": "page"}
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for block in blocks:
        exec(compile(block, str(page), "exec"), names)
    os.chdir(page.parent)
