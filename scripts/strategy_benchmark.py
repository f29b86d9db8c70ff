#!/usr/bin/env python3
"""Every strategy on every task whose optimum is known, and Optuna's on the same tables.

    scripts/strategy_benchmark.py --data nas-bench-macro_cifar10.json -o out/strategies

Runs `dovetail bench regret` for each task and number of evaluations, then Optuna's multivariate TPE
with constraints and its NSGA-II (Debian: python3-optuna, python3-h5py) on the same pairs, and writes
strategies.csv (a row a task, number of evaluations and strategy) and strategies.md (the tables of
docs/strategies.md) of all that stands in the output folder. Tables of all pairs and searches are
kept there and used again, so that a run may be stopped, and further strategies or seeds be added;
a new version of the program takes a new folder. Without Optuna, its rows are left out. The task of
several networks is a study, whose truth is a study that asks for every accelerator.

    scripts/strategy_benchmark.py --hot-start -o out/hot

writes hot_start.md instead: evaluations of that study to near the optimum, started from nothing and
from three sources.
"""

import argparse
import csv
import json
import math
import pathlib
import random
import statistics
import subprocess
import sys
import time

import optuna_searches

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


def study_searches(arguments, name, task, evaluations, strategy):
    best = study_hypervolume(task, truth_of(arguments, task))
    folder = arguments.output / f"{name}-{evaluations}-{strategy.replace(':', '_')}"
    runs = run_study(arguments, study_text(task, strategy, evaluations, arguments.seeds), folder)
    return [[study_hypervolume(task, run) / best, bool(acceptable(run))] for run in runs]


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


def regret_searches(arguments, name, task, evaluations, names):
    """[hypervolume ratio, whether anything was acceptable] of each search, by strategy."""
    folder = arguments.output / f"{name}-{evaluations}"
    command = [arguments.dovetail, "bench", "regret", "-n", task["networks"], "-s",
               task["accelerators"], "--table", str(table_of(arguments, task)), "--limits",
               pairs_text(task["limits"]), "--front", pairs_text(task["front"]), "--area-known",
               "-e", str(evaluations), "--seeds", str(arguments.seeds), "-o", str(folder), "--quiet",
               "-w", str(arguments.workers), "--strategies", ",".join(names)]
    if "top1_percent" in task["front"]:
        command += ["--data", arguments.data]
    subprocess.run(command, check=True)
    with open(folder / "regret_runs.csv") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return {strategy: [[float(row["hypervolume_ratio"]), int(row["acceptable"]) > 0]
                       for row in rows if row["strategy"] == strategy] for strategy in names}


def table_of(arguments, task):
    return arguments.output / f"{task['networks']}-{task['accelerators']}.h5"


def minimised(metric, value):
    return optuna_searches.minimised(metric, value)


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


def optuna_candidates(arguments, name, task):
    """What its searches look up, and the hypervolume of the true front."""
    if "study" in task:
        truth = truth_of(arguments, task)
        return optuna_searches.Trials(truth, task), study_hypervolume(task, truth)
    optimum = min(arguments.output.glob(f"{name}-*/optimum.json"), default=None)
    if optimum is None:  # by the cheapest search of it
        regret_searches(arguments, name, task, 1, ["random"])
        optimum = arguments.output / f"{name}-1" / "optimum.json"
    best = json.loads(optimum.read_text())["best_hypervolume"]
    return optuna_searches.Pairs(table_of(arguments, task), task, arguments.data), best


def optuna_search(arguments, name, candidates, best, sampler, seed, budgets):
    """[ratio, whether anything was acceptable] after so many evaluations each."""
    task = candidates.task
    found = optuna_searches.kept_search(arguments.output / "optuna", name, candidates, sampler, seed,
                                        max(budgets))
    reference = [minimised(metric, value) for metric, value in task["front"].items()]
    searches = []
    for budget in budgets:
        points = front_of([tuple(minimised(metric, value)
                                 for metric, value in zip(task["front"], figures))
                           for trial, figures in found if trial < budget])
        searches.append([hypervolume(points, reference) / best, bool(points)])
    return searches


class Kept:
    """Searches of a task, number of evaluations and strategy: a file each, one entry a seed."""

    def __init__(self, output):
        self.folder = output / "searches"
        self.folder.mkdir(parents=True, exist_ok=True)

    def file(self, task, evaluations, strategy):
        return self.folder / f"{task}-{evaluations}-{strategy.replace(':', '_')}.json"

    def seeds(self, *of):
        return len(self.load(*of))

    def load(self, *of):
        file = self.file(*of)
        return json.loads(file.read_text())["searches"] if file.exists() else []

    def save(self, task, evaluations, strategy, searches):
        self.file(task, evaluations, strategy).write_text(json.dumps(
            {"of": [task, evaluations, strategy], "searches": searches}))

    def all(self):
        """(task, evaluations, strategy): searches."""
        kept = [json.loads(file.read_text()) for file in self.folder.glob("*.json")]
        return {tuple(its["of"]): its["searches"] for its in kept}


def median_interval(values):
    """Median and a 95 % confidence interval of it, of order statistics: no distribution is assumed.
    With fewer than six it is the whole range, which has less confidence."""
    ordered, n = sorted(values), len(values)
    below, tail = 0, 0.5 ** n  # chance that at most `below` values lie under the median
    while below + 1 < n / 2 and tail + math.comb(n, below + 1) * 0.5 ** n <= 0.025:
        below += 1
        tail += math.comb(n, below) * 0.5 ** n
    low = below if tail <= 0.025 else 0
    return statistics.median(values), ordered[low], ordered[n - 1 - low]


