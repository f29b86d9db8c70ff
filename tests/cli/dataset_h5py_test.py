#!/usr/bin/env python3
"""Data sets as plain h5py sees them, without a line of Dovetail's: layout, units, seal, and the
example of docs/surrogate.md.
usage: dataset_h5py_test.py DOVETAIL SURROGATE_MD"""

import contextlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import h5py
import numpy

ROWS = 300
# name: (type, columns, unit)
ARRAYS = {
    "network_choices": ("u1", "network_space", None),
    "hardware_choices": ("u1", "hardware_space", None),
    "reason": ("u1", None, None),
    "latency_ms": ("<f8", None, "ms"),
    "cycles": ("<i8", None, "cycles"),
    "area_mm2": ("<f8", None, "mm2"),
    "energy_mj": ("<f8", None, "mJ"),
}


def fnv1a64(data):
    value = 14695981039346656037
    for byte in data:
        value = ((value ^ byte) * 1099511628211) % 2**64
    return f"{value:016x}"


class DatasetH5pyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = pathlib.Path(cls.folder.name, "pairs.h5")
        subprocess.run([DOVETAIL, "label", "-q", "-s", "ofa_mbv3", "-c", str(ROWS), "--seed", "5",
                        "-w", "1", "-o", cls.path], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_attributes_say_what_holds_for_all_rows(self):
        with h5py.File(self.path) as file:
            self.assertEqual(set(file.attrs),
                             {"schema", "rows", "seed", "simulator", "simulator_probe",
                              "technology", "network_space", "hardware_space", "reasons"})
            self.assertTrue(file.attrs["schema"].startswith("dovetail.dataset/"))
            self.assertEqual(file.attrs["rows"], str(ROWS))
            self.assertEqual(file.attrs["seed"], "5")
            self.assertEqual(file.attrs["technology"], "16nm")
            version = subprocess.run([DOVETAIL, "--version"], capture_output=True, text=True,
                                     check=True).stdout.strip()
            self.assertEqual(file.attrs["simulator"], version)
            self.assertRegex(file.attrs["simulator_probe"], "^[0-9a-f]{16}$")
            self.assertEqual(json.loads(file.attrs["network_space"])["name"], "ofa_mbv3")
            self.assertEqual(json.loads(file.attrs["hardware_space"])["name"], "nahas_edge")
            self.assertEqual(json.loads(file.attrs["reasons"])[0], "none")

    def test_arrays_have_types_shapes_and_units(self):
        with h5py.File(self.path) as file:
            self.assertEqual(set(file), set(ARRAYS))
            for name, (kind, space, unit) in ARRAYS.items():
                shape = (ROWS,)
                if space:
                    shape += (len(json.loads(file.attrs[space])["decisions"]),)
                self.assertEqual(file[name].dtype, numpy.dtype(kind), name)
                self.assertEqual(file[name].shape, shape, name)
                self.assertEqual(file[name].attrs.get("unit"), unit, name)

    def test_choices_are_of_the_spaces_and_infeasible_rows_have_no_costs(self):
        with h5py.File(self.path) as file:
            for which in ("network", "hardware"):
                choices = file[f"{which}_choices"][:]
                decisions = json.loads(file.attrs[f"{which}_space"])["decisions"]
                counts = [len(decision["choices"]) for decision in decisions]
                self.assertTrue((choices < counts).all())
            feasible = file["reason"][:] == 0
            self.assertTrue(0 < feasible.sum() < ROWS)
            for name in ("latency_ms", "energy_mj"):
                numpy.testing.assert_array_equal(numpy.isfinite(file[name][:]), feasible)
            numpy.testing.assert_array_equal(file["cycles"][:] >= 0, feasible)
            self.assertTrue((file["area_mm2"][:] > 0).all())

    def test_the_seal_is_that_of_the_bytes(self):
        data = self.path.read_bytes()
        line = data[:512].rstrip(b"\0").decode()
        with h5py.File(self.path) as file:
            self.assertEqual(file.userblock_size, 512)
            schema = file.attrs["schema"]
        self.assertEqual(line, f"{schema} bytes={len(data) - 512} fnv1a64={fnv1a64(data[512:])}\n")

    def test_the_example_of_the_documentation_runs(self):
        text = pathlib.Path(SURROGATE_MD).read_text(encoding="utf-8")
        examples = [e for e in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "h5py" in e]
        self.assertTrue(examples)
        before = os.getcwd()
        os.chdir(self.folder.name)
        try:
            for example in examples:
                printed = io.StringIO()
                with contextlib.redirect_stdout(printed):
                    exec(compile(example, SURROGATE_MD, "exec"), {})
                self.assertIn(" ms", printed.getvalue())
                self.assertIn(" mJ", printed.getvalue())
        finally:
            os.chdir(before)


if __name__ == "__main__":
    DOVETAIL, SURROGATE_MD = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
