#!/usr/bin/env python3
"""scripts/memory_effects.py, on a made-up exploration of which every share is known, and on a real one.
usage: memory_effects_test.py SCRIPT DOVETAIL"""

import csv
import itertools
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

CHOICES = {"pes_x": ["1", "2"], "pes_y": ["1"], "register_file_kib": ["8", "128", "32"],
           "local_memory_mib": ["0.5", "4"], "io_bandwidth_gbps": ["5", "25"]}


def made_up(choices):
    """Latency and area, or None. Memory helps by 2.5 % with one PE alone; register files of 128 KiB cost 1 %
    with the most bandwidth, and without it gain 1.5 %; of 32 KiB they change nothing."""
    pes, _, registers, memory, bandwidth = map(float, choices)
    if (pes, registers, memory) == (2, 8, 0.5):
        return None
    latency = 10 / pes / bandwidth
    latency *= 0.975 if memory == 4 and pes == 1 else 1
    if registers == 128:
        latency *= 1.01 if bandwidth == 25 else 0.985
    return latency, 10 * pes + memory + registers / 128


SPACE = """schema: dovetail.design_space/1
name: tiny
base: nahas_baseline
decisions:
  - {name: register_file_kib, choices: [8, 128]}
  - {name: local_memory_mib, choices: [0.5, 4]}
"""


class MemoryEffectsTest(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)

    def tearDown(self):
        self.temporary.cleanup()

    def write(self, name, rows=None, schema="dovetail.exploration/1", space="a"):
        every = list(itertools.product(*CHOICES.values()))
        lines = [f"# schema: {schema}", f"# space_checksum: {space}", f"# network: {name}",
                 f"# configurations: {len(every)}",
                 ",".join(["index", *CHOICES, "latency_ms", "cycles", "area_mm2", "energy_mj", "reason"])]
        for i, choices in enumerate(every[:rows]):
            found = made_up(choices)
            figures = [f"{found[0]!r}", "1", f"{found[1]!r}", "1", ""] if found else ["", "", "1", "", "too_small"]
            lines.append(",".join([str(i), *choices, *figures]))
        file = self.folder / f"{name}.csv"
        file.write_text("\n".join(lines) + "\n")
        return file

    def run_script(self, *args):
        return subprocess.run([sys.executable, "-B", SCRIPT, *map(str, args)], capture_output=True, text=True)

    def cells(self, text, begins):
        """The cells of the row of a table that begins so."""
        rows = [line for line in text.splitlines() if line.startswith(begins)]
        self.assertEqual(len(rows), 1, begins)
        return re.split(r"  +", rows[0])

    def test_shares_are_those_of_the_made_up_costs(self):
        done = self.run_script(self.write("net"))
        self.assertEqual(done.returncode, 0, done.stderr)
        # Of 2 * 3 * 2 pairs two (two PEs, 8 KiB) lack one side; the six of one PE are 2.5 % faster.
        self.assertEqual(self.cells(done.stdout, "local_memory_mib 0.5 -> 4"),
                         ["local_memory_mib 0.5 -> 4", "net", "10", "2", "60.00", "60.00", "40.00", "0.00"])
        # Of 2 * 2 * 2 pairs two lack one side; three of six have 5 GB/s.
        self.assertEqual(self.cells(done.stdout, "register_file_kib 8 -> 128"),
                         ["register_file_kib 8 -> 128", "net", "6", "2", "0.00", "50.00", "0.00", "50.00"])
        # 8 -> 32: six that are the same; 32 -> 128: four faster and four slower.
        self.assertEqual(self.cells(done.stdout, "register_file_kib  net"),
                         ["register_file_kib", "net", "14", "2", "0.00", "28.57", "42.86", "28.57", "+1.00"])
        self.assertEqual(self.cells(done.stdout, "io_bandwidth_gbps")[-2:], ["0.00", "-79.49"])
        # One PE costs 10 mm2 at least, two 20: the fastest, and of equally fast ones the smallest.
        self.assertEqual(self.cells(done.stdout, "20 ")[2:], ["0.3900", "14.06", "4", "1", "1", "8", "4", "25"])
        self.assertEqual(self.cells(done.stdout, "77 ")[2:], ["0.2000", "20.75", "1", "2", "1", "32", "0.5", "25"])
        self.assertIn("3 of 3 have the most IO bandwidth; 0 of 3 also", done.stdout)

    def test_too_little_area_has_no_design(self):
        done = self.run_script(self.write("net"), self.write("other"), "--areas", "1,11")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("2 of 4 have the most IO bandwidth; 2 of 4 also", done.stdout)

    def test_what_cannot_be_used_is_refused(self):
        for arguments, says in [((self.folder / "none.csv",), "none.csv"),
                                ((self.write("a", schema="dovetail.pareto/1"),), "found schema 'dovetail.pareto/1'"),
                                ((self.write("b", rows=7),), "found 7 configurations, allowed 24"),
                                ((self.write("c"), self.write("d", space="b")), "d.csv: of another space"),
                                ((self.write("e"), "--areas", "much"), "found 'much'")]:
            done = self.run_script(*arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn(says, done.stderr)

    def test_a_real_exploration_is_read(self):
        (self.folder / "tiny.yaml").write_text(SPACE)
        explored = subprocess.run([DOVETAIL, "-q", "explore", "-n", "mobilenetv1_0.25_128", "-s", "./tiny.yaml", "-o", "."],
                                  cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(explored.returncode, 0, explored.stderr)
        file = self.folder / "mobilenetv1_0.25_128.csv"
        done = self.run_script(file)
        self.assertEqual(done.returncode, 0, done.stderr)
        with file.open() as stream:
            rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
        worst = max(float(rows[to]["latency_ms"]) / float(rows[at]["latency_ms"]) for at, to in ((0, 2), (1, 3)))
        self.assertEqual(self.cells(done.stdout, "register_file_kib  mobilenet")[-1], f"{100 * (worst - 1):+.2f}")


if __name__ == "__main__":
    SCRIPT = pathlib.Path(sys.argv[1]).resolve()
    DOVETAIL = pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=sys.argv[:1])
