#!/usr/bin/env python3
"""Every strategy on every task whose optimum is known, and Optuna's on the same tables.

    scripts/strategy_benchmark.py --data nas-bench-macro_cifar10.json -o out/strategies

Runs `dovetail bench regret` for each task and number of evaluations, then Optuna's multivariate TPE
with constraints and its NSGA-II (Debian: python3-optuna, python3-h5py) on the same pairs, and writes
strategies.csv (a row a task, number of evaluations and strategy) and strategies.md (the tables of
docs/strategies.md). Tables of all pairs are kept in the output folder and used again; without
Optuna, its rows are left out. The task of several networks is a study, whose truth is a study that
asks for every accelerator.

    scripts/strategy_benchmark.py --hot-start -o out/hot

writes hot_start.md instead: evaluations of that study to near the optimum, started from nothing and
from three sources.
"""

import argparse
import csv
import json
import pathlib
import random
import statistics
import subprocess
import sys
import time

# Metrics of a front are (reference, 1 to minimise or -1 to maximise).
TASKS = {
    "area_limited": {
        "title": "top-1 and latency within 20 mm2",
        "networks": "nas_bench_macro", "accelerators": "regret_grid",
        "front": {"top1_percent": 88, "latency_ms": 0.5},
        "limits": {"area_mm2": 20},
    },
    "tight_latency": {
        "title": "top-1 and latency within 20 mm2 and 0.1 ms",
        "networks": "nas_bench_macro", "accelerators": "regret_grid",
        "front": {"top1_percent": 88, "latency_ms": 0.5},
        "limits": {"area_mm2": 20, "latency_ms": 0.1},
    },
    "three_objectives": {
        "title": "top-1, latency and area",
        "networks": "nas_bench_macro", "accelerators": "regret_grid",
        "front": {"top1_percent": 88, "latency_ms": 0.5, "area_mm2": 80},
        "limits": {"area_mm2": 80},
    },
    "hardware_only": {
        "title": "latency and area of MobileNetV2 on all 50,000 accelerators of nahas_edge",
        "networks": "mobilenet_v2_fixed", "accelerators": "nahas_edge",
        "front": {"latency_ms": 2, "area_mm2": 100},
        "limits": {"area_mm2": 100},
    },
    "two_networks": {
        "title": "largest latency ratio of MobileNetV2 and EfficientNet-Lite0, and area, on one "
                 "accelerator",
        "study": ["mobilenet_v2", "efficientnet_lite0"], "accelerators": "regret_grid_2048",
        "front": {"latency_ratio_max": 3, "area_mm2": 80},
        "limits": {"area_mm2": 80},
    },
}
NEAR_OPTIMUM = 0.99  # of the best reward, as in bench regret


def study_text(task, strategy, evaluations, seeds, start=None):
    """A study of the task; `strategy` as bench regret writes it."""
    name, *parameters = strategy.split(":")
    keys = [] if name == "default" else [f"name: {name}"]
    keys += [parameter.replace("=", ": ") for parameter in parameters]
    keys += [f"start: [{start}]"] if start else []
    lines = ["schema: dovetail.study/1", "name: task", "scope: hardware", "networks:"]
    lines += [f"  - {{network: {network}}}" for network in task["study"]]
    lines += [
        f"hardware: {{space: {task['accelerators']}}}", "cost: {model: simulation}",
        f"objective: {{pareto: [{', '.join(task['front'])}], reference: {yaml_map(task['front'])}, "
        "reward: {kind: weighted_sum, targets: {latency_ratio_max: 1, area_mm2: 40}, "
        "weights: {latency_ratio_max: -0.3, area_mm2: -0.3}}}",
        f"constraints: {yaml_map(task['limits'])}",
        f"evaluations: {evaluations}", f"seeds: {list(range(seeds))}"]
    lines += [f"strategy: {{{', '.join(keys)}}}"] if keys else []
    return "\n".join(lines) + "\n"


def yaml_map(pairs):
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}"


