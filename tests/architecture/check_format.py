#!/usr/bin/env python3
"""Checks that every C++ file is laid out as .clang-format says.

usage: check_format.py CLANG_FORMAT ROOT      prints the files that are not; exit 1 if there are any
"""

import pathlib
import subprocess
import sys

from check_includes import source_files


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    clang_format, root = arguments
    files = list(source_files(pathlib.Path(root)))
    checked = subprocess.run([clang_format, "--dry-run", "--Werror", *files], cwd=root,
                             capture_output=True, text=True)
    wrong = sorted({line.split(":")[0] for line in checked.stderr.splitlines() if ": error: " in line})
    print("\n".join(f"{name}: not as clang-format lays it out" for name in wrong))
    if wrong:
        print(f"{clang_format} -i {' '.join(wrong)}")
    return 1 if wrong or checked.returncode else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
