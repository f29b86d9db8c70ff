#!/usr/bin/env python3
"""Held-out error against number of labels, a line a model (CSV of compare-surrogates)."""

import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, NullFormatter

import paper

COLUMNS = {"model": str, "labels": int, "held_out": int, "cost": str, "mape_percent": float}
MODELS = {  # name in the file: name in the legend, colour, marker
    "roofline": ("roofline, scaled", paper.ORANGE, "D"),
    "lookup_table": ("lookup table", paper.PURPLE, "v"),
    "log_linear": ("log-linear", paper.GREEN, "s"),
    "boosted_trees": ("boosted trees", paper.VERMILLION, "^"),
    "mlp": ("MLP", paper.BLUE, "o"),
    "mlp_residual": ("MLP on roofline", paper.SKY, "P"),
    "mlp_residual_compute": ("MLP on compute roof", "0.3", "X"),
}


def draw_cost(axes, rows, cost):
    for model in paper.in_order(rows, "model"):
        mine = sorted((row["labels"], row["mape_percent"]) for row in rows
                      if row["model"] == model and row["cost"] == cost)
        if not mine:
            continue
        name, colour, marker = MODELS.get(model, (model, "0.4", "x"))
        axes.plot(*zip(*mine), color=colour, marker=marker, markersize=4.5, linewidth=1.4,
                  label=name)
    axes.set_xscale("log")
    axes.set_yscale("log")
    ticks = sorted({row["labels"] for row in rows})
    axes.set_xticks(ticks)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}".replace(",", " ")))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_minor_locator(plt.NullLocator())
    axes.tick_params(axis="x", rotation=30)
    axes.set_yticks([0.2, 0.5, 1, 2, 5, 10, 20, 50, 100])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    values = [row["mape_percent"] for row in rows]
    axes.set_ylim(min(values) / 1.4, max(values) * 1.4)
    axes.set_xlabel("labelled pairs")
    axes.set_title(cost, fontsize=11)


def draw(args):
    rows = paper.read_csv(args.file, COLUMNS)
    if min(row["mape_percent"] for row in rows) <= 0:
        raise paper.BadInput(f"{args.file}: an error of 0 has no place on a logarithmic axis")
    costs = paper.in_order(rows, "cost")
    figure, axes = plt.subplots(1, len(costs), sharey=True, squeeze=False,
                                figsize=(3.4 * len(costs) + 0.6, 3.4))
    for one, cost in zip(axes[0], costs):
        draw_cost(one, rows, cost)
    axes[0][0].set_ylabel("held-out MAPE [%]")
    handles = dict(reversed([(label, handle) for one in axes[0]
                             for handle, label in zip(*one.get_legend_handles_labels())]))
    order = [MODELS.get(model, (model,))[0] for model in paper.in_order(rows, "model")]
    figure.legend([handles[name] for name in order], order, loc="lower center",
                  bbox_to_anchor=(0.5, 0.97), ncol=3)
    figure.tight_layout()
    return figure


paper.main(draw, paper.arguments(__doc__))