def run_study(arguments, text, folder):
    """Trials of the study, a list a seed."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(text)
    out = folder / "study"
    resume = ["--resume"] if (out / "study.db").exists() else []
    subprocess.run([arguments.dovetail, "search", str(folder / "study.yaml"), "-o", str(out),
                    "-w", str(arguments.workers), "--quiet", *resume], check=True)
    table = folder / "trials.csv"
    subprocess.run([arguments.dovetail, "study", "export", str(out), "--csv", str(table)],
                   check=True, stdout=subprocess.DEVNULL)
    with open(table) as file:
        trials = list(csv.DictReader(line for line in file if not line.startswith("#")))
    seeds = sorted({int(trial["seed"]) for trial in trials})
    return [[trial for trial in trials if int(trial["seed"]) == seed] for seed in seeds]


def acceptable(trials):
    return [trial for trial in trials if trial["acceptable"] == "1"]


def study_hypervolume(task, trials):
    points = [tuple(minimised(m, float(trial[m])) for m in task["front"])
              for trial in acceptable(trials)]
    return hypervolume(front_of(points), [minimised(m, r) for m, r in task["front"].items()])


def truth_of(arguments, task):
    """Every accelerator's trial."""
    points = 1_000_000  # the study ends when the space is used up
    text = study_text(task, "exhaustive", points, 1)
    return run_study(arguments, text, arguments.output / "every_accelerator")[0]


def study_rows(arguments, name, task, evaluations):
    best = study_hypervolume(task, truth_of(arguments, task))
    rows = []
    for strategy in arguments.strategies.split(","):
        folder = arguments.output / f"{name}-{evaluations}-{strategy.replace(':', '_')}"
        runs = run_study(arguments, study_text(task, strategy, evaluations, arguments.seeds), folder)
        ratios = [study_hypervolume(task, run) / best for run in runs]
        rows.append([name, evaluations, strategy, *quartiles(ratios),
                     sum(bool(acceptable(run)) for run in runs), len(runs)])
    return rows


def near_optimum_after(run, best_reward):
    """Evaluations of a search to a near-optimal acceptable trial; infinite if it has none."""
    for trial in sorted(acceptable(run), key=lambda trial: int(trial["evaluation"])):
        if float(trial["reward"]) >= NEAR_OPTIMUM * best_reward:
            return int(trial["evaluation"])
    return float("inf")


def hot_starts(arguments, task, truth):
    """Name and start: the best trial of a study of one of the networks alone, the baseline by its
    name, and the choices of the best of 20 random accelerators."""
    alone = dict(task, study=task["study"][:1])
    folder = arguments.output / "alone"
    trials = run_study(arguments, study_text(alone, "ehvi", 60, 1), folder)[0]
    trial = max(acceptable(trials), key=lambda trial: float(trial["reward"]))["trial"]
    drawn = random.Random(0).sample(acceptable(truth), 20)
    best = max(drawn, key=lambda trial: float(trial["reward"]))
    choices = {key: value for key, value in best.items() if key.startswith("hw.")}
    return {"none": None,
            f"the best of {task['study'][0]} alone":
                f"{{study: {(folder / 'study').resolve()}, trial: {trial}}}",
            "the baseline": "{accelerator: nahas_baseline}",
            "the best of 20 random": yaml_map(choices)}


def write_hot_start(arguments):
    task = TASKS["two_networks"]
    evaluations = int(arguments.evaluations.split(",")[0])
    truth = truth_of(arguments, task)
    best = max(float(trial["reward"]) for trial in acceptable(truth))
    starts = hot_starts(arguments, task, truth)
    path = arguments.output / "hot_start.md"
    with open(path, "w") as file:
        file.write("| strategy | " + " | ".join(starts) + " |\n| --- |" + " --- |" * len(starts) +
                   "\n")
        for strategy in arguments.strategies.split(","):
            cells = []
            for i, start in enumerate(starts.values()):
                folder = arguments.output / f"{strategy.replace(':', '_')}-{i}"
                text = study_text(task, strategy, evaluations, arguments.seeds, start)
                after = [near_optimum_after(run, best) for run in run_study(arguments, text, folder)]
                median = statistics.median_high(after)
                cells.append(f"> {evaluations}" if median == float("inf") else str(median))
            file.write(f"| `{strategy}` | " + " | ".join(cells) + " |\n")
    print(path)


def pairs_text(pairs):
    return ",".join(f"{key}={value}" for key, value in pairs.items())


def run_dovetail(arguments, task, evaluations, folder):
    """Rows of regret_runs.csv of one task."""
    command = [arguments.dovetail, "bench", "regret", "-n", task["networks"], "-s",
               task["accelerators"], "--table", str(table_of(arguments, task)), "--limits",
               pairs_text(task["limits"]), "--front", pairs_text(task["front"]), "--area-known",
               "-e", str(evaluations), "--seeds", str(arguments.seeds), "-o", str(folder), "--quiet",
               "--strategies", arguments.strategies]
    if "top1_percent" in task["front"]:
        command += ["--data", arguments.data]
    began = time.time()
    subprocess.run(command, check=True)
    with open(folder / "regret_runs.csv") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return rows, time.time() - began


