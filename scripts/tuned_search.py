#!/usr/bin/env python3
"""What a search finds on a surrogate that few measurements corrected, and on the simulator corrected by the same, beside
the surrogate as it was and beside the device itself, for which the shifted simulator of scripts/shifted_space.sh
stands in.

usage: tuned_search.py [--dovetail PROGRAM] [--pairs 20000] [--measured 20] [--draws 3] [--seeds 3] [-o FOLDER]

Networks of ofa_mbv3 on the accelerator that the space starts from, for five latencies of the device: those that a
tenth, three, five, seven and nine tenths of random networks hold. Each answer is the network of most top-1 that the
search believes to be within the latency; printed is how far the device is from the latency with it, its top-1, and
how many of the answers hold it. Files that are there are used again."""

import argparse
import csv
import pathlib
import random
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "python"))
import dovetail  # noqa: E402

SPACE, QUANTILES = "ofa_mbv3", (0.1, 0.3, 0.5, 0.7, 0.9)

STUDY = """schema: dovetail.study/1
name: {name}
scope: network
network: {{space: {space}}}
hardware: {{space: "{hardware}"}}
accuracy: {{source: predictor, file: {space}}}
objective: {{pareto: [top1_percent, latency_ms], reference: {{top1_percent: 60, latency_ms: {worst}}}}}
constraints: {{latency_ms: {target}}}
cost: {cost}
evaluations: {evaluations}
seeds: [{seeds}]
"""


class Runs:
    def __init__(self, arguments):
        self.arguments, self.folder = arguments, arguments.output.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)

    def run(self, *words):
        done = subprocess.run([self.arguments.dovetail, "-q", *map(str, words)], capture_output=True, text=True)
        if done.returncode != 0 and "no candidate holds" not in done.stderr:
            sys.exit(f"tuned_search: {' '.join(map(str, words))}: {done.stderr.strip()}")
        return done.stdout

    def make(self, name, *words):
        file = self.folder / name
        if not file.exists():
            self.run(*words, "-o", file)
        return file

    def measured(self, count, draw):
        """A file of so many pairs that the device runs, other ones for each draw."""
        pool = self.make("device.csv", "dataset", "export-csv",
                         self.make("device.h5", "label", "-s", SPACE, "--hardware", self.device(), "--technology",
                                   "28nm", "-c", 500, "--seed", 1))
        lines = [line for line in pool.read_text().splitlines() if not line.startswith("#")]
        reason = lines[0].split(",").index("reason")
        runs = [line for line in lines[1:] if line.split(",")[reason] == "none"]
        file = self.folder / f"measured-{count}-{draw}.csv"
        file.write_text("\n".join([lines[0], *runs[draw * 100:draw * 100 + count]]) + "\n")
        return file

    def measured_here(self, client, count, draw):
        """The same of random networks on the one accelerator alone."""
        file = self.folder / f"measured-here-{count}-{draw}.csv"
        space, generator = dovetail.Space(SPACE, client), random.Random(f"measured {draw}")
        networks = [space.sample(generator) for _ in range(count)]
        latencies = device_latencies(client, networks, str(self.folder / "nahas_shifted.yaml"))
        hardware = {}
        described = client.ask([{"accelerator": "nahas_baseline"}])[0]["accelerator"]
        for decision in dovetail.Space("nahas_edge", client).decisions:
            hardware[decision.name] = f"{described[decision.name]:g}"
        with open(file, "w", newline="", encoding="utf-8") as lines:
            table = csv.writer(lines, lineterminator="\n")
            table.writerow([f"network.{d.name}" for d in space.decisions] + [f"hardware.{name}" for name in hardware]
                           + ["latency_ms"])
            for choices, latency in zip(networks, latencies):
                table.writerow([choices[d.name] for d in space.decisions] + list(hardware.values()) + [latency])
        return file

    def device(self):
        if not (self.folder / "nahas_edge_shifted.yaml").exists():
            subprocess.run(["sh", ROOT / "scripts" / "shifted_space.sh", self.folder], check=True)
        return self.folder / "nahas_edge_shifted.yaml"

    def answers(self, name, hardware, cost, target):
        """Choices and top-1 of the best network within the target, of each seed."""
        study, folder = self.folder / f"{name}.yaml", self.folder / name
        study.write_text(STUDY.format(
            name=name, space=SPACE, hardware=hardware, cost=cost, target=f"{target:.9g}", worst=f"{3 * target:.9g}",
            evaluations=self.arguments.evaluations, seeds=", ".join(map(str, range(self.arguments.seeds)))))
        self.run("search", study, "-o", folder, *(["--resume"] if folder.exists() else []))
        best = {}
        for row in csv.DictReader(line for line in self.run("study", "export", folder, "--csv", "-").splitlines()
                                  if not line.startswith("#")):
            if not row["top1_percent"] or not row["latency_ms"] or float(row["latency_ms"]) > target:
                continue
            if row["seed"] not in best or float(row["top1_percent"]) > best[row["seed"]][1]:
                choices = {key[4:]: cell for key, cell in row.items() if key.startswith("net.") and cell}
                best[row["seed"]] = choices, float(row["top1_percent"])
        return list(best.values())


