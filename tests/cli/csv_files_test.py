#!/usr/bin/env python3
"""Every CSV file that the program writes, as another program sees it: by Python's csv module once the comment lines are
dropped, and by pandas where it is installed.
usage: csv_files_test.py DOVETAIL FILES_MD"""

import csv
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import unittest

try:
    import pandas
except ImportError:
    pandas = None

SPACE = """schema: dovetail.design_space/1
name: tiny
base: nahas_baseline
decisions:
  - {name: pes_x, unit: PEs, choices: [2, 4]}
  - {name: io_bandwidth_gbps, unit: GB/s, choices: [10, 20]}
"""
STUDY = """schema: dovetail.study/1
name: "a study, with a comma"
network: {space: ofa_mbv3}
hardware: {space: nahas_edge}
accuracy: {source: predictor, file: ofa_mbv3}
cost: {model: surrogate_then_simulation, surrogate: {labels: 300, epochs: 2}, resimulate: 10, rounds: 2, stop_gain_percent: 0}
objective: {pareto: [top1_percent, latency_ms], reference: {top1_percent: 60, latency_ms: 5},
  reward: {kind: one_sided, targets: {latency_ms: 1}}}
constraints: {area_mm2: baseline}
strategy: {name: regularized_evolution, population: 10, tournament: 3}
evaluations: 60
seeds: [1]
comparison: fixed_hardware
"""
COMMANDS = """
simulate -n mobilenet_v2 -a nahas_baseline --csv layers.csv
simulate -n mobilenet_v2 -n resnet_18 -a nahas_baseline -a nahas_edge-0 --csv pairs.csv
explain -n mobilenet_v2 -a nahas_baseline -l blocks.3.dw --csv steps.csv
sample -s ofa_mbv3 -c 3 -o samples
scale -n mobilenetv2_0.35_96 -a nahas_baseline --latency-growth 0.01 -o scaled
explore -n mobilenetv1_0.25_128 -s ./tiny.yaml -o explored --sensitivity
explore -n mobilenetv1_0.25_128 -n mobilenetv2_0.35_96 -s ./tiny.yaml -o chosen --choose latency_ms_sum --max area_mm2=80
label -s ofa_mbv3 -c 300 -o l.h5
dataset export-csv l.h5 -o rows.csv
train -d l.h5 -o m.h5 --epochs 2 --hidden 16
train --propose 5 -m m.h5 -o plan.csv
validate -m m.h5 -c 50 --csv parity.csv
compare-surrogates -d l.h5 --labels 100 --epochs 1 --models log_linear,mlp -o compared.csv
search ./study.yaml -o found
study export found --csv trials.csv
study best found --csv best.csv
study compare found found --csv comparison.csv --attainment attained.csv
"""
# Where the build can train.
TRAINING = "train-network -n ./seen.yaml -d images -o trained --epochs 1 --warmup-epochs 0 --batch 8 --validation 8"
SEEN = """schema: dovetail.network/1
name: seen
input: {height: 4, width: 4, channels: 1}
blocks:
  - conv k=3 c=4 act=relu
  - pool
  - fc c=2
"""
# Of commands that run for minutes.
FROM_BENCHMARKS = {"regret", "regret_runs", "claims", "targets", "gradient", "lambda_tuning", "lambda_lengths",
                   "claims_networks", "cost_models", "fidelity_regrets", "oneshot", "oneshot_benchmark",
                   "termination_benchmark"}


def write_images(folder):
    folder.mkdir()
    for name, count in (("train", 32), ("t10k", 8)):
        images = struct.pack(">4I", 2051, count, 4, 4) + bytes(i % 251 for i in range(count * 16))
        (folder / f"{name}-images-idx3-ubyte").write_bytes(images)
        labels = struct.pack(">2I", 2049, count) + bytes(i % 2 for i in range(count))
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(labels)


class CsvFilesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        (cls.folder / "tiny.yaml").write_text(SPACE)
        (cls.folder / "study.yaml").write_text(STUDY)
        (cls.folder / "seen.yaml").write_text(SEEN)
        write_images(cls.folder / "images")
        cls.not_made = set(FROM_BENCHMARKS)
        commands = COMMANDS.strip().splitlines()
        if (DOVETAIL.parent / "dovetail_trainer").exists():
            commands.append(TRAINING)
        else:
            cls.not_made |= {"training_curve", "training_timings"}
        for command in commands:
            done = subprocess.run([DOVETAIL, "-q", *command.split()], cwd=cls.folder, capture_output=True, text=True)
            assert done.returncode == 0, f"{command}: {done.stderr}"
        cls.files = sorted(cls.folder.rglob("*.csv"))
        cls.build = subprocess.run([DOVETAIL, "--version"], capture_output=True, text=True).stdout.splitlines()[0]

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def lines(self, file):
        return file.read_text(encoding="utf-8").splitlines(keepends=True)

    def schema(self, file):
        return re.fullmatch(r"# schema: dovetail\.(\w+)/\d+\n", self.lines(file)[0])[1]

    def test_each_says_what_it_is_and_what_made_it(self):
        for file in self.files:
            with self.subTest(file=file.name):
                self.assertRegex(self.lines(file)[0], r"^# schema: dovetail\.\w+/\d+\n$")
                self.assertEqual(self.lines(file)[1], f"# build: {self.build}\n")

    def test_each_is_a_table(self):
        for file in self.files:
            with self.subTest(file=file.name):
                rows = list(csv.reader(line for line in self.lines(file) if not line.startswith("#")))
                self.assertGreater(len(rows), 1)
                self.assertEqual({len(row) for row in rows}, {len(rows[0])})
                self.assertEqual(len(set(rows[0])), len(rows[0]), "a name twice")

    def test_figures_have_seven_digits(self):
        whole = {"exploration", "exploration_front", "dataset_rows"}  # are read back
        for file in self.files:
            if self.schema(file) in whole:
                continue
            for row in csv.reader(line for line in self.lines(file) if not line.startswith("#")):
                for cell in row:
                    number = re.fullmatch(r"-?(\d+)\.(\d+)(e[+-]\d+)?", cell)
                    if number:
                        digits = (number[1] + number[2]).lstrip("0")
                        self.assertLessEqual(len(digits), 7, f"{file.name}: {cell}")

    def test_units_are_of_columns(self):
        for file in self.files:
            lines = self.lines(file)
            header = next(csv.reader([line for line in lines if not line.startswith("#")]))
            for line in lines:
                if line.startswith("# units: "):
                    for pair in line[len("# units: "):].strip().split(", "):
                        self.assertIn(pair.split("=")[0], header, file.name)

    @unittest.skipIf(pandas is None, "no pandas")
    def test_pandas_reads_each(self):
        for file in self.files:
            with self.subTest(file=file.name):
                rows = list(csv.reader(line for line in self.lines(file) if not line.startswith("#")))
                table = pandas.read_csv(file, comment="#")
                self.assertEqual(list(table.columns), rows[0])
                self.assertEqual(len(table), len(rows) - 1)

    def test_the_documentation_has_each(self):
        documented = set(re.findall(r"`dovetail\.(\w+)/\d+` \|", FILES_MD.read_text(encoding="utf-8")))
        self.assertEqual({self.schema(file) for file in self.files} | self.not_made, documented)


if __name__ == "__main__":
    DOVETAIL = pathlib.Path(sys.argv[1]).resolve()
    FILES_MD = pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=sys.argv[:1])
