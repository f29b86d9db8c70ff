#!/usr/bin/env python3
"""HyperPower's claim on several accelerators and limits: evaluations and seconds to near the optimum.

    scripts/hyperpower.py --data nas-bench-macro_cifar10.json -o out/hyperpower

For each accelerator, and for limits on latency, energy, power, memory in use, and power and memory
together, searches networks of NAS-Bench-Macro for accuracy within what `--share` of them hold:
`dovetail bench regret` without and with linear models of 200 random networks fitted beforehand.
Writes hyperpower.csv and hyperpower.md (the table of docs/strategies.md; needs Debian's
python3-h5py). Tables and searches in the output folder are used again.

Seconds are stated prices, not measured: --training-seconds for what is trained and
--measuring-seconds for each network whose costs are measured. Without termination all that is asked
for is trained; with it, what is measured to violate is not. Profiling is the measurement of what the
linear models are fitted to.
"""

import argparse
import csv
import math
import pathlib
import random
import re
import statistics
import subprocess

from strategy_benchmark import median_interval

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROFILED = 200  # networks that the linear models are fitted to
LIMITS = {
    "latency": ["latency_ms"],
    "energy": ["energy_mj"],
    "power": ["power_mw"],
    "memory": ["peak_local_memory_kib"],
    "power and memory": ["power_mw", "peak_local_memory_kib"],
}
BASELINE = "bayesian:constraints=1"
LEARNED = [BASELINE, "random_walk", "random"]
PREDICTED = ["bayesian", "random_walk", "random"]


def space_of(arguments, accelerator):
    """A design space of this accelerator alone."""
    text = (ROOT / "configs" / "accelerators" / f"{accelerator}.yaml").read_text()
    pes_x = re.search(r"^pes_x: (\d+)", text, re.MULTILINE).group(1)
    file = arguments.output / f"{accelerator}.yaml"
    file.write_text(f"schema: dovetail.design_space/1\nname: {accelerator}_alone\nbase: {accelerator}\n"
                    f"decisions:\n  - {{name: pes_x, choices: [{pes_x}]}}\n")
    return file


def run(arguments, accelerator, name, limits, predicted):
    """Rows of regret_runs.csv by strategy."""
    folder = arguments.output / f"{accelerator}-{name.replace(' ', '_')}-{predicted}"
    runs = folder / "regret_runs.csv"
    if not runs.exists():
        subprocess.run(
            [arguments.dovetail, "bench", "regret", "--data", arguments.data, "-s",
             str(space_of(arguments, accelerator)), "--table",
             str(arguments.output / f"{accelerator}.h5"), "--limits",
             ",".join(f"{metric}={value!r}" for metric, value in limits.items()),
             "--target-latency", "1000",  # the reward is the accuracy
             "-e", str(arguments.evaluations), "--seeds", str(arguments.seeds), "--predicted",
             str(predicted), "-w", str(arguments.workers), "--strategies",
             ",".join(PREDICTED if predicted else LEARNED), "-o", str(folder), "--quiet"],
            check=True)
    with open(runs) as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return {strategy: [row for row in rows if row["strategy"] == strategy]
            for strategy in dict.fromkeys(row["strategy"] for row in rows)}


def table_costs(arguments, accelerator):
    """Costs of all networks; the table is made by a search of one evaluation."""
    import h5py
    table = arguments.output / f"{accelerator}.h5"
    if not table.exists():
        subprocess.run(
            [arguments.dovetail, "bench", "regret", "--data", arguments.data, "-s",
             str(space_of(arguments, accelerator)), "--table", str(table), "--limits",
             "latency_ms=1000", "--target-latency", "1000", "-e", "1", "--seeds", "1",
             "--strategies", "random", "-o", str(arguments.output / f"{accelerator}-table"),
             "--front", "top1_percent=40,latency_ms=1000", "--quiet"], check=True)
    with h5py.File(table) as file:
        costs = {name: file[name][0].tolist()
                 for name in ("latency_ms", "energy_mj", "peak_local_memory_kib")}
    costs["power_mw"] = [1000 * energy / latency
                         for energy, latency in zip(costs["energy_mj"], costs["latency_ms"])]
    return costs


def limits_of(costs, metrics, share):
    """Least limits, all at one quantile of their costs, that so large a share holds together."""
    count = len(costs["latency_ms"])
    ordered = {metric: sorted(costs[metric]) for metric in metrics}
    for rank in range(count):
        limits = {metric: ordered[metric][rank] for metric in metrics}
        held = sum(all(costs[metric][i] <= limits[metric] for metric in metrics)
                   for i in range(count)) / count
        if held >= share:
            # Rounded up, so that the limit is a figure to write down.
            return {metric: math.ceil(value * 1e4) / 1e4 for metric, value in limits.items()}, held
    raise SystemExit("no limits are held by so many")


def evaluations(row):
    return int(row["near_optimum_after"]) or math.inf


def seconds(arguments, row, terminated, profiled=0):
    asked = evaluations(row)
    if asked == math.inf:
        return asked
    trained = int(row["acceptable_until_near_optimum"]) if terminated else asked
    return (trained * arguments.training_seconds + (asked + profiled) * arguments.measuring_seconds)


