#!/usr/bin/env python3
"""scripts/fpga_tuning.py on a made-up device: another accelerator of the simulator, three times as slow.
usage: fpga_tuning_test.py SCRIPT DOVETAIL"""

import csv
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

NETWORKS = 90
CHOICES = {"e": ("1", "4", "6"), "k": ("3", "5"), "l": ("1", "2", "3"), "se": ("0", "1")}
ROW = re.compile(r"\| ([^|]+) \| ([\d.]+) \+- [\d.]+ \| ([-\d.]+) \+- [\d.]+ \| (?:\d of 2)? \|")


def made_up():
    """Networks by the names of their decisions, and what the device takes for each."""
    draw = random.Random(1)
    networks = [{f"{kind}{stage}": draw.choice(choices) for kind, choices in CHOICES.items() for stage in range(7)}
                for _ in range(NETWORKS)]
    requests = [{"network": {"space": "anb_effnet", "choices": network}, "accelerator": "coral_edge_tpu",
                 "figures": ["latency_ms"]} for network in networks]
    done = subprocess.run([DOVETAIL, "evaluate", "-w", "1"], input="".join(json.dumps(r) + "\n" for r in requests),
                          capture_output=True, text=True, check=True)
    return networks, [3 * json.loads(line)["figures"]["latency_ms"] for line in done.stdout.splitlines()]


class FpgaTuningTest(unittest.TestCase):
    def run_script(self, data, *words):
        return subprocess.run([sys.executable, "-B", SCRIPT, DOVETAIL, "--data", data, "--labels", "300", "--epochs", "30",
                               "--draws", "2", "--measurements", "20", "--devices", "zcu102", *words],
                              capture_output=True, text=True, check=False)

    def test_each_way_has_its_errors_and_tuning_helps(self):
        networks, latencies = made_up()
        with tempfile.TemporaryDirectory() as folder:
            data = pathlib.Path(folder) / "anb.csv"
            with open(data, "w", newline="", encoding="utf-8") as text:
                rows = csv.writer(text)
                rows.writerow([*networks[0], "val_top1", "latency_zcu102", "latency_vck190"])
                for network, ms in zip(networks, latencies):
                    rows.writerow([*network.values(), 60, ms, ""])
                rows.writerow([*networks[0].values(), 60, "", ""])  # not measured
            done = self.run_script(str(data))
        self.assertEqual(done.returncode, 0, done.stderr)
        as_it_is = re.search(rf"zcu102: {NETWORKS} networks; the surrogate as it is: MAPE ([\d.]+) %", done.stdout)
        self.assertIsNotNone(as_it_is, done.stdout)
        found = {name: (float(mape), float(tau)) for name, mape, tau in ROW.findall(done.stdout)}
        self.assertEqual(len(found), 7, done.stdout)
        for mape, tau in found.values():
            self.assertTrue(0 < mape < 200 and -1 <= tau <= 1)
        tuned, factor = (found[next(name for name in found if start in name)][0] for start in ("tuned:", "one factor"))
        self.assertLess(tuned, float(as_it_is[1]) / 2)
        self.assertLess(factor, float(as_it_is[1]))

    def test_an_accelerator_that_is_not_there_ends_with_its_name(self):
        done = self.run_script("none.csv", "-a", "no_such_accelerator")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("no_such_accelerator", done.stderr)


if __name__ == "__main__":
    SCRIPT, DOVETAIL = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
