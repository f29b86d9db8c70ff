#!/usr/bin/env python3
"""Are chosen labels worth more than random ones? Surrogates of equally many simulations: all random pairs, or
half of them random and the other half what a model of the first half proposes (`dovetail train --propose`).

usage: chosen_labels.py [--dovetail PROGRAM] [--space ofa_mbv3] [--labels 2000,6000] [--seeds 3] [-o FOLDER]

Errors are those of fresh random pairs (`dovetail validate`), the same for all models: of all of them, of the third of
the accelerators with the least peak, and of those near the border of what is feasible. Files that are there are used
again."""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COSTS = ("latency", "energy")
MOST_PROPOSED = 1000  # at once
REGIONS = ("small accelerators", "near infeasible")  # those that the table has beside all pairs


class Runs:
    def __init__(self, arguments):
        self.arguments, self.folder = arguments, arguments.output
        self.folder.mkdir(parents=True, exist_ok=True)

    def make(self, name, *words):
        """The file of this name, made by a command that takes -o."""
        file = self.folder / name
        if not file.exists():
            done = subprocess.run([self.arguments.dovetail, "-q", *map(str, words), "-o", str(file)],
                                  capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"chosen_labels: {' '.join(map(str, words))}: {done.stderr.strip()}")
        return file

    def label(self, name, *words):
        return self.make(name, "label", "-s", self.arguments.space, *words)

    def train(self, name, data, seed):
        return self.make(name, "train", "-d", data, "--seed", seed, "--epochs", self.arguments.epochs)

    def errors(self, name, model):
        """(cost, region) -> MAPE in percent."""
        report = json.loads(self.make(name, "validate", "-m", model, "-c", self.arguments.fresh, "--worst", 0)
                            .read_text())
        found = {}
        for cost in COSTS:
            found[cost, "all"] = report["errors"][cost]["mape_percent"]
            for region in report["regions"]:
                if region["region"] in REGIONS and region["errors"][cost]["pairs"]:
                    found[cost, region["region"]] = region["errors"][cost]["mape_percent"]
        return found


def compare(runs, labels, seed):
    """Errors of the random and of the chosen labels."""
    half = labels // 2
    first = runs.label(f"first-{labels}-{seed}.h5", "-c", half, "--seed", seed)
    every = runs.label(f"random-{labels}-{seed}.h5", "-c", labels, "--seed", seed)
    model = runs.train(f"first-{labels}-{seed}.model.h5", first, seed)
    chosen = []
    for begin in range(0, labels - half, MOST_PROPOSED):
        part = f"{labels}-{seed}-{begin}"
        proposed = runs.make(f"proposed-{part}.csv", "train", "--propose", min(MOST_PROPOSED, labels - half - begin),
                             "-m", model, "--seed", 1000 * seed + begin)
        chosen.append(runs.label(f"chosen-{part}.h5", "--pairs", proposed))
    both = runs.make(f"both-{labels}-{seed}.h5", "dataset", "merge", first, *chosen, "--drop-repeated")
    return [runs.errors(f"{name}-{labels}-{seed}.json", runs.train(f"{name}-{labels}-{seed}.model.h5", data, seed))
            for name, data in (("random", every), ("both", both))]


def cell(values):
    return f"{statistics.mean(values):.2f} +- {statistics.stdev(values) if len(values) > 1 else 0:.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dovetail", default=str(ROOT / "build" / "native" / "cli" / "dovetail"))
    parser.add_argument("--space", default="ofa_mbv3")
    parser.add_argument("--labels", default="2000,6000")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--fresh", type=int, default=2000, help="pairs that errors are measured on")
    parser.add_argument("-o", "--output", type=pathlib.Path, default=pathlib.Path("chosen-labels"))
    arguments = parser.parse_args()
    runs = Runs(arguments)
    print(f"MAPE of {arguments.fresh} fresh pairs of {arguments.space} x nahas_edge [%], mean and deviation of "
          f"{arguments.seeds} seeds\n\n| labels | cost | pairs | all random | half chosen |\n| --- | --- | --- | --- | --- |")
    for labels in map(int, arguments.labels.split(",")):
        found = [compare(runs, labels, seed) for seed in range(1, arguments.seeds + 1)]
        for key in (key for key in found[0][0] if all(key in errors for pair in found for errors in pair)):
            random, chosen = ([pair[which][key] for pair in found] for which in (0, 1))
            print(f"| {labels} | {key[0]} | {key[1]} | {cell(random)} | {cell(chosen)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
