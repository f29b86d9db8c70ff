#!/usr/bin/env python3
"""What early termination of trainings is worth: HyperPower's comparison, with children trained here.

    scripts/termination_benchmark.py --data ../shared/data/fashion-mnist -o out/termination

Searches a network space and how its networks are trained (learning rate, momentum, weight decay: the thesis'
ranges) for accuracy within a limit on latency, which the simulator tells: random search, random walk, Bayesian
optimisation that learns the limit (the thesis' baseline), and HyperPower, whose linear models of 200 simulated
networks say what violates it. Each without termination, with that of trainings which diverge, and, with
`--terminations none diverging learning_curve halving`, with that of trainings which are behind by their learning
curve or not among the best third by successive halving.
What violates the limit is trained by none of them. Every training that was ended is done to its end as well,
apart: a stop is false if it is then in the upper half of all that was trained with its seed.

Writes termination.csv, a row a search, and termination.md, its tables. What is in the output folder already is
not done again. The defaults are sized for minutes on two cores: of MNIST's or Fashion-MNIST's files the first
images alone. HyperPower's size is `--evaluations 50 --initial 10 --seeds 0 1 2 --epochs 30 --first 0 --images 0
--validation 10000`.
"""

import argparse
import concurrent.futures
import csv
import gzip
import math
import pathlib
import random
import re
import statistics
import struct
import subprocess
import sys

from oneshot_benchmark import write_results
from strategy_benchmark import median_interval

ROOT = pathlib.Path(__file__).resolve().parent.parent
STUDY = """schema: dovetail.study/1
name: {name}
scope: network
network: {{space: {space}}}
hardware: {{baseline: {accelerator}}}
accuracy: {{source: train, {accuracy}}}
cost: {{model: simulation{predicted}}}
objective:
  pareto: [top1_percent]
  reference: {{top1_percent: 1}}
  reward: {{kind: one_sided, targets: {{latency_ms: {limit}}}}}
constraints: {{latency_ms: {limit}}}
strategy: {{{strategy}}}
evaluations: {evaluations}
batch: 1
seeds: [{seed}]
"""
PROFILED = 200  # networks that HyperPower's linear models are fitted to
TITLES = {
    "random": "random",
    "random_walk": "random walk",
    "baseline": "Bayesian, limit learned",
    "hyperpower": "HyperPower",
}
TERMINATIONS = {
    "none": ("none", ""),
    "diverging": ("diverging", ", stop_after: 1"),
    "learning_curve": ("diverging, learning curve", ", stop_after: 1, learning_curve: true"),
    "halving": ("diverging, successive halving", ", stop_after: 1, successive_halving: 3"),
}
ENDED = re.compile(r"(?:diverged|learning curve|successive halving): ")
AFTER = re.compile(r" after (\d+) of ")
BROKEN = re.compile(r" in epoch (\d+), ")


def strategy_of(arguments, method):
    """Its line in a study, and how many networks its limit is predicted from."""
    return {
        "random": ("name: random", 0),
        "random_walk": ("name: random_walk", 0),
        "baseline": (f"name: bayesian, constraints: 1, initial: {arguments.initial}", 0),
        "hyperpower": (f"name: bayesian, initial: {arguments.initial}", PROFILED),
    }[method]


def write_space(arguments):
    """The network space with the decisions about training."""
    text = (ROOT / "configs" / "spaces" / f"{arguments.networks}.yaml")
    text = (text if text.exists() else pathlib.Path(arguments.networks)).read_text()
    added = "".join(f"  - {{name: train.{key}, choices: [{', '.join(values)}]}}\n" for key, values in (
        ("lr", arguments.lr), ("momentum", arguments.momentum), ("weight_decay", arguments.weight_decay)))
    file = arguments.output / "space.yaml"
    file.write_text(re.sub(r"^decisions:\n", lambda found: found.group() + added, text, count=1, flags=re.MULTILINE))


