#!/usr/bin/env python3
"""Optuna reads what `study export --optuna` writes, and finds the same trials and the same front.

usage: optuna_journal_test.py DOVETAIL      with the Python that has optuna (Debian: python3-optuna)
"""

import csv
import pathlib
import subprocess
import sys
import tempfile
import warnings

import matplotlib
import optuna

matplotlib.use("Agg")

STUDY = """schema: dovetail.study/1
name: exported
network: {space: nahas_s1}
hardware: {space: nahas_edge}
accuracy: {source: transfer, file: mbconv_transfer}
cost: {model: simulation}
objective: {pareto: [top1_percent, latency_ms], reference: {top1_percent: 50, latency_ms: 5}}
constraints: {area_mm2: 60}
strategy: {name: random}
evaluations: 40
seeds: [1, 2]
workers: 1
"""


def main(dovetail):
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        (folder / "study.yaml").write_text(STUDY)

        def run(*words):
            subprocess.run([dovetail, "-q", *words], cwd=folder, check=True)
        run("search", "./study.yaml", "-o", "out")
        run("study", "export", "out", "--optuna", "journal.log", "--csv", "trials.csv")
        lines = [line for line in (folder / "trials.csv").read_text().splitlines() if not line.startswith("#")]
        rows = list(csv.DictReader(lines))
        storage = optuna.storages.JournalStorage(optuna.storages.JournalFileStorage(str(folder / "journal.log")))
        names = sorted(study.study_name for study in optuna.get_all_study_summaries(storage))
        assert names == ["exported: joint, seed 1", "exported: joint, seed 2"], names
        for seed in ("1", "2"):
            study = optuna.load_study(study_name=f"exported: joint, seed {seed}", storage=storage)
            check(study, [row for row in rows if row["seed"] == seed])


def check(study, rows):
    assert [direction.name for direction in study.directions] == ["MAXIMIZE", "MINIMIZE"]
    assert len(study.trials) == len(rows) == 40
    complete = 0
    for trial, row in zip(study.trials, rows):
        assert trial.user_attrs["trial"] == int(row["trial"])
        for name, value in trial.params.items():
            assert str(value) == row[name] or float(value) == float(row[name]), (name, value, row[name])
        if row["status"] != "ok":
            assert trial.state == optuna.trial.TrialState.FAIL
            assert trial.user_attrs["reason"] == row["reason"]
            continue
        complete += 1
        assert trial.state == optuna.trial.TrialState.COMPLETE
        assert abs(trial.values[1] - float(row["latency_ms"])) < 1e-6 * trial.values[1]
        held = all(excess <= 0 for excess in trial.system_attrs["constraints"])
        assert held == (row["acceptable"] == "1"), row
    assert complete > 20, complete
    # What Optuna draws and computes of studies works on it.
    front = {trial.number for trial in study.best_trials}
    held = [row for row in rows if row["status"] == "ok" and row["acceptable"] == "1"]
    for row in held:
        better = [other for other in held if float(other["top1_percent"]) >= float(row["top1_percent"])
                  and float(other["latency_ms"]) <= float(row["latency_ms"]) and other is not row]
        if not better:
            assert int(row["evaluation"]) - 1 in front or not has_constraints_in_fronts(), row
    axes = optuna.visualization.matplotlib.plot_parallel_coordinate(
        study, params=["hw.pes_x", "hw.pes_y"], target=lambda trial: trial.values[1], target_name="latency_ms")
    assert axes is not None


def has_constraints_in_fronts():
    """Optuna 3.1 takes all trials for a front; later ones those that hold the constraints."""
    return tuple(int(part) for part in optuna.__version__.split(".")[:2]) >= (3, 2)


main(sys.argv[1])
