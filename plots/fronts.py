#!/usr/bin/env python3
"""Area against latency of the Pareto fronts of an exploration (its pareto.csv), a line a network."""

import matplotlib.pyplot as plt

import metrics
import paper

COLUMNS = {"network": str, "latency_ms": float, "area_mm2": float}
COLOURS = [paper.BLUE, paper.VERMILLION, paper.GREEN, paper.PURPLE, paper.ORANGE, "#56B4E9", "0.3"]
MARKERS = "o^sDvPX"


def draw(args):
    rows = paper.read_csv(args.file, COLUMNS)
    if min(min(row["latency_ms"], row["area_mm2"]) for row in rows) <= 0:
        raise paper.BadInput(f"{args.file}: found a figure of 0 or less, allowed above 0")
    figure, axes = plt.subplots()
    for i, network in enumerate(paper.in_order(rows, "network")):
        mine = sorted((row["latency_ms"], row["area_mm2"]) for row in rows
                      if row["network"] == network)
        xs, ys = zip(*mine)
        colour, marker = COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)]
        axes.step(xs, ys, where="post", color=colour, linewidth=0.9, alpha=0.7)
        axes.scatter(xs, ys, s=14, color=colour, marker=marker, linewidths=0, zorder=3,
                     label=f"{network} ({len(mine)} points)")
    axes.set_xscale("log")
    axes.set_yscale("log")
    paper.label_ticks(axes.xaxis, [row["latency_ms"] for row in rows])
    paper.label_ticks(axes.yaxis, [row["area_mm2"] for row in rows])
    axes.set_xlabel(metrics.label("latency_ms"))
    axes.set_ylabel(metrics.label("area_mm2"))
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.01), ncol=2, borderaxespad=0,
                fontsize=8)
    return figure


paper.main(draw, paper.arguments(__doc__))
