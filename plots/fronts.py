#!/usr/bin/env python3
"""Area against latency of the Pareto fronts of an exploration (its pareto.csv), a line a network."""

import matplotlib.pyplot as plt

import metrics
import objectives
import paper

COLUMNS = {"network": str, "latency_ms": float, "area_mm2": float}


def draw(args):
    rows = paper.read_csv(args.file, COLUMNS)
    if min(min(row["latency_ms"], row["area_mm2"]) for row in rows) <= 0:
        raise paper.BadInput(f"{args.file}: found a figure of 0 or less, allowed above 0")
    figure, axes = plt.subplots()
    for network, (_, colour, marker) in paper.run_styles(paper.in_order(rows, "network")).items():
        mine = paper.once([row for row in rows if row["network"] == network])
        mine = sorted((row["latency_ms"], row["area_mm2"]) for row in mine)
        xs, ys = zip(*mine)
        axes.step(xs, ys, where="post", color=colour, linewidth=0.9, alpha=0.7)
        axes.scatter(xs, ys, s=14, color=colour, marker=marker, linewidths=0, zorder=3,
                     label=f"{network} ({paper.counted(len(mine), 'point')})")
    limits = objectives.Objectives(args.file).limits
    handles, elsewhere = objectives.draw_limits(
        axes, limits, {key: [row[key] for row in rows] for key in ("latency_ms", "area_mm2")})
    axes.set_xscale("log")
    axes.set_yscale("log")
    paper.label_ticks(axes.xaxis, [row["latency_ms"] for row in rows])
    paper.label_ticks(axes.yaxis, [row["area_mm2"] for row in rows])
    axes.set_xlabel(metrics.label("latency_ms"))
    axes.set_ylabel(metrics.label("area_mm2"))
    paper.legend_above(axes, handles, objectives.also(elsewhere))
    return figure


paper.main(draw, paper.arguments(__doc__))
