#!/usr/bin/env python3
"""scripts/buffer_shares.py, on a made-up program of which every share is known, and on the real one.
usage: buffer_shares_test.py SCRIPT DOVETAIL"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

# Answers like the program: leakage of which local memory is 40 %, and of a network's dynamic energy 10 % on the
# chip, register files 20 %; DRAM takes as much again. 'large' has twice the local memory; 'huge' does not fit.
MADE_UP = r"""#!/usr/bin/env python3
import json, sys
args = dict(zip(sys.argv[2:], sys.argv[3:]))
parts = ["macs", "vector_units", "register_files", "local_memory", "interconnect", "io", "clock"]
if sys.argv[1] == "area":
    answer = {"components_leakage_mw": {"macs": 5, "local_memory": 4, "register_files": 1}}
else:
    network = args["-n"]
    mj = {"macs": 4, "register_files": 2, "local_memory": 1, "clock": 3}
    if network == "large":
        mj.update(local_memory=2, clock=2)
    answer = {"feasible": network != "huge", "leakage_mj": 1000, "dram_mj": 10}
    answer.update({part + "_mj": mj.get(part, 0) for part in parts})
with open(args["--json"], "w") as stream:
    json.dump(answer, stream)
"""


class BufferSharesTest(unittest.TestCase):
    def rows(self, program, *arguments):
        done = subprocess.run([sys.executable, "-B", SCRIPT, "--dovetail", program, *arguments],
                              capture_output=True, text=True, check=True)
        return [[cell.strip() for cell in line.strip("|").split("|")]
                for line in done.stdout.splitlines()]

    def test_shares_are_those_of_the_answers(self):
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "dovetail"
            program.write_text(MADE_UP)
            program.chmod(0o755)
            rows = self.rows(str(program), "--accelerators", "chip", "--networks", "small,large,huge")
        self.assertEqual(rows[3:], [
            ["chip", "local memory", "2", "40", "15 (10 to 20)", "8 (5 to 10)"],
            ["chip", "local memory and register files", "2", "50", "35 (30 to 40)", "18 (15 to 20)"]])

    def test_the_program_has_all_that_is_asked_for(self):
        rows = self.rows(DOVETAIL, "--accelerators", "coral_usb", "--networks", "mobilenetv2_1.0_224")
        self.assertEqual(rows[2][3:5], ["48", "36"])
        self.assertEqual([row[2] for row in rows[3:]], ["1", "1"])
        self.assertTrue(0 < float(rows[3][3]) < float(rows[4][3]) < 100)


if __name__ == "__main__":
    SCRIPT, DOVETAIL = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