def study_of(arguments, name, strategy, predicted, termination, evaluations, seed):
    recipe = (f"data: {arguments.data}, epochs: {arguments.epochs}, images_per_epoch: {arguments.images}, "
              f"batch: {arguments.batch}, validation: {arguments.validation}, seed: {seed}")
    return STUDY.format(
        name=name, space=(arguments.output / "space.yaml").resolve(), accelerator=arguments.accelerator,
        accuracy=recipe + TERMINATIONS[termination][1], strategy=strategy, limit=arguments.latency, seed=seed,
        predicted=f", predicted_limits: {predicted}" if predicted else "", evaluations=evaluations)


def write_first_images(arguments):
    """A folder with the first images of each IDX file, which a child reads in no time."""
    folder = arguments.output / "first_images"
    folder.mkdir(exist_ok=True)
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        file = arguments.data / f"{name}-ubyte"
        content = file.read_bytes() if file.exists() else gzip.decompress(pathlib.Path(f"{file}.gz").read_bytes())
        kind, count, *sides = struct.unpack_from(">4I" if "images" in name else ">2I", content)
        start, each = 8 + 4 * len(sides), math.prod(sides)
        count = min(count, arguments.first)
        header = struct.pack(f">{2 + len(sides)}I", kind, count, *sides)
        (folder / f"{name}-ubyte").write_bytes(header + content[start:start + count * each])
    return folder


def run(arguments, *words):
    done = subprocess.run([arguments.dovetail, *map(str, words)], capture_output=True, text=True)
    # A study in which every training was ended has nothing to report, and says so.
    if done.returncode != 0 and "no candidate has figures" not in done.stderr:
        raise subprocess.CalledProcessError(done.returncode, done.args, done.stdout, done.stderr)


def search(arguments, folder, text):
    """Runs a study, or goes on with it where it is not done."""
    if (folder / "done").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(text)
    resume = ["--resume"] if (folder / "study/effective.yaml").exists() else []
    run(arguments, "-q", "search", folder / "study.yaml", "-o", folder / "study", "-w", 1, *resume)
    (folder / "done").touch()


def trials_of(arguments, folder):
    run(arguments, "-q", "study", "export", folder / "study", "--csv", folder / "trials.csv")
    with open(folder / "trials.csv") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def choices_of(trial):
    return tuple((name, choice) for name, choice in trial.items() if name.startswith("net."))


def epochs_of(arguments, trial):
    """Whole epochs that a trial's network was trained for."""
    if float(trial["evaluation_ms"] or 0) == 0:
        return 0  # it was known
    if trial["status"] == "ok":
        return arguments.epochs
    after, broken = AFTER.search(trial["reason"]), BROKEN.search(trial["reason"])
    return int(after.group(1)) if after else int(broken.group(1)) - 1 if broken else 0


def searches_of_seed(arguments, seed):
    """Trials of each (method, termination) of a seed."""
    def searched(kind):
        method, termination = kind
        folder = arguments.output / f"{method}-{termination}-{seed}"
        strategy, predicted = strategy_of(arguments, method)
        search(arguments, folder, study_of(arguments, f"{method}_{termination}", strategy, predicted, termination,
                                           arguments.evaluations, seed))
        return kind, trials_of(arguments, folder)

    kinds = [(method, termination) for method in arguments.methods for termination in arguments.terminations]
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        return dict(pool.map(searched, kinds))


def top1_at_the_end(arguments, seed, searches):
    """Of every candidate that a search ended early: trained to its end, as others did or apart."""
    known = {choices_of(trial): float(trial["top1_percent"]) for trials in searches.values() for trial in trials
             if trial["status"] == "ok"}
    stopped = {choices_of(trial) for trials in searches.values() for trial in trials if ENDED.match(trial["reason"])}
    missing = sorted(stopped - set(known))
    if missing:
        starts = ", ".join("{" + ", ".join(f"{name}: {choice}" for name, choice in one) + "}" for one in missing)
        folder = arguments.output / f"to_the_end-{seed}"
        search(arguments, folder, study_of(arguments, "to_the_end", f"name: random, start: [{starts}]", 0, "none",
                                           len(missing), seed))
        for trial in trials_of(arguments, folder):
            known[choices_of(trial)] = float(trial["top1_percent"] or 0)
    return known


