#!/usr/bin/env python3
"""Predicted against simulated latency and energy of fresh pairs (CSV that validate wrote): a panel
each."""

import matplotlib.pyplot as plt

import metrics
import paper

COSTS = [(key, metrics.label(key)) for key in ("latency_ms", "energy_mj")]
COLUMNS = {f"{source}_{key}": float for key, _ in COSTS for source in ("simulated", "predicted")}


def draw_panel(axes, simulated, predicted, label):
    low, high = min(simulated + predicted) / 1.1, max(simulated + predicted) * 1.1
    axes.fill_between([low, high], [0.95 * low, 0.95 * high], [1.05 * low, 1.05 * high],
                      color=paper.ORANGE, alpha=0.3, linewidth=0, label="within 5 %")
    axes.plot([low, high], [low, high], color="0.2", linewidth=0.9, label="equal")
    axes.scatter(simulated, predicted, s=7, color=paper.BLUE, alpha=0.5, linewidths=0, zorder=3,
                 rasterized=True, label=f"{len(simulated)} pairs")
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        paper.label_ticks(axis, [low, high])
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    axes.set_aspect("equal")
    axes.set_xlabel(f"simulated {label}")
    axes.set_ylabel(f"predicted {label}")
    axes.legend(loc="upper left")


def draw(args):
    rows = paper.read_csv(args.file, COLUMNS)
    smallest, column = min((row[name], name) for row in rows for name in COLUMNS)
    if smallest <= 0:
        raise paper.BadInput(f"{args.file}: {column}: found {smallest:g}, allowed above 0")
    figure, panels = plt.subplots(1, len(COSTS), figsize=(4.2 * len(COSTS), 4.1))
    for axes, (key, label) in zip(panels, COSTS):
        draw_panel(axes, *([row[f"{source}_{key}"] for row in rows]
                           for source in ("simulated", "predicted")), label)
    figure.tight_layout(w_pad=2)
    return figure


paper.main(draw, paper.arguments(__doc__))
