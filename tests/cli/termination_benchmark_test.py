"""The comparison of early terminations runs, goes on where it stopped, and counts what the studies count."""

import csv
import json
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import unittest

DOVETAIL, SCRIPT = sys.argv.pop(1), sys.argv.pop(1)
SPACE = """schema: dovetail.network_space/1
name: seen
input: {height: 8, width: 8, channels: 1}
defaults: act=relu
decisions:
  - {name: k, choices: [3, 5]}
  - {name: e, choices: [1, 2, 4]}
blocks:
  - conv k=3 s=2 c=8 name=stem
  - mb k=$k e=$e c=8
  - pool
  - fc c=4
"""
SEARCHES = [("random", "none"), ("random", "diverging"), ("hyperpower", "none"), ("hyperpower", "diverging")]


def write_images(folder):
    """Four classes, in each of which another band of rows is bright."""
    folder.mkdir()
    for name, count in (("train", 240), ("t10k", 80)):
        noise = random.Random(count)
        images = bytearray(struct.pack(">4I", 2051, count, 8, 8))
        for i in range(count):
            images += bytes((120 if y // 2 == i % 4 else 0) + noise.randrange(130) for y in range(8) for _ in range(8))
        (folder / f"{name}-images-idx3-ubyte").write_bytes(images)
        labels = struct.pack(">2I", 2049, count) + bytes(i % 4 for i in range(count))
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(labels)


def compared(folder):
    done = subprocess.run(
        [sys.executable, "-B", SCRIPT, "--dovetail", DOVETAIL, "--data", folder / "images", "-o", folder / "out",
         "--networks", folder / "seen.yaml", "--latency", "1", "--methods", "random", "hyperpower", "--evaluations", "5",
         "--initial", "3", "--epochs", "2", "--images", "0", "--validation", "40", "--batch", "20",
         "--lr", "0.00001", "0.05", "100"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


class TerminationBenchmark(unittest.TestCase):
    def test_what_terminations_save_is_counted_and_kept(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "seen.yaml").write_text(SPACE)
            write_images(folder / "images")
            printed = compared(folder)
            with open(folder / "out/termination.csv") as file:
                rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
            self.assertEqual([(row["strategy"], row["termination"]) for row in rows], SEARCHES)
            for row in rows:
                study = folder / "out" / f"{row['strategy']}-{row['termination']}-0" / "study"
                shown = subprocess.run([DOVETAIL, "study", "show", study, "--json", "-"], check=True, capture_output=True)
                trainings = json.loads(shown.stdout)["trainings"]
                self.assertEqual(int(row["trained"]), trainings["trainings"])
                self.assertEqual(int(row["epochs_trained"]), trainings["epochs_trained"])
                self.assertEqual(int(row["epochs_saved"]), trainings["epochs_saved"])
                self.assertLessEqual(int(row["false_stops"]), int(row["stopped"]))
            # The same candidates, of which some learn nothing at the least rate.
            self.assertLess(int(rows[1]["epochs_trained"]), int(rows[0]["epochs_trained"]))
            written = (folder / "out/random-none-0/study/study.db").stat().st_mtime
            self.assertEqual(compared(folder), printed)
            self.assertEqual((folder / "out/random-none-0/study/study.db").stat().st_mtime, written)


if __name__ == "__main__":
    unittest.main()
