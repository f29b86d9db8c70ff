#!/usr/bin/env python3
"""One-shot joint search beside other ways to the same target, with their answers trained from scratch.

    scripts/oneshot_benchmark.py --data ../shared/data/fashion-mnist -o out/oneshot

For each latency target and seed: a policy trained with shared weights (strategy `oneshot`), the same in one
step, the same on fixed hardware, random and evolution over a supernet trained alone, and PPO over trained
children at as many training images. Every answer (the trial of the highest reward; of a one-shot search its
first) is trained from scratch by `dovetail study finish`. Writes oneshot.csv, a row a search, and oneshot.md,
its table. What is in the output folder already is not done again.

The defaults are sized for two hours on two cores: epochs of 10,000 images, two targets, one seed.
"""

import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import sys
import time

STUDY = """schema: dovetail.study/1
name: {name}
scope: {scope}
network: {{space: {networks}}}
hardware: {{space: {accelerators}, baseline: {baseline}}}
accuracy: {{{accuracy}}}
cost: {{model: simulation}}
objective:
  pareto: [top1_percent, latency_ms, area_mm2]
  reference: {{top1_percent: 1, latency_ms: 10, area_mm2: 100}}
  reward:
    terms:
      - {{metric: latency_ms, target: {target}, kind: tunas_absolute}}
      - {{metric: area_mm2, target: baseline, kind: one_sided}}
strategy: {{{strategy}}}
evaluations: {evaluations}
seeds: [{seed}]
"""

TITLES = {
    "oneshot": "one-shot, two-step",
    "single_step": "one-shot, single step of {shards}",
    "fixed": "one-shot on fixed hardware",
    "shared_random": "random over a supernet",
    "shared_evolution": "evolution over a supernet",
    "children": "PPO over trained children",
}


def recipe(arguments, epochs):
    return (f"data: {arguments.data}, epochs: {epochs}, images_per_epoch: {arguments.images}, "
            f"batch: {arguments.batch}, validation: {arguments.validation}")