def table_of(arguments, task):
    return arguments.output / f"{task['networks']}-{task['accelerators']}.h5"


class Pairs:
    """All pairs of a task, as the table has them."""

    def __init__(self, arguments, task):
        import h5py
        with h5py.File(table_of(arguments, task)) as table:
            self.latency_ms = table["latency_ms"][:]
            self.area_mm2 = table["area_mm2"][:]
            self.row = table["network_row"][:]
            spaces = [json.loads(table.attrs[name]) for name in ("network_space", "hardware_space")]
        self.sizes = [[len(decision["choices"]) for decision in space["decisions"]]
                      for space in spaces]
        self.top1 = {}
        if "top1_percent" in task["front"]:
            self.top1 = {key: value["mean_acc"] for key, value in json.load(open(arguments.data)).items()}
        self.task = task

    def figures(self, choices):
        """Of a pair, or nothing if it is infeasible."""
        network, hardware = choices[:len(self.sizes[0])], choices[len(self.sizes[0]):]
        point = self.index(network, self.sizes[0])
        accelerator = self.index(hardware, self.sizes[1])
        latency = float(self.latency_ms[accelerator, self.row[point]])
        if latency == 0:
            return None
        return {"latency_ms": latency, "area_mm2": float(self.area_mm2[accelerator]),
                "top1_percent": self.top1.get("".join(map(str, network)), 100)}

    @staticmethod
    def index(choices, sizes):
        index = 0
        for choice, size in zip(choices, sizes):
            index = index * size + choice
        return index


def minimised(metric, value):
    return -value if metric == "top1_percent" else value


def run_optuna(pairs, sampler_name, seed, evaluations):
    """Figures of the acceptable trials. Every decision is an ordered integer: the spaces' decisions
    are."""
    import optuna
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    task = pairs.task
    sizes = pairs.sizes[0] + pairs.sizes[1]

    def constraints(trial):
        return trial.user_attrs["violations"]

    if sampler_name == "TPE":
        sampler = optuna.samplers.TPESampler(multivariate=True, constraints_func=constraints,
                                             seed=seed)
    else:
        sampler = optuna.samplers.NSGAIISampler(population_size=20, constraints_func=constraints,
                                                seed=seed)
    acceptable = []

    def objective(trial):
        choices = [trial.suggest_int(f"d{i}", 0, size - 1) for i, size in enumerate(sizes)]
        figures = pairs.figures(choices)
        if figures is None:
            trial.set_user_attr("violations", [10.0] * len(task["limits"]))
            return tuple(minimised(metric, reference) for metric, reference in task["front"].items())
        violations = [figures[metric] / limit - 1 for metric, limit in task["limits"].items()]
        trial.set_user_attr("violations", violations)
        if all(violation <= 0 for violation in violations):
            acceptable.append(figures)
        return tuple(minimised(metric, figures[metric]) for metric in task["front"])

    study = optuna.create_study(directions=["minimize"] * len(task["front"]), sampler=sampler)
    study.optimize(objective, n_trials=evaluations)
    return acceptable


def hypervolume(points, reference):
    """Exact, by slices over the last objective; of few points."""
    points = [p for p in points if all(x < r for x, r in zip(p, reference))]
    if not points:
        return 0.0
    if len(reference) == 1:
        return reference[0] - min(p[0] for p in points)
    points.sort(key=lambda p: p[-1])
    volume = 0.0
    for i, point in enumerate(points):
        above = points[i + 1][-1] if i + 1 < len(points) else reference[-1]
        if above > point[-1]:
            volume += (above - point[-1]) * hypervolume([p[:-1] for p in points[:i + 1]],
                                                        reference[:-1])
    return volume


def front_of(points):
    points = sorted(set(points))
    front = []
    for point in points:
        if not any(all(a <= b for a, b in zip(other, point)) for other in front):
            front.append(point)
    return front


def optuna_ratios(arguments, task, evaluations, best, sampler):
    from concurrent.futures import ProcessPoolExecutor
    with ProcessPoolExecutor(arguments.workers) as pool:
        work = [pool.submit(optuna_ratio, arguments, task, evaluations, best, sampler, seed)
                for seed in range(arguments.optuna_seeds)]
        return [it.result() for it in work]


