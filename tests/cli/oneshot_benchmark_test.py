"""The comparison of one-shot searches runs, goes on where it stopped, and says the same then."""

import csv
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
METHODS = ["oneshot", "single_step", "fixed", "shared_random", "children"]


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
         "--networks", folder / "seen.yaml", "--accelerators", "tiny_edge", "--targets", "0.006", "--methods", *METHODS,
         "--epochs", "4", "--images", "0", "--child-epochs", "2", "--evaluations", "6", "--shards", "2", "--batch", "20",
         "--validation", "40", "--finish-epochs", "2"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


class OneshotBenchmark(unittest.TestCase):
    def test_every_way_is_compared_and_kept(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "seen.yaml").write_text(SPACE)
            write_images(folder / "images")
            printed = compared(folder)
            with open(folder / "out/oneshot.csv") as file:
                rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
            self.assertEqual([row["method"] for row in rows], METHODS)
            for row in rows:
                self.assertGreater(float(row["test_percent"]), 15)
                error = 100 * abs(float(row["latency_ms"]) / 0.006 - 1)
                self.assertAlmostEqual(float(row["latency_error_percent"]), error, places=6)
            begun = (folder / "out/oneshot_0.006_0/seconds.txt").stat().st_mtime
            self.assertEqual(compared(folder), printed)
            self.assertEqual((folder / "out/oneshot_0.006_0/seconds.txt").stat().st_mtime, begun)


if __name__ == "__main__":
    unittest.main()
