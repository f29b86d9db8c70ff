#!/usr/bin/env python3
"""Accuracy against a cost of the Pareto fronts of a study (pareto.csv), coloured by another figure."""

import matplotlib.pyplot as plt

import metrics
import paper

FIGURES = {metric: metrics.label(metric) for metric in metrics.NAMES if metric != "top1_percent"}


def staircase(points):
    """Corners of what is reached: for each cost the best accuracy at no more of it."""
    costs, accuracies = [], []
    for cost, accuracy in sorted(points, key=lambda point: point[0]):
        if not accuracies or accuracy > accuracies[-1]:
            costs.append(cost)
            accuracies.append(accuracy)
    return costs, accuracies


def draw(args):
    rows = paper.read_csv(
        args.file, {"run": str, "top1_percent": float, args.x: float, args.colour: float})
    colours = [row[args.colour] for row in rows]
    figure, axes = plt.subplots()
    marks = None
    end = max(row[args.x] for row in rows)
    for run in paper.in_order(rows, "run"):
        name, colour, marker = paper.run_style(run)
        mine = [row for row in rows if row["run"] == run]
        points = [(row[args.x], row["top1_percent"]) for row in mine]
        costs, accuracies = staircase(points)
        axes.step(costs + [end], accuracies + [accuracies[-1]], where="post", color=colour,
                  linewidth=1.2, zorder=2)
        marks = axes.scatter(
            *zip(*points),
            c=[row[args.colour] for row in mine],
            vmin=min(colours), vmax=max(colours), cmap="cividis",
            marker=marker, s=24, edgecolors=colour, linewidths=0.9 if len(mine) < 100 else 0.35,
            zorder=3,
        )
        axes.plot([], [], color=colour, marker=marker, markerfacecolor="white", markersize=5.5,
                  label=f"{name} ({len(mine)} points)")
    axes.set_xlabel(FIGURES[args.x])
    axes.set_ylabel(metrics.label("top1_percent"))
    paper.legend_above(axes)
    figure.colorbar(marks, ax=axes, label=FIGURES[args.colour], pad=0.02)
    return figure


parser = paper.arguments(__doc__)
parser.add_argument("--x", choices=FIGURES, default="latency_ms", help="cost on the axis")
parser.add_argument("--colour", choices=FIGURES, default="area_over_baseline",
                    help="figure that colours the points")
paper.main(draw, parser)
