#!/usr/bin/env python3
"""One network for six devices: what it costs, by the measured speeds of Accel-NASBench.

usage: portability.py DOVETAIL anb_imagenet.csv [--evaluations N] [--seeds 0,1,2,3,4] [-o FOLDER]

For the networks of space anb_effnet that were measured on all devices it prints
  - Kendall's tau between the latencies of each two devices;
  - with a target at the 20th, 30th and 50th percentile of each device's latencies: the best accuracy of a network
    that meets one device's target, that of one that meets all, and by how much the best of one device misses the
    targets of the others; all by looking at every row;
  - what studies find that have these six targets (cost.model table, network.points): the best accuracy within all of
    them, and after how many evaluations, for each seed.
Status 1 if a study says of its best network anything but what the rows say, or better than the best of the rows.

Latency is that of batch 1 of the FPGAs, and 1000 / throughput of the others. Needs numpy (Debian: python3-numpy)."""

import argparse
import csv
import pathlib
import statistics
import subprocess
import sys
import tempfile

import numpy as np

DEVICES = {"zcu102": "latency_zcu102", "vck190": "latency_vck190", "tpuv2": "throughput_tpuv2",
           "tpuv3": "throughput_tpuv3", "a100": "throughput_a100", "rtx3090": "throughput_3090"}
DECISIONS = [f"{kind}{stage}" for kind in ("e", "k", "l", "se") for stage in range(7)]
PERCENTILES = (20, 30, 50)


def is_rate(column):
    return column.startswith("throughput")


def read(file):
    """Networks that were measured everywhere: accuracies, and latencies by network and device."""
    networks = {}
    rows = 0
    with open(file, newline="", encoding="utf-8") as text:
        for row in csv.DictReader(text):
            if not all(row[column] for column in DEVICES.values()):
                continue
            rows += 1
            latencies = [1000 / float(row[c]) if is_rate(c) else float(row[c]) for c in DEVICES.values()]
            networks.setdefault(tuple(row[d] for d in DECISIONS), []).append((float(row["val_top1"]), latencies))
    top1 = np.array([statistics.fmean(t for t, _ in of) for of in networks.values()])
    latency = np.array([np.mean([l for _, l in of], axis=0) for of in networks.values()])
    return rows, top1, latency


def tau(a, b):
    """Kendall's tau-b."""
    first, second = np.sign(a[:, None] - a[None, :]), np.sign(b[:, None] - b[None, :])
    return float((first * second).sum() / np.sqrt(float((first != 0).sum()) * float((second != 0).sum())))


def by_all_rows(top1, latency, targets):
    meets = latency <= targets
    alone = [float(top1[meets[:, k]].max()) for k in range(len(DEVICES))]
    best = [np.flatnonzero(meets[:, k])[top1[meets[:, k]].argmax()] for k in range(len(DEVICES))]
    missed = max(float((latency[i] / targets).max()) - 1 for i in best)
    every = meets.all(axis=1)
    return alone, float(top1[every].max()), int(every.sum()), missed


def study(file, targets, arguments):
    lines = "\n".join(f"  - {{name: {name}, latency_ms: {target!r}}}" for name, target in zip(DEVICES, targets))
    columns = ", ".join(f"{'inferences_per_s' if is_rate(c) else 'latency_ms'}@{name}: {c}" for name, c in DEVICES.items())
    return f"""schema: dovetail.study/1
name: six_devices
scope: network
network: {{space: anb_effnet, points: '{file}'}}
targets:
{lines}
accuracy: {{source: table, file: '{file}', accuracy_column: val_top1, duplicates: mean}}
cost: {{model: table, file: '{file}', duplicates: mean, columns: {{{columns}}}}}
objective:
  pareto: [top1_percent, latency_ratio_max]
  reference: {{top1_percent: 55, latency_ratio_max: 2}}
strategy: {{name: {arguments.strategy}}}
evaluations: {arguments.evaluations}
seeds: [{arguments.seeds}]
"""


def trials(dovetail, folder, name, text):
    """Of each seed the trials in their order."""
    file = folder / f"{name}.yaml"
    file.write_text(text, encoding="utf-8")
    out = folder / name
    subprocess.run([dovetail, "-q", "search", str(file), "-o", str(out)], check=True)
    table = folder / f"{name}.csv"
    subprocess.run([dovetail, "-q", "study", "export", str(out), "--csv", str(table)], check=True)
    by_seed = {}
    with open(table, newline="", encoding="utf-8") as rows:
        for row in csv.DictReader(line for line in rows if not line.startswith("#")):
            by_seed.setdefault(row["seed"], []).append(row)
    return by_seed


def by_search(found, targets):
    """The best accuracy within all targets, and after how many evaluations."""
    best, at = -1.0, 0
    for number, row in enumerate(found, 1):
        if row["status"] != "ok" or float(row["latency_ratio_max"]) > 1:
            continue
        if any(float(row[f"latency_ms@{name}"]) > target * (1 + 1e-6) for name, target in zip(DEVICES, targets)):
            sys.exit(f"portability: trial {row['trial']} is said to hold its targets, and does not")
        if float(row["top1_percent"]) > best:
            best, at = float(row["top1_percent"]), number
    return best, at


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("dovetail")
    parser.add_argument("csv")
    parser.add_argument("--evaluations", type=int, default=1000)
    parser.add_argument("--seeds", default="0,1,2,3,4")
    parser.add_argument("--strategy", default="nsga2")
    parser.add_argument("-o", "--output", help="folder that keeps the studies")
    arguments = parser.parse_args()
    file = pathlib.Path(arguments.csv).resolve()
    rows, top1, latency = read(file)
    print(f"{rows} rows, {len(top1)} networks, measured on all of {', '.join(DEVICES)}")
    print("tau " + " ".join(f"{name:>8}" for name in DEVICES))
    for k, name in enumerate(DEVICES):
        print(f"{name:8}" + " ".join(f"{tau(latency[:, k], latency[:, j]):8.3f}" for j in range(k)))
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(arguments.output or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for percentile in PERCENTILES:
            targets = [float(t) for t in np.percentile(latency, percentile, axis=0)]
            alone, together, count, missed = by_all_rows(top1, latency, targets)
            print(f"\npercentile {percentile}: targets " + ", ".join(f"{name} {t:.4g} ms" for name, t in zip(DEVICES, targets)))
            print("  best for one device " + ", ".join(f"{name} {a:.2f}" for name, a in zip(DEVICES, alone)))
            print(f"  best that meets all six {together:.2f} % (of {count}); portability costs up to "
                  f"{max(alone) - together:.2f} points")
            print(f"  the best for one device misses another's target by up to {100 * missed:.1f} %")
            for seed, found in trials(arguments.dovetail, folder, f"p{percentile}", study(file, targets, arguments)).items():
                best, at = by_search(found, targets)
                if best > together + 1e-3:
                    sys.exit(f"portability: seed {seed} found {best} %, and the best of all rows is {together} %")
                print(f"  seed {seed}: {best:.2f} % after {at} of {len(found)} evaluations"
                      + (", the optimum" if best > together - 1e-3 else ""))


if __name__ == "__main__":
    main()
