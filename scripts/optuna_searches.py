"""Optuna's samplers on tables of all candidates, for strategy_benchmark.py.

A search is kept as a file, so that a run that was stopped goes on, and one of many evaluations
serves for fewer: neither sampler knows how many are to come.
"""

import json

SAMPLERS = ("TPE", "NSGA-II")
INFEASIBLE_EXCESS = 10.0  # told for each limit of a candidate that has no figures


class Pairs:
    """All pairs of a network space and a design space, as the table of bench regret has them."""

    def __init__(self, table, task, data):
        import h5py
        with h5py.File(table) as file:
            self.latency_ms = file["latency_ms"][:]
            self.area_mm2 = file["area_mm2"][:]
            self.row = file["network_row"][:]
            spaces = [json.loads(file.attrs[name]) for name in ("network_space", "hardware_space")]
        self.by_side = [[len(decision["choices"]) for decision in space["decisions"]]
                        for space in spaces]
        self.sizes = self.by_side[0] + self.by_side[1]
        self.top1 = {}
        if "top1_percent" in task["front"]:
            with open(data) as file:
                self.top1 = {key: value["mean_acc"] for key, value in json.load(file).items()}
        self.task = task

    def figures(self, choices):
        """Of a pair, or nothing if it is infeasible."""
        networks = len(self.by_side[0])
        network = choices[:networks]
        accelerator = position(choices[networks:], self.by_side[1])
        latency = float(self.latency_ms[accelerator, self.row[position(network, self.by_side[0])]])
        if latency == 0:
            return None
        return {"latency_ms": latency, "area_mm2": float(self.area_mm2[accelerator]),
                "top1_percent": self.top1.get("".join(map(str, network)), 100)}


class Trials:
    """All candidates of a study that asked for every one, as `study export --csv` has them."""

    def __init__(self, trials, task):
        decisions = [key for key in trials[0] if key.startswith("hw.")]
        choices = [sorted({float(trial[key]) for trial in trials}) for key in decisions]
        self.sizes = [len(its) for its in choices]
        self.task = task
        self.by_choices = {}
        for trial in trials:
            key = tuple(its.index(float(trial[name])) for name, its in zip(decisions, choices))
            figures = {metric: trial[metric] for metric in {**task["front"], **task["limits"]}}
            self.by_choices[key] = None if "" in figures.values() else {
                metric: float(value) for metric, value in figures.items()}

    def figures(self, choices):
        return self.by_choices[tuple(choices)]


def position(choices, sizes):
    index = 0
    for choice, size in zip(choices, sizes):
        index = index * size + choice
    return index


def minimised(metric, value):
    return -value if metric == "top1_percent" else value


def product_volume(point1, point2):
    volume = 1.0
    for a, b in zip(point1.tolist(), point2.tolist()):
        volume *= a - b
    return abs(volume)


def area_of(solutions, reference):
    """Of two objectives; as Optuna's, which leaves the reference point where the last one was."""
    area, width, height = 0.0, *reference.tolist()
    for x, y in sorted(solutions.tolist(), key=lambda point: (point[0], -point[1])):
        if height < y:
            continue
        area += abs((width - x) * (height - y))
        height = y
    reference[1] = height
    return area


def speed_up(optuna):
    """Optuna 3.1 takes half of TPE's time for products of two or three numbers; the same here
    without arrays, to the last bit."""
    if not optuna.__version__.startswith("3.1."):
        return
    from optuna import _hypervolume
    _hypervolume.wfg._compute_2points_volume = product_volume
    _hypervolume.wfg._compute_2d = area_of


def search(candidates, sampler_name, seed, evaluations, faster=True):
    """(trial, figures of the front) of the acceptable ones. Every decision is an ordered integer:
    the spaces' decisions are."""
    import warnings

    import optuna
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if faster:
        speed_up(optuna)
    task = candidates.task

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
        figures = candidates.figures([trial.suggest_int(f"d{i}", 0, size - 1)
                                      for i, size in enumerate(candidates.sizes)])
        if figures is None:
            trial.set_user_attr("violations", [INFEASIBLE_EXCESS] * len(task["limits"]))
            return tuple(minimised(metric, reference) for metric, reference in task["front"].items())
        violations = [figures[metric] / limit - 1 for metric, limit in task["limits"].items()]
        trial.set_user_attr("violations", violations)
        if all(violation <= 0 for violation in violations):
            acceptable.append([trial.number, [figures[metric] for metric in task["front"]]])
        return tuple(minimised(metric, figures[metric]) for metric in task["front"])

    study = optuna.create_study(directions=["minimize"] * len(task["front"]), sampler=sampler)
    study.optimize(objective, n_trials=evaluations)
    return acceptable


def kept_search(folder, name, candidates, sampler_name, seed, evaluations):
    """The same from its file, if it is there and of as many evaluations."""
    file = folder / f"{name}-{sampler_name}-{seed}.json"
    if file.exists():
        kept = json.loads(file.read_text())
        if kept["evaluations"] >= evaluations:
            return kept["acceptable"]
    found = search(candidates, sampler_name, seed, evaluations)
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"evaluations": evaluations, "acceptable": found}))
    return found
