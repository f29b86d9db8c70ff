#!/usr/bin/env python3
"""The code of a notebook runs, cell after cell, and what its cells end with can be shown.

usage: notebook_test.py NOTEBOOK      skipped without pandas, matplotlib or what else it imports

No notebook server is needed: a cell is executed, and the value of a last expression is shown as one does it.
"""

import ast
import importlib.util
import json
import os
import pathlib
import sys
import tempfile

notebook = pathlib.Path(sys.argv[1]).resolve()
wanted = ["pandas", "matplotlib"] + (["optuna"] if "co_search" in notebook.name else [])
missing = [name for name in wanted if not importlib.util.find_spec(name)]
if missing:
    print(f"this Python has no {', '.join(missing)}: nothing to see here")
    sys.exit(0)
import matplotlib  # noqa: E402

matplotlib.use("Agg")


def show(value):
    """As a notebook shows it; the text says at least something."""
    as_html = getattr(value, "_repr_html_", None)
    text = as_html() if as_html else None
    assert text or repr(value)


def run(source, name, names):
    tree = ast.parse(source, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), names)
    if last:
        show(eval(compile(ast.Expression(last.value), name, "eval"), names))


cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
assert all(not cell.get("outputs") for cell in cells), f"{notebook.name} is kept without outputs"
code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
assert code, f"{notebook.name} has no code"
names = {"__name__": "__main__"}
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for position, source in enumerate(code, start=1):
        run(source, f"{notebook.name}, cell {position}", names)
    os.chdir(notebook.parent)