def significantly_larger(a, b):
    """Mann and Whitney's test, one-sided, at 5 %, with ties, as in bench regret."""
    n, m = len(a), len(b)
    wins = sum((x > y) + 0.5 * (x == y) for x in a for y in b)
    together = a + b
    ties = sum(t ** 3 - t for t in map(together.count, set(together)))
    variance = n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1)))
    return variance > 0 and (wins - n * m / 2) / math.sqrt(variance) > 1.6449


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
                        "simulated_annealing,random_walk,ppo,reinforce",
                        help="of dovetail; empty: none")
    parser.add_argument("--samplers", default=",".join(optuna_searches.SAMPLERS),
                        help="of Optuna; empty: none")
    parser.add_argument("--optuna-evaluations", default="100,300,500",
                        help="numbers of evaluations for which Optuna runs too; its TPE takes a "
                        "minute or two for 500, and sixteen times that for 2,000")
    parser.add_argument("--optuna-seeds", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2, help="processes of dovetail")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    if arguments.hot_start:
        write_hot_start(arguments)
        return
    kept = Kept(arguments.output)
    strategies = [name for name in arguments.strategies.split(",") if name]
    for name in arguments.tasks.split(","):
        for evaluations in map(int, arguments.evaluations.split(",")):
            run_strategies(arguments, kept, name, evaluations, strategies)
    run_optuna(arguments, kept)
    write(arguments, kept.all())


def run_strategies(arguments, kept, name, evaluations, strategies):
    task = TASKS[name]
    wanted = [it for it in strategies if kept.seeds(name, evaluations, it) < arguments.seeds]
    if not wanted:
        return
    began = time.time()
    if "study" in task:
        for strategy in wanted:
            kept.save(name, evaluations, strategy,
                      study_searches(arguments, name, task, evaluations, strategy))
    else:
        for strategy, searches in regret_searches(arguments, name, task, evaluations, wanted).items():
            kept.save(name, evaluations, strategy, searches)
    print(f"{name}, {evaluations} evaluations: {time.time() - began:.0f} s", file=sys.stderr)


def run_optuna(arguments, kept):
    """Seed by seed, so that a run that is stopped has as many of every task."""
    samplers = [name for name in arguments.samplers.split(",") if name]
    try:
        import h5py  # noqa: F401
        import optuna  # noqa: F401
    except ImportError as error:
        print(f"Optuna's rows are left out: {error}", file=sys.stderr)
        return
    budgets = [int(it) for it in arguments.optuna_evaluations.split(",") if it]
    if not samplers or not budgets:
        return
    names = arguments.tasks.split(",")
    candidates = {name: optuna_candidates(arguments, name, TASKS[name]) for name in names}
    for seed in range(arguments.optuna_seeds):
        for name in names:
            for sampler in samplers:
                if all(kept.seeds(name, budget, f"Optuna's {sampler}") > seed for budget in budgets):
                    continue
                began = time.time()
                found = optuna_search(arguments, name, *candidates[name], sampler, seed, budgets)
                print(f"{name}, Optuna's {sampler}, seed {seed}: {time.time() - began:.0f} s",
                      file=sys.stderr)
                for budget, search in zip(budgets, found):
                    searches = kept.load(name, budget, f"Optuna's {sampler}")
                    if len(searches) == seed:
                        kept.save(name, budget, f"Optuna's {sampler}", searches + [search])


def ratios(searches):
    return [ratio for ratio, _ in searches]


def write(arguments, searches):
    names = [name for name in TASKS if any(of[0] == name for of in searches)]
    with open(arguments.output / "strategies.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["task", "evaluations", "strategy", "hypervolume_ratio_median", "low", "high",
                         "found_acceptable", "seeds"])
        for of, its in sorted(searches.items()):
            writer.writerow([*of, *(f"{x:.6f}" for x in median_interval(ratios(its))),
                             sum(found for _, found in its), len(its)])
    with open(arguments.output / "strategies.md", "w") as file:
        for name in names:
            budgets = sorted({of[1] for of in searches if of[0] == name})
            file.write(f"\n**{name}**: {TASKS[name]['title']}\n\n| strategy | " +
                       " | ".join(map(str, budgets)) + " |\n| --- |" + " --- |" * len(budgets) + "\n")
            for strategy in order_of({of[2] for of in searches if of[0] == name}):
                cells = [cell(searches.get((name, budget, strategy)),
                              searches.get((name, budget, "default"))) for budget in budgets]
                file.write(f"| `{strategy}` | " + " | ".join(cells) + " |\n")
    print(arguments.output / "strategies.md")


def order_of(strategies):
    """The default first, Optuna's last."""
    return sorted(strategies, key=lambda name: (name != "default", name.startswith("Optuna"), name))


def cell(its, default):
    if not its:
        return ""
    median, low, high = median_interval(ratios(its))
    text = f"{median:.3f} ({low:.3f}-{high:.3f})"
    if default and its is not default:
        if significantly_larger(ratios(its), ratios(default)):
            text += ", ahead"
        elif not significantly_larger(ratios(default), ratios(its)):
            text += ", level"
    empty = sum(not found for _, found in its)
    if empty:
        text += f", none in {empty}"
    return text if len(its) == 20 else text + f" [{len(its)}]"


if __name__ == "__main__":
    main()
