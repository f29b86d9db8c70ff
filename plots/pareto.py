#!/usr/bin/env python3
"""Accuracy against latency of the Pareto fronts of a study (pareto.csv), coloured by area."""

import matplotlib.pyplot as plt

import paper

COLUMNS = {
    "run": str,
    "top1_percent": float,
    "latency_ms": float,
    "area_over_baseline": float,
}


def staircase(rows):
    """Corners of what is reached: for each latency the best accuracy at no more latency."""
    latencies, accuracies = [], []
    for row in sorted(rows, key=lambda row: row["latency_ms"]):
        if not accuracies or row["top1_percent"] > accuracies[-1]:
            latencies.append(row["latency_ms"])
            accuracies.append(row["top1_percent"])
    return latencies, accuracies


def draw(args):
    rows = paper.read_csv(args.file, COLUMNS)
    areas = [row["area_over_baseline"] for row in rows]
    figure, axes = plt.subplots()
    points = None
    end = max(row["latency_ms"] for row in rows)
    for run in paper.in_order(rows, "run"):
        name, colour, marker = paper.run_style(run)
        mine = [row for row in rows if row["run"] == run]
        latencies, accuracies = staircase(mine)
        axes.step(latencies + [end], accuracies + [accuracies[-1]], where="post", color=colour,
                  linewidth=1.2, zorder=2)
        points = axes.scatter(
            [row["latency_ms"] for row in mine],
            [row["top1_percent"] for row in mine],
            c=[row["area_over_baseline"] for row in mine],
            vmin=min(areas), vmax=max(areas), cmap="cividis",
            marker=marker, s=24, edgecolors=colour, linewidths=0.9 if len(mine) < 100 else 0.35,
            zorder=3,
        )
        axes.plot([], [], color=colour, marker=marker, markerfacecolor="white", markersize=5.5,
                  label=f"{name} ({len(mine)} points)")
    axes.set_xlabel("latency [ms]")
    axes.set_ylabel("top-1 accuracy [%]")
    paper.legend_above(axes)
    figure.colorbar(points, ax=axes, label="accelerator area / baseline area", pad=0.02)
    return figure


paper.main(draw, paper.arguments(__doc__))