def optuna_ratio(arguments, task, evaluations, best, sampler, seed):
    acceptable = run_optuna(Pairs(arguments, task), sampler, seed, evaluations)
    points = front_of([tuple(minimised(m, f[m]) for m in task["front"]) for f in acceptable])
    reference = [minimised(m, r) for m, r in task["front"].items()]
    return hypervolume(points, reference) / best, bool(acceptable)


def quartiles(values):
    if len(values) == 1:
        return values * 3
    first, median, third = statistics.quantiles(values, n=4, method="inclusive")
    return first, median, third


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", help="nas-bench-macro_cifar10.json; only two_networks is without")
    parser.add_argument("--hot-start", action="store_true",
                        help="evaluations to near the optimum from several starts, the first of "
                        "--evaluations at most")
    parser.add_argument("--dovetail", default="dovetail", help="the program")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--evaluations", default="100,300,500,2000")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--strategies", default="default,random,ehvi,parego,nsga2:population=20,nsga2,"
                        "moead,gradient,bayesian,regularized_evolution,local_search,"
                        "simulated_annealing,random_walk")
    parser.add_argument("--optuna-evaluations", default="100,300,500",
                        help="numbers of evaluations for which Optuna runs too (its TPE takes minutes)")
    parser.add_argument("--optuna-seeds", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2, help="processes that run Optuna")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    if arguments.hot_start:
        write_hot_start(arguments)
        return
    try:
        import h5py  # noqa: F401
        import optuna  # noqa: F401
    except ImportError as error:
        print(f"Optuna's rows are left out: {error}", file=sys.stderr)
        arguments.optuna_evaluations = ""

    rows = []
    for name in arguments.tasks.split(","):
        task = TASKS[name]
        for evaluations in map(int, arguments.evaluations.split(",")):
            if "study" in task:
                rows += study_rows(arguments, name, task, evaluations)
                continue
            folder = arguments.output / f"{name}-{evaluations}"
            runs, seconds = run_dovetail(arguments, task, evaluations, folder)
            print(f"{name}, {evaluations} evaluations: {seconds:.0f} s", file=sys.stderr)
            for strategy in dict.fromkeys(run["strategy"] for run in runs):
                own = [run for run in runs if run["strategy"] == strategy]
                rows.append([name, evaluations, strategy,
                             *quartiles([float(run["hypervolume_ratio"]) for run in own]),
                             sum(int(run["acceptable"]) > 0 for run in own), len(own)])
            if str(evaluations) not in arguments.optuna_evaluations.split(","):
                continue
            best = json.load(open(folder / "optimum.json"))["best_hypervolume"]
            for sampler in ("TPE", "NSGA-II"):
                began = time.time()
                ratios = optuna_ratios(arguments, task, evaluations, best, sampler)
                print(f"  Optuna's {sampler}: {time.time() - began:.0f} s", file=sys.stderr)
                rows.append([name, evaluations, f"Optuna's {sampler}",
                             *quartiles([ratio for ratio, _ in ratios]),
                             sum(found for _, found in ratios), len(ratios)])
    write(arguments, rows)


def write(arguments, rows):
    with open(arguments.output / "strategies.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["task", "evaluations", "strategy", "hypervolume_ratio_q1",
                         "hypervolume_ratio_median", "hypervolume_ratio_q3", "found_acceptable",
                         "seeds"])
        for row in rows:
            writer.writerow(row[:3] + [f"{x:.6f}" for x in row[3:6]] + row[6:])
    with open(arguments.output / "strategies.md", "w") as file:
        for name in dict.fromkeys(row[0] for row in rows):
            own = [row for row in rows if row[0] == name]
            budgets = list(dict.fromkeys(row[1] for row in own))
            file.write(f"\n**{name}**: {TASKS[name]['title']}\n\n| strategy | " +
                       " | ".join(map(str, budgets)) + " |\n| --- |" + " --- |" * len(budgets) + "\n")
            for strategy in dict.fromkeys(row[2] for row in own):
                cells = []
                for budget in budgets:
                    found = [row for row in own if row[1] == budget and row[2] == strategy]
                    cells.append(cell(found[0]) if found else "")
                file.write(f"| `{strategy}` | " + " | ".join(cells) + " |\n")
    print(arguments.output / "strategies.md")


def cell(row):
    text = f"{row[4]:.3f} ({row[3]:.3f}-{row[5]:.3f})"
    return text if row[6] == row[7] else f"{text}, none in {row[7] - row[6]} of {row[7]}"


if __name__ == "__main__":
    main()
