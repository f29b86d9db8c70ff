#!/usr/bin/env python3
"""Installs the build into an empty folder and uses it from outside: the program, then the libraries; and
the Debian package of the program, unpacked.

usage: install_test.py CMAKE BUILD_FOLDER GENERATOR
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


def run(command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{command}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def require(condition, what):
    if not condition:
        sys.exit(f"failed: {what}")


def check_debian_package(cmake, build, folder):
    """What cpack makes is unpacked, not installed, and runs from there with its own data."""
    if shutil.which("dpkg-shlibdeps") is None:
        print("no dpkg-shlibdeps (Debian: dpkg-dev): no package is made")
        return
    run([pathlib.Path(cmake).with_name("cpack"), "-G", "DEB", "-B", folder], cwd=build)
    package, = folder.glob("dovetail_*.deb")
    files = run(["dpkg", "-c", package])
    for name in ("bin/dovetail", "share/dovetail/configs/", "share/dovetail/plots/page.js", "share/doc/dovetail/LICENSE"):
        require(f"./usr/{name}" in files, f"{name} in {files}")
    require("/include/" not in files and ".a\n" not in files, f"no headers, no libraries: {files}")
    require("libsystemc" in run(["dpkg", "-f", package, "Depends"]), "it depends on what the program loads")
    run(["dpkg", "-x", package, folder / "root"])
    program = folder / "root/usr/bin/dovetail"
    require(run([program, "--version"]), "a version")
    require("nahas_baseline" in run([program, "list", "accelerators"], cwd=folder), "its accelerators")


def main(cmake, build, generator):
    with tempfile.TemporaryDirectory() as folder:
        check_debian_package(cmake, build, pathlib.Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        prefix, outside = pathlib.Path(folder, "prefix"), pathlib.Path(folder, "build")
        run([cmake, "--install", build, "--prefix", prefix])

        # The installed program finds its data beside it, from any folder.
        program = prefix / "bin" / "dovetail"
        listed = run([program, "list", "accelerators"], cwd=folder)
        require("nahas_baseline" in listed, f"accelerators: {listed}")
        run([program, "export", "-n", "mobilenet_v2", "--torch", "torch"], cwd=folder)
        require(pathlib.Path(folder, "torch/dovetail_torch.py").is_file(), "the script for torch")

        run([cmake, "-S", pathlib.Path(__file__).parent, "-B", outside, "-G", generator,
             f"-DCMAKE_PREFIX_PATH={prefix}"])
        run([cmake, "--build", outside])
        answer = run([outside / "cheapest_chip", "mobilenet_v2", "nahas_edge", "5", "1000"], cwd=folder,
                     env={**os.environ, "DOVETAIL_CONFIGS": str(prefix / "share/dovetail/configs")})
        require(" mm2\n" in answer and "schema: dovetail.accelerator/1" in answer, f"answer: {answer}")


if __name__ == "__main__":
    main(*sys.argv[1:])