def row_of(arguments, kind, seed, trials, ends, near_percent):
    method, termination = kind
    trained = [trial for trial in trials if epochs_of(arguments, trial) > 0 or ENDED.match(trial["reason"])]
    stopped = [trial for trial in trained if ENDED.match(trial["reason"])]
    middle = statistics.median(ends.values()) if ends else 0
    row = {
        "strategy": method, "termination": termination, "seed": seed, "evaluations": len(trials),
        "trained": len(trained), "stopped": len(stopped),
        "false_stops": sum(ends[choices_of(trial)] > middle for trial in stopped),
        "best_error_percent": min((100 - float(trial["top1_percent"]) for trial in trials if trial["status"] == "ok"),
                                  default=""),
        "epochs_trained": sum(epochs_of(arguments, trial) for trial in trained),
        "epochs_saved": sum(arguments.epochs - epochs_of(arguments, trial) for trial in stopped),
        "seconds": sum(float(trial["evaluation_ms"] or 0) for trial in trials) / 1000,
        "near_evaluations": "", "near_epochs": "", "near_seconds": "",
    }
    epochs = seconds = 0
    for number, trial in enumerate(trials, 1):
        epochs += epochs_of(arguments, trial)
        seconds += float(trial["evaluation_ms"] or 0) / 1000
        if trial["status"] == "ok" and 100 - float(trial["top1_percent"]) <= near_percent:
            row.update(near_evaluations=number, near_epochs=epochs, near_seconds=seconds)
            break
    return row


def rows_of_seed(arguments, seed):
    searches = searches_of_seed(arguments, seed)
    ends = top1_at_the_end(arguments, seed, searches)
    best = min((100 - float(trial["top1_percent"]) for trials in searches.values() for trial in trials
                if trial["status"] == "ok"), default=0)
    return [row_of(arguments, kind, seed, trials, ends, arguments.near * best) for kind, trials in searches.items()]


def number(row, key):
    return math.inf if row[key] == "" else float(row[key])


def shown(value, digits=0):
    return "never" if value == math.inf else f"{value:.{digits}f}"


def spread(rows, key, digits=0):
    values = [number(row, key) for row in rows]
    _, low, high = median_interval(values)
    return f"{shown(statistics.median_high(values), digits)} ({shown(low, digits)} to {shown(high, digits)})"


def share(part, whole):
    return f"{100 * part / whole:.0f} ({part} of {whole})" if whole else "-"


def ratio_text(slow, fast):
    """Ratio of medians with a 95 % interval by resampling the searches."""
    rng = random.Random(0)

    def ratio(a, b):
        a, b = statistics.median_high(a), statistics.median_high(b)
        return math.nan if a == b == math.inf else math.inf if a == math.inf else a / b

    resampled = sorted(value for value in (ratio(rng.choices(slow, k=len(slow)), rng.choices(fast, k=len(fast)))
                                           for _ in range(2000)) if not math.isnan(value))
    middle = ratio(slow, fast)
    if math.isnan(middle) or not resampled:
        return "-"
    low, high = (resampled[int(part * (len(resampled) - 1))] for part in (0.025, 0.975))
    return " ".join((f"{middle:.1f}", f"({low:.1f} to {high:.1f})")).replace("inf", "never")