def share_violating(rows):
    return 100 * statistics.mean(int(row["violating"]) / int(row["evaluations"]) for row in rows)


def factor(slow, fast):
    """Ratio of medians with a 95 % interval by resampling the searches; infinite where the slower
    ones mostly never arrive."""
    rng = random.Random(0)
    ratios = []
    for _ in range(2000):
        a = statistics.median_high(rng.choices(slow, k=len(slow)))
        b = statistics.median_high(rng.choices(fast, k=len(fast)))
        ratios.append(math.inf if a == math.inf else a / b)
    ratios.sort()
    a, b = statistics.median_high(slow), statistics.median_high(fast)
    return (math.inf if a == math.inf else a / b), ratios[50], ratios[1949]


def shown(value, digits=0):
    return "never" if value == math.inf else f"{value:.{digits}f}"


def interval(values):
    _, low, high = median_interval(values)
    return f"{shown(statistics.median_high(values))} ({shown(low)} to {shown(high)})"


def factor_text(slow, fast):
    ratio, low, high = (shown(value, 1) for value in factor(slow, fast))
    return f"{ratio} ({low} to {high})"


def rows_of(arguments, accelerator, name):
    costs = table_costs(arguments, accelerator)
    limits, held = limits_of(costs, LIMITS[name], arguments.share)
    learned = run(arguments, accelerator, name, limits, 0)
    predicted = run(arguments, accelerator, name, limits, PROFILED)
    rmspe = statistics.mean(float(row["predicted_rmspe"]) for row in predicted["bayesian"])
    written = ", ".join(f"{value:g}" for value in limits.values())
    rows = []
    for strategy, its, predicts in [*((s, learned[s], False) for s in LEARNED),
                                    *((s, predicted[s], True) for s in PREDICTED)]:
        profiled = PROFILED if predicts else 0
        rows.append({
            "accelerator": accelerator, "limit": name, "value": written, "held": held,
            "rmspe": rmspe if predicts else "",
            "strategy": strategy + (", predicted" if predicts else ""),
            "violating": share_violating(its),
            "evaluations": [evaluations(row) for row in its],
            "all_trained": [seconds(arguments, row, False) for row in its],
            "terminated": [seconds(arguments, row, True) for row in its],
            "profiled": [seconds(arguments, row, True, profiled) for row in its]})
    return rows


def write(arguments, groups):
    with open(arguments.output / "hyperpower.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        lists = ["evaluations", "all_trained", "terminated", "profiled"]
        writer.writerow(["accelerator", "limit", "value", "held_share", "rmspe_percent", "strategy",
                         "violating_percent", *(f"{name}_median" for name in lists)])
        for row in (row for group in groups for row in group):
            writer.writerow([row["accelerator"], row["limit"], row["value"], row["held"],
                             row["rmspe"], row["strategy"], row["violating"],
                             *(statistics.median_high(row[name]) for name in lists)])
    with open(arguments.output / "hyperpower.md", "w") as file:
        file.write("| limit | accelerator | RMSPE [%] | violating [%]: baseline, HyperPower | "
                   "evaluations: baseline | HyperPower | factor | factor of seconds: baseline trains "
                   "all | with profiling | baseline terminates |\n|" + " --- |" * 10 + "\n")
        for group in groups:
            base = next(row for row in group if row["strategy"] == BASELINE)
            ours = next(row for row in group if row["strategy"] == "bayesian, predicted")
            file.write(
                f"| {base['limit']} | {base['accelerator']} | {ours['rmspe']:.2f} | "
                f"{base['violating']:.0f}, {ours['violating']:.1f} | "
                f"{interval(base['evaluations'])} | {interval(ours['evaluations'])} | "
                f"{factor_text(base['evaluations'], ours['evaluations'])} | "
                f"{factor_text(base['all_trained'], ours['terminated'])} | "
                f"{factor_text(base['all_trained'], ours['profiled'])} | "
                f"{factor_text(base['terminated'], ours['terminated'])} |\n")
        file.write("\n| accelerator | limit, held by [%] | strategy | violating [%] | evaluations | "
                   "seconds, terminated |\n|" + " --- |" * 6 + "\n")
        for row in (row for group in groups for row in group):
            file.write(f"| {row['accelerator']} | {row['limit']} {row['value']}, "
                       f"{100 * row['held']:.1f} | {row['strategy']} | {row['violating']:.1f} | "
                       f"{interval(row['evaluations'])} | {interval(row['profiled'])} |\n")
    print(arguments.output / "hyperpower.md")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", required=True, help="nas-bench-macro_cifar10.json")
    parser.add_argument("--dovetail", default="dovetail", help="the program")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    parser.add_argument("--accelerators", default="nahas_baseline,coral_edge_tpu,nvdla_2048")
    parser.add_argument("--limits", default=",".join(LIMITS))
    parser.add_argument("--share", type=float, default=0.08, help="of the networks that hold a limit")
    parser.add_argument("--evaluations", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--training-seconds", type=float, default=360,
                        help="the thesis gives five hours for 50 evaluations at most")
    parser.add_argument("--measuring-seconds", type=float, default=5)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    write(arguments, [rows_of(arguments, accelerator, name)
                      for name in arguments.limits.split(",")
                      for accelerator in arguments.accelerators.split(",")])


if __name__ == "__main__":
    main()
