#!/usr/bin/env python3
"""What one network for several chips costs, and one chip for several networks.

targets: networks searched for all of a list of accelerators at once, beside networks searched for each alone,
over seeds; the limit on each accelerator is what MobileNetV3-Large takes on it.
networks: all accelerators of a space, exactly: the one that is best for all networks (least of the worst
latency over that network's own optimum) beside the best of each network alone, all within an area.
Both print tables of Markdown; what is simulated stays in the folder, and the same command goes on.

usage: set_comparisons.py targets|networks [--dovetail PROGRAM] [-o FOLDER] ..."""

import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
REFERENCE = "mobilenetv3_large_1.0_224"

STUDY = """schema: dovetail.study/1
name: {name}
scope: network
network: {{space: {space}}}
{hardware}
accuracy: {{source: predictor, file: {predictor}}}
objective: {{pareto: [top1_percent, {figure}], reference: {{top1_percent: 60, {figure}: {worst}}}}}
constraints: {{{figure}: {limit}}}
cost: {{model: simulation}}
evaluations: {evaluations}
seeds: [{seeds}]
"""


class Dovetail:
    def __init__(self, program, folder):
        self.program, self.folder = program, pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def run(self, *words):
        done = subprocess.run([self.program, *map(str, words)], cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0 and "no candidate holds" not in done.stderr:  # that is an answer
            sys.exit(f"dovetail {' '.join(map(str, words))}: {done.stderr.strip()}")
        return done.stdout

    def table(self, *words):
        return read_table(self.run(*words).splitlines())

    def latencies(self, networks, accelerators):
        """{(network as given, accelerator as given): ms}; what cannot run is infinite."""
        words = [word for name in networks for word in ("-n", name)]
        words += [word for name in accelerators for word in ("-a", name)]
        if len(networks) * len(accelerators) == 1:
            totals = json.loads(self.run("simulate", *words, "--json", "-"))
            return {(networks[0], accelerators[0]): totals["latency_ms"] or float("inf")}
        rows = iter(self.table("simulate", *words, "--csv", "-"))
        return {(network, accelerator): number(next(rows)["latency_ms"])
                for network in networks for accelerator in accelerators}

    def area_mm2(self, accelerator):
        return json.loads(self.run("simulate", "-n", REFERENCE, "-a", accelerator, "--json", "-"))["area_mm2"]

    def search(self, name, text):
        """The trials of a study, simulated, one list a seed."""
        study, folder = self.folder / f"{name}.yaml", self.folder / name
        study.write_text(text)
        self.run("-q", "search", study.resolve(), "-o", folder.resolve(), *(["--resume"] if folder.exists() else []))
        by_seed = {}
        for row in self.table("study", "export", folder.resolve(), "--csv", "-"):
            if row["top1_percent"] and row["stage"] != "predicted":
                by_seed.setdefault(row["seed"], []).append(row)
        return list(by_seed.values())


def read_table(lines):
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def number(cell):
    return float(cell) if cell else float("inf")


def mean_text(values):
    return f"{statistics.mean(values):.2f} +- {statistics.pstdev(values):.2f}"


def best_within(trials, figure, limit):
    held = [row for row in trials if number(row[figure]) <= limit]
    return max(held, key=lambda row: float(row["top1_percent"]), default=None)


def point_of(space, row):
    choices = [f"{key[4:]}={value}" for key, value in row.items() if key.startswith("net.")]
    return f"{space}:{','.join(choices)}"


def compare_targets(dovetail, args):
    limits = {a: ms for (_, a), ms in dovetail.latencies([REFERENCE], args.accelerators).items()}
    common = {"space": args.space, "predictor": args.predictor, "evaluations": args.evaluations,
              "seeds": ", ".join(str(seed) for seed in range(args.seeds))}
    alone = {}
    for k, accelerator in enumerate(args.accelerators):
        limit = limits[accelerator]
        text = STUDY.format(name=f"alone{k}", hardware=f"hardware: {{baseline: \"{accelerator}\"}}",
                            figure="latency_ms", limit=f"{limit:.9g}", worst=f"{2 * limit:.9g}", **common)
        alone[accelerator] = [best_within(trials, "latency_ms", limit * (1 + 1e-6))
                              for trials in dovetail.search(f"alone{k}", text)]
    targets = "\n".join(f"  - {{accelerator: \"{a}\", name: t{k}, latency_ms: {limits[a]:.9g}}}"
                        for k, a in enumerate(args.accelerators))
    text = STUDY.format(name="together", hardware=f"targets:\n{targets}", figure="latency_ratio_max", limit=1,
                        worst=2, **common)
    together = [best_within(trials, "latency_ratio_max", 1 + 1e-6) for trials in dovetail.search("together", text)]
    print(f"Networks of `{args.space}`, {args.evaluations} evaluations, {args.seeds} seeds; limits: what "
          f"{REFERENCE} takes.\n")
    print("| accelerator | limit [ms] | searched for it alone, top-1 [%] | its best on the others: furthest over "
          "a limit [%] |\n| --- | --- | --- | --- |")
    best_alone = []
    for accelerator in args.accelerators:
        found = [row for row in alone[accelerator] if row]
        points = [point_of(args.space, row) for row in found]
        there = dovetail.latencies(list(dict.fromkeys(points)), args.accelerators)
        over = [max(100 * (there[point, a] / limits[a] - 1) for a in args.accelerators) for point in points]
        best_alone.append(statistics.mean(float(row["top1_percent"]) for row in found))
        print(f"| {accelerator} | {limits[accelerator]:.4g} | {mean_text([float(r['top1_percent']) for r in found])} "
              f"({len(found)} of {args.seeds}) | {mean_text(over)} |")
    found = [float(row["top1_percent"]) for row in together if row]
    print(f"| all of them at once | | {mean_text(found)} ({len(found)} of {args.seeds}) | holds all |\n")
    print(f"One network for all costs {min(best_alone) - statistics.mean(found):.2f} points against the least of the "
          f"best alone, {max(best_alone) - statistics.mean(found):.2f} against the largest.")


def compare_networks(dovetail, args):
    folder = dovetail.folder / "explored"
    words = [word for name in args.networks for word in ("-n", name)]
    if args.max_area is None:
        args.max_area = dovetail.area_mm2("nahas_baseline")
    dovetail.run("-q", "explore", *words, "-s", args.space, "--max-area", args.max_area, "-o", folder.resolve(),
                 *(["--resume"] if folder.exists() else []))
    tables = {}
    for file in sorted(folder.glob("*.csv")):
        head, rows = file.read_text(encoding="utf-8").splitlines(), []
        if head[0] == "# schema: dovetail.exploration/1" or head[0].startswith("# schema: dovetail.exploration/"):
            rows = read_table(head)
        if rows:
            tables[file.stem] = [number(row["latency_ms"]) for row in rows]
    own = {name: min(range(len(ms)), key=ms.__getitem__) for name, ms in tables.items()}
    best = {name: tables[name][own[name]] for name in tables}
    configurations = len(next(iter(tables.values())))

    def worst(index):
        return max(tables[name][index] / best[name] for name in tables)

    shared = min(range(configurations), key=worst)
    names = list(tables)
    print(f"All accelerators of `{args.space}` up to {args.max_area:g} mm2. Slowdown of each network against its own best "
          "accelerator, %.\n")
    print("| accelerator | " + " | ".join(names) + " | worst |\n| --- |" + " --- |" * (len(names) + 1))
    for label, index in [*((f"best for {name}", own[name]) for name in names), ("best for all", shared)]:
        cells = [f"{100 * (tables[name][index] / best[name] - 1):.1f}" for name in names]
        print(f"| {label}: {args.space}-{index} | " + " | ".join(cells) + f" | {100 * (worst(index) - 1):.1f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    both = argparse.ArgumentParser(add_help=False)
    both.add_argument("--dovetail", default=str(ROOT / "build/native/cli/dovetail"), help="the program")
    targets = commands.add_parser("targets", parents=[both])
    targets.add_argument("-o", "--output", default="out/targets_of_sets")
    targets.add_argument("--space", default="ofa_mbv3")
    targets.add_argument("--predictor", default="ofa_mbv3")
    targets.add_argument("--accelerators", nargs="+",
                         default=["nahas_baseline", "coral_edge_tpu", "nvdla_2048", "nahas_edge-1380", "nahas_edge-3778"])
    targets.add_argument("--evaluations", type=int, default=300)
    targets.add_argument("--seeds", type=int, default=5)
    networks = commands.add_parser("networks", parents=[both])
    networks.add_argument("-o", "--output", default="out/networks_of_sets")
    networks.add_argument("--networks", nargs="+", default=["mobilenet_v2", "efficientnet_lite0", "resnet_50"])
    networks.add_argument("--space", default="nahas_edge")
    networks.add_argument("--max-area", type=float, help="mm2; default: that of nahas_baseline")
    args = parser.parse_args()
    dovetail = Dovetail(args.dovetail, args.output)
    (compare_targets if args.command == "targets" else compare_networks)(dovetail, args)


if __name__ == "__main__":
    main()
