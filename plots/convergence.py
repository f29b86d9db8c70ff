#!/usr/bin/env python3
"""Hypervolume against evaluations of the searches of a study (convergence.csv), a line a seed."""

import matplotlib.pyplot as plt

import paper

COLUMNS = {"run": str, "seed": str, "evaluations": int, "hypervolume": float, "figures": str}


def draw(args):
    rows = paper.read_csv(args.file, COLUMNS)
    figure, axes = plt.subplots()
    for run in paper.in_order(rows, "run"):
        name, colour, _ = paper.run_style(run)
        for seed in paper.in_order(rows, "seed"):
            mine = [row for row in rows if row["run"] == run and row["seed"] == seed]
            axes.plot([row["evaluations"] for row in mine], [row["hypervolume"] for row in mine],
                      color=colour, linewidth=1.2, alpha=0.8, label=name)
            name = "_" + name  # one legend entry for all seeds
    figures = paper.in_order(rows, "figures")
    axes.set_xlabel("evaluations")
    axes.set_ylabel(f"hypervolume of {figures[0]} figures" if len(figures) == 1 else "hypervolume")
    axes.set_xlim(left=0)
    paper.legend_above(axes)
    return figure


paper.main(draw, paper.arguments(__doc__))