def study_of(arguments, method, target, seed):
    """The text of a study, and how many epochs of training it spends."""
    supernet = f"source: supernet, {recipe(arguments, arguments.epochs)}, seed: {seed}"
    shared = f"{supernet}, folder: {arguments.output.resolve()}/supernet_{seed}"
    strategies = {
        "oneshot": (supernet, "name: oneshot", 1),
        "single_step": (supernet, f"name: oneshot, single_step: 1, networks: {arguments.shards}", 1),
        "fixed": (supernet, "name: oneshot", 1),
        "shared_random": (shared, "name: random", arguments.evaluations),
        "shared_evolution": (shared, "name: regularized_evolution, population: 20, tournament: 5",
                             arguments.evaluations),
        "children": (f"source: train, {recipe(arguments, arguments.child_epochs)}, seed: {seed}",
                     "name: ppo", max(2, arguments.epochs // arguments.child_epochs)),
    }
    accuracy, strategy, evaluations = strategies[method]
    return STUDY.format(
        name=method, scope="network" if method == "fixed" else "joint", networks=arguments.networks,
        accelerators=arguments.accelerators, baseline=arguments.baseline, accuracy=accuracy,
        target=target, strategy=strategy, evaluations=evaluations, seed=seed)


def run(arguments, *words):
    subprocess.run([arguments.dovetail, *map(str, words)], check=True)


def searched(arguments, folder, method, target, seed):
    """The best trial of a study, which is run or gone on with where it is not done, and its seconds."""
    seconds = folder / "seconds.txt"
    if not seconds.exists():
        folder.mkdir(parents=True, exist_ok=True)
        study = folder / "study.yaml"
        study.write_text(study_of(arguments, method, target, seed))
        began = time.time()
        resume = ["--resume"] if (folder / "study/effective.yaml").exists() else []
        run(arguments, "-q", "search", study, "-o", folder / "study", "-w", 1, *resume)
        seconds.write_text(f"{time.time() - began:.1f}\n")
    best = folder / "best.json"
    run(arguments, "-q", "study", "best", folder / "study", "--by", "reward", "-c", 1, "--json", best)
    return json.loads(best.read_text()), float(seconds.read_text())


def finished(arguments, folder, trial, seed):
    """Test accuracy of a trial's network, trained from scratch."""
    result = folder / "finished" / "finished.json"
    if not result.exists():
        resume = ["--resume"] if (folder / "finished/job.json").exists() else []
        run(arguments, "-q", "study", "finish", folder / "study", "-t", trial, "-o",
            folder / "finished", "-d", arguments.data, "--epochs", arguments.finish_epochs,
            "--images-per-epoch", arguments.finish_images, "--batch", arguments.batch,
            "--validation", arguments.validation, "--seed", seed, "-w", 1, "--test-images", 1,
            "--simulated-images", 1, *resume)
    training = json.loads((folder / "finished" / "result.json").read_text())
    return training["test_percent"]


def row_of(arguments, method, target, seed):
    folder = arguments.output / f"{method}_{target}_{seed}"
    trials, seconds = searched(arguments, folder, method, target, seed)
    trial = trials["trials"][0]
    figures = trial["metrics"]
    return {
        "method": method, "target_ms": target, "seed": seed, "trial": trial["trial"],
        "test_percent": finished(arguments, folder, trial["trial"], seed),
        "search_percent": figures["top1_percent"], "latency_ms": figures["latency_ms"],
        "latency_error_percent": 100 * abs(figures["latency_ms"] / target - 1),
        "area_mm2": figures["area_mm2"], "epochs_trained": arguments.epochs, "seconds": seconds,
    }


def table(arguments, rows):
    lines = ["| search | target (ms) | test top-1 (%) | latency (ms) | off target (%) | area (mm2) | seconds |",
             "| --- | --- | --- | --- | --- | --- | --- |"]
    for method in arguments.methods:
        for target in arguments.targets:
            of = [row for row in rows if row["method"] == method and row["target_ms"] == target]
            if not of:
                continue
            mean = {key: statistics.mean(row[key] for row in of)
                    for key in ("test_percent", "latency_ms", "latency_error_percent", "area_mm2", "seconds")}
            title = TITLES[method].format(shards=arguments.shards)
            lines.append(f"| {title} | {target} | {mean['test_percent']:.2f} | {mean['latency_ms']:.4f} | "
                         f"{mean['latency_error_percent']:.1f} | {mean['area_mm2']:.2f} | {mean['seconds']:.0f} |")
    return "\n".join(lines) + "\n"


def write_results(folder, name, rows, text):
    """NAME.csv, a row a run, and NAME.md, its tables."""
    with open(folder / f"{name}.csv", "w", newline="") as file:
        file.write(f"# schema: dovetail.{name}_benchmark/1\n")
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (folder / f"{name}.md").write_text(text)


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of images")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    parser.add_argument("--dovetail", default="dovetail", help="the program")
    parser.add_argument("--networks", default="fashion_tiny", help="network space")
    parser.add_argument("--accelerators", default="tiny_edge", help="design space")
    parser.add_argument("--baseline", default="tiny_edge_baseline")
    parser.add_argument("--targets", type=float, nargs="+", default=[0.05, 0.08], help="ms")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--methods", nargs="+", default=list(TITLES), choices=list(TITLES))
    parser.add_argument("--epochs", type=int, default=20, help="of training that a search may spend")
    parser.add_argument("--images", type=int, default=10000, help="in an epoch; 0: all")
    parser.add_argument("--child-epochs", type=int, default=2, help="of a child of PPO")
    parser.add_argument("--evaluations", type=int, default=100, help="over a supernet")
    parser.add_argument("--shards", type=int, default=4, help="networks of a single step")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--validation", type=int, default=10000)
    parser.add_argument("--finish-epochs", type=int, default=10)
    parser.add_argument("--finish-images", type=int, default=0, help="in an epoch; 0: all")
    arguments = parser.parse_args()
    arguments.data = arguments.data.resolve()
    return arguments


def main():
    arguments = read_arguments()
    arguments.output.mkdir(parents=True, exist_ok=True)
    rows = []
    try:
        for seed in arguments.seeds:
            for target in arguments.targets:
                for method in arguments.methods:
                    rows.append(row_of(arguments, method, target, seed))
                    write_results(arguments.output, "oneshot", rows, table(arguments, rows))
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
    print(table(arguments, rows), end="")


if __name__ == "__main__":
    main()