def device_latencies(client, networks, accelerator):
    answers = client.ask([{"network": {"space": SPACE, "choices": choices}, "accelerator": accelerator,
                           "figures": ["latency_ms"]} for choices in networks])
    return [answer["figures"]["latency_ms"] for answer in answers]


def typed(client, choices):
    """Choices of a CSV file as the space has them; decisions without effect take their first."""
    found = {}
    for decision in dovetail.Space(SPACE, client).decisions:
        by_text = {str(choice): choice for choice in decision.choices}
        found[decision.name] = by_text[choices[decision.name]] if decision.name in choices else decision.choices[0]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dovetail", default=str(ROOT / "build" / "native" / "cli" / "dovetail"))
    parser.add_argument("--pairs", type=int, default=20000, help="simulated pairs of the surrogate")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--measured", type=int, default=20)
    parser.add_argument("--draws", type=int, default=3, help="of what is measured; at most 5")
    parser.add_argument("--evaluations", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("-o", "--output", type=pathlib.Path, default=pathlib.Path("tuned-search"))
    arguments = parser.parse_args()
    runs = Runs(arguments)
    device = runs.device()
    labels = runs.make("base.h5", "label", "-s", SPACE, "-c", arguments.pairs, "--seed", 0)
    base = runs.make("base.model.h5", "train", "-d", labels, "--epochs", arguments.epochs)
    surrogate = "{{model: surrogate, surrogate: {{file: \"{}\"}}}}".format
    simulator = "{{model: simulation, correction: \"{}\"}}".format
    judges = [("the device", [("device", device, "{model: simulation, technology: 28nm}")]),
              ("surrogate, untuned", [("untuned", "nahas_edge", surrogate(base))])]
    with dovetail.Client(arguments.dovetail) as client:
        for label, where, measure in (
                ("tuned", "in the space", runs.measured),
                ("here", "on this accelerator", lambda count, draw: runs.measured_here(client, count, draw))):
            for who, use, cost, prefix in (("surrogate tuned", "--fine-tune", surrogate, label),
                                           ("simulator corrected", "--correct", simulator, f"corrected-{label}")):
                made = [runs.make(f"{prefix}-{draw}.h5", "train", use, measure(arguments.measured, draw), "-m", base)
                        for draw in range(arguments.draws)]
                judges.append((f"{who}, {arguments.measured} measured {where}",
                               [(f"{prefix}-{draw}", "nahas_edge", cost(file)) for draw, file in enumerate(made)]))
        generator = random.Random(0)
        space = dovetail.Space(SPACE, client)
        accelerator = str(runs.folder / "nahas_shifted.yaml")
        drawn = sorted(device_latencies(client, [space.sample(generator) for _ in range(200)], accelerator))
        targets = [drawn[int(quantile * len(drawn))] for quantile in QUANTILES]
        print("| target [ms] | judge | device's latency over the target, -1 [%] | largest [%] | top-1 [%] | hold the "
              "target |\n| --- | --- | --- | --- | --- | --- |")
        means = {}
        for target in targets:
            for name, searches in judges:
                found = [answer for label, hardware, cost in searches
                         for answer in runs.answers(f"{label}-{target:.4f}", hardware, cost, target)]
                asked = len(searches) * arguments.seeds
                if not found:
                    print(f"| {target:.3f} | {name} | believes that none holds it | | | 0 of {asked} |", flush=True)
                    continue
                true = device_latencies(client, [typed(client, choices) for choices, _ in found], accelerator)
                errors = [100 * (latency / target - 1) for latency in true]
                means.setdefault(name, []).extend(map(abs, errors))
                tops = [top for _, top in found]
                print(f"| {target:.3f} | {name} | {statistics.mean(errors):+.2f} | {max(map(abs, errors)):.2f} | "
                      f"{statistics.mean(tops):.2f} | {sum(error <= 1e-6 for error in errors)} of {asked} |",
                      flush=True)
    print("\nMean of the absolute errors: "
          + "; ".join(f"{name} {statistics.mean(errors):.2f} %" for name, errors in means.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