def table(arguments, rows):
    lines = ["| strategy | termination | trained | stopped [%] | false stops | best error [%] | epochs | saved [%] | "
             f"seconds | epochs to {arguments.near} of the best error | seconds to it |", "|" + " --- |" * 11]
    for method in arguments.methods:
        for termination in arguments.terminations:
            of = [row for row in rows if (row["strategy"], row["termination"]) == (method, termination)]
            if not of:
                continue
            total = {key: sum(row[key] for row in of)
                     for key in ("trained", "stopped", "false_stops", "epochs_trained", "epochs_saved")}
            lines.append(
                f"| {TITLES[method]} | {TERMINATIONS[termination][0]} | {spread(of, 'trained')} | "
                f"{share(total['stopped'], total['trained'])} | {total['false_stops']} of {total['stopped']} | "
                f"{spread(of, 'best_error_percent', 2)} | {spread(of, 'epochs_trained')} | "
                f"{100 * total['epochs_saved'] / max(1, total['epochs_trained'] + total['epochs_saved']):.0f} | "
                f"{spread(of, 'seconds')} | {spread(of, 'near_epochs')} | {spread(of, 'near_seconds')} |")
    lines += ["", "| compared | evaluations | epochs | seconds |", "| --- | --- | --- | --- |"]

    def compare(slow, fast):
        a, b = ([row for row in rows if (row["strategy"], row["termination"]) == kind] for kind in (slow, fast))
        if not a or not b:
            return
        ratios = [ratio_text([number(row, key) for row in a], [number(row, key) for row in b])
                  for key in ("near_evaluations", "near_epochs", "near_seconds")]
        title = " over ".join(f"{TITLES[method]}, {TERMINATIONS[termination][0]}" for method, termination in (slow, fast))
        lines.append(f"| {title} | " + " | ".join(ratios) + " |")

    ended = [termination for termination in arguments.terminations if termination != "none"]
    for termination in ended:
        for method in arguments.methods:
            compare((method, "none"), (method, termination))
        for method in arguments.methods:
            if method != "hyperpower":
                compare((method, "none"), ("hyperpower", termination))
    return "\n".join(lines) + "\n"


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of images")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    parser.add_argument("--dovetail", default="dovetail", help="the program")
    parser.add_argument("--networks", default="fashion_tiny", help="network space: name or YAML")
    parser.add_argument("--accelerator", default="tiny_edge_baseline")
    parser.add_argument("--latency", type=float, default=0.2, help="ms; about half of fashion_tiny holds 0.2")
    parser.add_argument("--methods", nargs="+", default=list(TITLES), choices=list(TITLES))
    parser.add_argument("--terminations", nargs="+", default=["none", "diverging"], choices=list(TERMINATIONS))
    parser.add_argument("--evaluations", type=int, default=10, help="of each search")
    parser.add_argument("--initial", type=int, default=5, help="uniform candidates of a Bayesian search")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--near", type=float, default=1.01, help="times the best error of any search of a seed")
    parser.add_argument("--epochs", type=int, default=4, help="of a child")
    parser.add_argument("--first", type=int, default=4000, help="images of each file that are there; 0: all")
    parser.add_argument("--images", type=int, default=1000, help="in an epoch; 0: all")
    parser.add_argument("--validation", type=int, default=1000, help="images")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--lr", nargs="+", default=["0.001", "0.003", "0.01", "0.03", "0.1"])
    parser.add_argument("--momentum", nargs="+", default=["0.8", "0.9", "0.95"])
    parser.add_argument("--weight-decay", nargs="+", default=["0.0001", "0.001", "0.01"])
    parser.add_argument("-j", "--jobs", type=int, default=2, help="searches at a time, a core each")
    arguments = parser.parse_args()
    arguments.data = arguments.data.resolve()
    return arguments


def main():
    arguments = read_arguments()
    arguments.output.mkdir(parents=True, exist_ok=True)
    write_space(arguments)
    if arguments.first:
        arguments.data = write_first_images(arguments).resolve()
    rows = []
    try:
        for seed in arguments.seeds:
            rows += rows_of_seed(arguments, seed)
            write_results(arguments.output, "termination", rows, table(arguments, rows))
    except subprocess.CalledProcessError as error:
        print(error.stderr, file=sys.stderr, end="")
        sys.exit(error.returncode)
    print(table(arguments, rows), end="")


if __name__ == "__main__":
    main()
