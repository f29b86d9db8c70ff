#!/usr/bin/env python3
"""scripts/space_ranking.py: a table for each limit, and nothing searched where no space holds it.
usage: space_ranking_test.py SCRIPT DOVETAIL"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest


class SpaceRankingTest(unittest.TestCase):
    def test_ranks_the_family_and_searches_the_best(self):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-B", SCRIPT, "--dovetail", DOVETAIL, "-o", folder, "--limits", "0.5,0.01",
                       "--samples", "6", "--evaluations", "12", "--seeds", "2"]
            first = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            again = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            self.assertEqual(first, again)  # what was searched is used again
            self.assertIn("90 networks simulated to rank 15 spaces", first)
            row = re.search(r"\| 0.5 \| (\d+) px, up to [346] \| (\d+) % \| (\d+) \|(.*)\|", first)
            self.assertIsNotNone(row, first)
            self.assertIn(int(row.group(1)), (160, 176, 192, 208, 224))
            tops = [float(cell.split()[0]) for cell in row.group(4).split("|")]
            self.assertEqual(len(tops), 3)
            for top in tops:
                self.assertTrue(70 < top < 78, first)
            self.assertIn("| 0.01 | none has one network in twenty within the limit |", first)
            restricted = (pathlib.Path(folder) / "best-0.5.yaml").read_text()
            self.assertIn(f"choices: [{row.group(1)}]", restricted)


if __name__ == "__main__":
    SCRIPT, DOVETAIL = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
