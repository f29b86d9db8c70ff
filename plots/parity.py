#!/usr/bin/env python3
"""Predicted against simulated latency of fresh pairs (CSV that validate wrote)."""

import matplotlib.pyplot as plt

import paper

COLUMNS = {"simulated_ms": float, "predicted_ms": float}


def draw(args):
    rows = paper.read_csv(args.file, COLUMNS)
    simulated = [row["simulated_ms"] for row in rows]
    predicted = [row["predicted_ms"] for row in rows]
    if min(simulated + predicted) <= 0:
        raise paper.BadInput(f"{args.file}: found a latency of 0 ms or less, allowed above 0")
    low, high = min(simulated + predicted) / 1.1, max(simulated + predicted) * 1.1
    figure, axes = plt.subplots(figsize=(4.4, 4.2))
    axes.fill_between([low, high], [0.95 * low, 0.95 * high], [1.05 * low, 1.05 * high],
                      color=paper.ORANGE, alpha=0.3, linewidth=0, label="within 5 %")
    axes.plot([low, high], [low, high], color="0.2", linewidth=0.9, label="equal")
    axes.scatter(simulated, predicted, s=7, color=paper.BLUE, alpha=0.5, linewidths=0, zorder=3,
                 rasterized=True, label=f"{len(rows)} pairs")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    axes.set_aspect("equal")
    axes.set_xlabel("simulated latency [ms]")
    axes.set_ylabel("predicted latency [ms]")
    axes.legend(loc="upper left")
    return figure


paper.main(draw, paper.arguments(__doc__))
