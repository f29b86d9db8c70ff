#!/usr/bin/env python3
"""scripts/chosen_labels.py and scripts/tuned_search.py, in small: whole tables, and the same from what is there.
usage: surrogate_scripts_test.py FOLDER_OF_SCRIPTS DOVETAIL"""

import pathlib
import subprocess
import sys
import tempfile
import unittest


def run(script, folder, *options):
    command = [sys.executable, "-B", str(SCRIPTS / script), "--dovetail", DOVETAIL, "-o", folder, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(table):
    return [[cell.strip() for cell in line.strip().strip("|").split("|")]
            for line in table.splitlines() if line.startswith("| ") and not line.startswith("| ---")]


class SurrogateScriptsTest(unittest.TestCase):
    def test_chosen_labels_are_compared_with_as_many_random_ones(self):
        with tempfile.TemporaryDirectory() as folder:
            options = ("--labels", "120", "--epochs", "1", "--fresh", "60", "--seeds", "2")
            table = run("chosen_labels.py", folder, *options)
            found = rows(table)[1:]
            self.assertLessEqual({("120", cost, pairs) for cost in ("latency", "energy")
                                  for pairs in ("all", "small accelerators")}, {tuple(row[:3]) for row in found}, table)
            for row in found:
                self.assertGreater(float(row[3].split()[0]), 1)
                self.assertNotEqual(row[3], row[4])
            self.assertEqual(table, run("chosen_labels.py", folder, *options))

    def test_answers_of_six_judges_are_simulated_on_the_device(self):
        with tempfile.TemporaryDirectory() as folder:
            table = run("tuned_search.py", folder, "--pairs", "300", "--epochs", "2", "--draws", "1", "--seeds", "1",
                        "--evaluations", "25")
            found = rows(table)[1:]
            self.assertEqual(len(found), 5 * 6, table)
            for row in found:
                if row[1] == "the device" and row[3]:
                    self.assertLessEqual(float(row[2]), 0, table)  # what was simulated holds the limit
            self.assertIn("Mean of the absolute errors: the device", table)


if __name__ == "__main__":
    SCRIPTS, DOVETAIL = pathlib.Path(sys.argv[1]), sys.argv[2]
    unittest.main(argv=sys.argv[:1])
