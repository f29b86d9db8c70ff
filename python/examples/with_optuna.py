#!/usr/bin/env python3
"""Five searchers on one problem, through ask and tell: three of dovetail's and two of Optuna's.

usage: with_optuna.py [--evaluations N] [--seeds N] [-o PICTURE]

random, nsga2 and parego of dovetail, TPE and NSGA-II of Optuna (Debian: python3-optuna) search the same
networks and accelerators for the same front; the picture is the hypervolume after so many evaluations,
the median of the seeds. Optuna is told the constraint in the way that it knows.
PYTHONPATH has the package (docs/python.md).
"""

import argparse
import statistics
import warnings

import dovetail

PROBLEM = {
    "network": {"space": "ofa_mbv3"}, "hardware": {"space": "nahas_edge"},
    "accuracy": {"source": "predictor", "file": "ofa_mbv3"}, "cost": {"model": "simulation"},
    "objective": {"pareto": ["top1_percent", "latency_ms"], "reference": {"top1_percent": 70, "latency_ms": 2}},
    "constraints": {"area_mm2": 80},
}
OURS = {"random": {"name": "random"}, "nsga2": {"name": "nsga2", "population": 20},
        "parego": {"name": "parego"}}


def study_of(name, strategy, evaluations, seed):
    return dovetail.Study({"name": name, **PROBLEM, "strategy": strategy, "evaluations": evaluations,
                           "batch": 10, "seeds": [seed]})


def of_ours(name, evaluations, seed):
    with study_of(name, OURS[name], evaluations, seed) as study:
        study.run()
        return study.hypervolumes()


def of_optuna(sampler_name, evaluations, seed):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)

    def constraints(trial):
        return trial.user_attrs["violation"]

    sampler = {"tpe": lambda: optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True,
                                                         constraints_func=constraints),
               "nsga": lambda: optuna.samplers.NSGAIISampler(seed=seed, population_size=20,
                                                             constraints_func=constraints)}[sampler_name]()
    searcher = optuna.create_study(directions=["maximize", "minimize"], sampler=sampler)
    with study_of(f"optuna_{sampler_name}", {"name": "external"}, evaluations, seed) as study:
        while not study.over:
            asked = [searcher.ask() for _ in range(min(10, evaluations - len(study)))]
            for trial, found in zip(asked, study.tell([study.suggest(trial) for trial in asked])):
                trial.set_user_attr("violation", [found.violation if found.ok else 1e9])
                if found.ok:
                    searcher.tell(trial, [found.top1_percent, found.latency_ms])
                else:
                    searcher.tell(trial, state=optuna.trial.TrialState.FAIL)
        return study.hypervolumes()


SEARCHERS = {
    "random": lambda n, seed: of_ours("random", n, seed),
    "nsga2": lambda n, seed: of_ours("nsga2", n, seed),
    "parego": lambda n, seed: of_ours("parego", n, seed),
    "Optuna TPE": lambda n, seed: of_optuna("tpe", n, seed),
    "Optuna NSGA-II": lambda n, seed: of_optuna("nsga", n, seed),
}


def compare(evaluations, seeds, searchers=None):
    """{searcher: hypervolume after each evaluation, the median of the seeds}"""
    curves = {}
    for name in searchers or SEARCHERS:
        runs = [SEARCHERS[name](evaluations, seed) for seed in range(seeds)]
        curves[name] = [statistics.median(values) for values in zip(*runs)]
    return curves


def draw(curves, axes=None):
    """One picture of all; returns the axes."""
    if axes is None:
        import matplotlib.pyplot as plt

        axes = plt.subplots()[1]
    for name, curve in curves.items():
        axes.plot(range(1, len(curve) + 1), curve, label=name, linestyle="--" if "Optuna" in name else "-")
    axes.set_xlabel("evaluations")
    axes.set_ylabel("hypervolume [% ms]")
    axes.legend()
    return axes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--evaluations", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("-o", "--output", help="picture: .png, .svg or .pdf")
    arguments = parser.parse_args()
    curves = compare(arguments.evaluations, arguments.seeds)
    for name, curve in curves.items():
        print(f"{name:<16} {curve[-1]:.4f}")
    if arguments.output:
        import matplotlib

        matplotlib.use("Agg")
        draw(curves).figure.savefig(arguments.output, dpi=200, bbox_inches="tight")


if __name__ == "__main__":
    main()
