#!/usr/bin/env python3
"""Why this accelerator: area against the latency of each network, with the limits, what holds them and
what was chosen (choice.csv of `dovetail explore --choose`; what the exploration wrote beside it is shown
too: all accelerators, grey, from NETWORK.csv)."""

import os

import matplotlib.pyplot as plt
from matplotlib.lines import Line2D

import metrics
import objectives
import paper

LATENCY = "latency_ms@"
ACROSS = 3
EVERY_COLOUR, HOLDING_COLOUR, CHOSEN_COLOUR = "0.72", paper.BLUE, paper.VERMILLION


def everything(folder, network):
    """Latency and area of every accelerator that was simulated with the network, if it is there."""
    file = os.path.join(folder, network + ".csv")
    if not os.path.isfile(file):
        return [], []
    rows = paper.read_csv(file, {"latency_ms": paper.number_or_none, "area_mm2": float})
    known = [(row["latency_ms"], row["area_mm2"]) for row in rows if row["latency_ms"]]
    return tuple(zip(*known)) if known else ([], [])


def draw_panel(axes, network, rows, limits, folder):
    latency = LATENCY + network
    axes.scatter(*everything(folder, network), s=2, color=EVERY_COLOUR, linewidths=0,
                 rasterized=True, zorder=1)
    axes.scatter([row[latency] for row in rows], [row["area_mm2"] for row in rows], s=9,
                 color=HOLDING_COLOUR, linewidths=0, zorder=3)
    axes.scatter(rows[0][latency], rows[0]["area_mm2"], marker="*", s=120, zorder=5,
                 color=CHOSEN_COLOUR, edgecolors="white", linewidths=0.5)
    for limit in limits:
        if limit.metric == "area_mm2":
            axes.axhline(limit.value, color="black", linestyle="--", linewidth=1.1, zorder=4)
        elif limit.metric in (latency, "latency_ms", "latency_ms_max"):
            axes.axvline(limit.value, color="0.35", linestyle=":", linewidth=1.6, zorder=4)
    axes.set_xscale("log")
    axes.set_yscale("log")
    # What matters is near the choice: no more than a factor of ten around what holds the limits.
    xs = [row[latency] for row in rows] + [l.value for l in limits if l.metric == latency]
    axes.set_xlim(min(xs) / 3, max(xs) * 3)
    paper.label_ticks(axes.xaxis, axes.get_xlim())
    axes.set_xlabel(metrics.label(latency), fontsize=9)


def legend(figure, rows, limits, head, everything_shown):
    chosen = f"chosen: {dict(head).get('space', 'accelerator')}-{rows[0]['index']}"
    handles = [Line2D([], [], linestyle="", marker="*", color=CHOSEN_COLOUR, markersize=10,
                      label=chosen),
               Line2D([], [], linestyle="", marker="o", color=HOLDING_COLOUR, markersize=4,
                      label=f"holds every limit ({len(rows)})")]
    if everything_shown:
        handles.append(Line2D([], [], linestyle="", marker="o", color=EVERY_COLOUR, markersize=4,
                              label="every accelerator that was simulated"))
    drawn = {limit.metric for limit in limits}
    if "area_mm2" in drawn:
        handles.append(Line2D([], [], color="black", linestyle="--", label="limit on the area"))
    if any(metric.startswith("latency_ms") for metric in drawn):
        handles.append(Line2D([], [], color="0.35", linestyle=":", label="limit on the latency"))
    others = [limit.text for limit in limits
              if limit.metric != "area_mm2" and not limit.metric.startswith("latency_ms")]
    figure.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=3, fontsize=8,
                  title="also: " + "; ".join(others) if others else None, title_fontsize=8)


def draw(args):
    networks = [column.removeprefix(LATENCY) for column in paper.columns_of(args.file)
                if column.startswith(LATENCY)]
    if not networks:
        raise paper.BadInput(f"{args.file}: no column latency_ms@NETWORK; see 'explore --choose'")
    rows = paper.read_csv(args.file, {"index": str, "area_mm2": float,
                                      **{LATENCY + network: float for network in networks}})
    rows = paper.once(rows)
    head = paper.read_head(args.file)
    limits = objectives.limits_of(args.file, head)
    folder = os.path.dirname(args.file)
    across = min(len(networks), ACROSS)
    down = -(-len(networks) // across)
    figure, panels = plt.subplots(down, across, sharey=True, squeeze=False, layout="constrained",
                                  figsize=(0.8 + 2.9 * across, 0.6 + 2.6 * down))
    cells = [axes for line in panels for axes in line]
    for axes in cells[len(networks):]:
        axes.set_axis_off()
    for axes, network in zip(cells, networks):
        draw_panel(axes, network, rows, limits, folder)
    areas = [row["area_mm2"] for row in rows] + [l.value for l in limits if l.metric == "area_mm2"]
    cells[0].set_ylim(min(areas) / 2, max(areas) * 2)
    paper.label_ticks(cells[0].yaxis, cells[0].get_ylim())
    for line in panels:
        line[0].set_ylabel(metrics.label("area_mm2"), fontsize=9)
    shown = any(os.path.isfile(os.path.join(folder, n + ".csv")) for n in networks)
    legend(figure, rows, limits, head, shown)
    return figure


paper.main(draw, paper.arguments(__doc__))
