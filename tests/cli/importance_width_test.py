#!/usr/bin/env python3
"""scripts/importance_width.py, by the predictor alone: what widening by importance is worth at equal parameters.
usage: importance_width_test.py SCRIPT DOVETAIL"""

import re
import subprocess
import sys
import unittest


class ImportanceWidthTest(unittest.TestCase):
    def test_widening_by_importance_beats_widening_all(self):
        done = subprocess.run([sys.executable, "-B", SCRIPT, DOVETAIL], capture_output=True, text=True, check=True)
        uniform = re.search(r"all 3, 4, 6: ([\d.]+) % at 1.779 M; ([\d.]+) % at 2.628 M; ([\d.]+) % at 4.780 M",
                            done.stdout)
        self.assertIsNotNone(uniform, done.stdout)
        narrow, middle, wide = map(float, uniform.groups())
        self.assertTrue(narrow < middle < wide)
        top, price, gain = map(float, re.search(
            r"at the price of all 4: ([\d.]+) % at ([\d.]+) M: \+([\d.]+) points", done.stdout).groups())
        self.assertLessEqual(price, 2.628)
        self.assertAlmostEqual(top - middle, gain, delta=0.011)
        self.assertAlmostEqual(gain, 0.30, delta=0.05)
        saved = float(re.search(r"as accurate as all 4: [\d.]+ M: -([\d.]+) %", done.stdout).group(1))
        self.assertAlmostEqual(saved, 11, delta=1.5)
        widths = re.search(r"expansions by stage: ((?:[346]{4} ?){5})", done.stdout).group(1)
        self.assertEqual(len(widths.replace(" ", "").strip()), 20)

    def test_a_point_that_is_refused_ends_with_its_reason(self):
        done = subprocess.run([sys.executable, "-B", SCRIPT, DOVETAIL, "-a", "no_such_accelerator"],
                              capture_output=True, text=True, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("no_such_accelerator", done.stderr)


if __name__ == "__main__":
    SCRIPT, DOVETAIL = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
