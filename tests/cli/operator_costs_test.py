#!/usr/bin/env python3
"""scripts/operator_costs.py: its tables are whole and say what they count. usage: operator_costs_test.py SCRIPT DOVETAIL"""

import re
import subprocess
import sys
import unittest


class OperatorCostsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        run = subprocess.run([sys.executable, "-B", SCRIPT, DOVETAIL, "-a", "nahas_baseline", "nvdla_2048"],
                             capture_output=True, text=True, check=True)
        cls.blocks, cls.convolutions = run.stdout.split("Latency of kinds")

    def test_fused_blocks_win_as_often_as_is_said_and_first_where_maps_are_large(self):
        rows = [line.strip("| ").split(" | ") for line in self.blocks.splitlines() if re.match(r"\| \d", line)]
        self.assertEqual(len(rows), 11)
        said = re.search(r"fused wins \| (\d+) of 44 \| (\d+) of 44", self.blocks).groups()
        for column, wins in enumerate(said, 1):
            ratios = [[float(cell) for cell in row[column].split(", ")] for row in rows]
            self.assertEqual(sum(r < 1 for row in ratios for r in row), int(wins))
            self.assertEqual({len(row) for row in ratios}, {4})
            # Where there are few channels the dense convolution costs least against the depthwise one.
            self.assertLess(min(ratios[0]), min(ratios[-1]))

    def test_every_kind_of_convolution_has_a_latency(self):
        rows = re.findall(r"\| (\w+) \| (\d+x\d+x\d+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|", self.convolutions)
        self.assertEqual(len(rows), 10)
        for row in rows:
            conv, _, dilated, _ = map(float, row[2:])
            self.assertLess(abs(dilated / conv - 1), 0.05)  # as many products, of further apart


if __name__ == "__main__":
    SCRIPT, DOVETAIL = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
