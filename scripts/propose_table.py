#!/usr/bin/env python3
"""Which measurements to make: what `train --fine-tune` learns from the pairs that `train --propose` names, and from
as many random ones, on the shifted simulator that stands in for silicon (scripts/shifted_space.sh).

usage: propose_table.py DOVETAIL [--pairs N] [--counts 10,20,40] [--draws N] [-o FOLDER]

Model, measurements and the pairs that errors are measured on are those of scripts/fine_tune_table.sh, so its
random draws are the first five. Prints mean errors over the draws and the worst draw."""

import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

COSTS = ("latency", "energy")
FROM_DRAW_TO_DRAW = 100  # pairs, as in fine_tune_table.sh
TECHNOLOGY = "28nm"


class Dovetail:
    def __init__(self, program, folder):
        self.program, self.folder = str(pathlib.Path(program).resolve()), folder

    def __call__(self, *words, text=None):
        done = subprocess.run([self.program, *words], cwd=self.folder, input=text, capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise SystemExit(f"propose_table: dovetail {' '.join(words)}: {done.stderr}")
        return done.stdout


def rows_of(file):
    with open(file, newline="", encoding="utf-8") as text:
        return list(csv.DictReader(line for line in text if not line.startswith("#")))


def write(file, rows):
    with open(file, "w", newline="", encoding="utf-8") as text:
        table = csv.DictWriter(text, rows[0])
        table.writeheader()
        table.writerows(rows)


def prepare(dovetail, pairs, draws):
    """The model, and feasible pairs of the shifted simulator: those to draw from, and in check.csv the others. A model
    that is in the folder already is taken."""
    script = pathlib.Path(__file__).resolve().parent / "shifted_space.sh"
    subprocess.run(["sh", str(script), str(dovetail.folder)], check=True)
    if not (dovetail.folder / "base_model.h5").exists():
        dovetail("label", "-q", "-s", "ofa_mbv3", "-c", str(pairs), "--seed", "0", "-o", "base.h5")
        dovetail("train", "-q", "-d", "base.h5", "-o", "base_model.h5")
    dovetail("label", "-q", "-s", "ofa_mbv3", "--hardware", "./nahas_edge_shifted.yaml", "--technology", TECHNOLOGY,
             "-c", "2000", "--seed", "1", "-o", "silicon.h5")
    dovetail("dataset", "export-csv", "-q", "silicon.h5", "-o", "silicon.csv")
    feasible = [row for row in rows_of(dovetail.folder / "silicon.csv") if row["reason"] == "none"]
    pool = max(5, draws) * FROM_DRAW_TO_DRAW
    write(dovetail.folder / "check.csv", feasible[pool:])
    return feasible[:pool]


def measured(dovetail, plan):
    """The pairs of a plan as the shifted simulator has them; the infeasible ones are lost."""
    part = lambda row, side: {key.removeprefix(side): value for key, value in row.items() if key.startswith(side)}
    requests = [{"network": {"space": "ofa_mbv3", "choices": part(row, "network.")},
                 "accelerator": {"space": "./nahas_edge_shifted.yaml", "choices": part(row, "hardware.")}}
                for row in plan]
    answers = dovetail("evaluate", "--technology", TECHNOLOGY, text="".join(json.dumps(r) + "\n" for r in requests))
    found = []
    for row, answer in zip(plan, map(json.loads, answers.splitlines())):
        if answer["status"] == "ok":
            found.append({**row, **{key: answer["figures"][key] for key in ("latency_ms", "energy_mj")}})
    return found


def proposed(dovetail, count, seed):
    dovetail("train", "-q", "--propose", str(count), "--seed", str(seed), "-m", "base_model.h5", "-o", "plan.csv")
    return measured(dovetail, rows_of(dovetail.folder / "plan.csv"))


def errors_after(dovetail, few):
    """MAPE of latency and energy on check.csv, after tuning with the few."""
    write(dovetail.folder / "few.csv", few)
    text = dovetail("train", "--fine-tune", "few.csv", "-m", "base_model.h5", "-o", "tuned.h5", "--check", "check.csv")
    lines = text[text.index("\non "):].splitlines()
    return [float(next(line for line in lines if line.startswith(cost)).split()[3]) for cost in COSTS]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("dovetail")
    parser.add_argument("--pairs", type=int, default=20000, help="simulated pairs of the model")
    numbers = lambda text: [int(number) for number in text.split(",")]
    parser.add_argument("--counts", type=numbers, default="10,20,40", help="measurements")
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("-o", "--output", help="folder that keeps the model and all else")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(arguments.output or scratch).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        dovetail = Dovetail(arguments.dovetail, folder)
        pool = prepare(dovetail, arguments.pairs, arguments.draws)
        print("| measurements | pairs | " + " | ".join(f"{cost}: MAPE % | worst draw" for cost in COSTS) + " |")
        print("| --- | --- | --- | --- | --- | --- |")
        for count in arguments.counts:
            draws = range(arguments.draws)
            ways = {"random": [pool[d * FROM_DRAW_TO_DRAW:][:count] for d in draws],
                    "proposed": [proposed(dovetail, count, d) for d in draws]}
            for way, drawn in ways.items():
                found = zip(*(errors_after(dovetail, few) for few in drawn))
                cells = [f"{statistics.fmean(of_cost):.1f} | {max(of_cost):.1f}" for of_cost in found]
                lost = sum(count - len(few) for few in drawn)
                print(f"| {count} | {way}{f' ({lost} infeasible)' if lost else ''} | " + " | ".join(cells) + " |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
