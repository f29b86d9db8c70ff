#!/usr/bin/env python3
"""What each step of each parameter does to latency, energy and area (sensitivity.csv of an exploration)."""

import matplotlib.pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator

import metrics
import paper

FIGURES = ["latency_ms", "energy_mj", "area_mm2"]
PARTS = ["best", "first_quartile", "median", "third_quartile", "worst"]
COLUMNS = {"network": str, "parameter": str, "from": str, "to": str, "steps": int}
COLUMNS.update({f"{figure}_ratio_{part}": paper.number_or_none
                for figure in FIGURES for part in PARTS})


def rows_of_axis(rows):
    """What stands on the axis, from above: the name of a parameter, then its steps; and the place of
    each (parameter, from, to)."""
    labels, places = [], {}
    for parameter in paper.in_order(rows, "parameter"):
        labels.append((parameter, True))
        for row in rows:
            step = (parameter, row["from"], row["to"])
            if row["parameter"] == parameter and step not in places:
                places[step] = len(labels)
                labels.append((f"{row['from']} → {row['to']}", False))
    return labels, places


def draw_spread(axes, row, figure, place, colour, whole_range):
    """From the best to the worst a thin line, between the quartiles a thick one, a dot at the median."""
    best, first, median, third, worst = (row[f"{figure}_ratio_{part}"] for part in PARTS)
    if median is None:  # no pair in which the network runs on both
        return
    axes.plot([best, worst], [place, place], color=colour, linewidth=0.7, alpha=0.7)
    axes.plot([first, third], [place, place], color=colour, linewidth=3, alpha=0.55,
              solid_capstyle="butt")
    axes.plot([median], [place], "D" if whole_range else "o", color=colour, markersize=3.5,
              markeredgewidth=0)


def name_rows(axes, labels):
    axes.set_yticks(range(len(labels)))
    axes.set_yticklabels([text for text, _ in labels], fontsize=7)
    for tick, (_, heading) in zip(axes.get_yticklabels(), labels):
        if heading:
            tick.set_fontweight("bold")
    axes.set_ylim(len(labels) - 0.4, -0.6)


def draw(args):
    rows = paper.read_csv(args.file, COLUMNS)
    networks = paper.in_order(rows, "network")
    labels, places = rows_of_axis(rows)
    height = 1.2 + len(labels) * (0.14 + 0.035 * (len(networks) - 1))
    figure, panels = plt.subplots(1, len(FIGURES), figsize=(9.0, height), sharey=True,
                                  layout="constrained")
    for axes, key in zip(panels, FIGURES):
        for row in rows:
            network = networks.index(row["network"])
            shift = 0.7 * ((network + 0.5) / len(networks) - 0.5)
            draw_spread(axes, row, key, places[row["parameter"], row["from"], row["to"]] + shift,
                        paper.MORE[network % len(paper.MORE)], row["steps"] > 1)
        axes.axvline(1, color="0.3", linewidth=0.8, zorder=1)
        axes.set_xscale("log")
        known = [row[f"{key}_ratio_{part}"] for row in rows for part in ("best", "worst")]
        known = [value for value in known if value is not None] or [1]
        paper.label_ticks(axes.xaxis, known)
        if max(known) < 10 * min(known):
            axes.xaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 8)))
        axes.tick_params(axis="x", labelsize=8)
        axes.set_xlabel(f"{metrics.NAMES[key]}, after / before", fontsize=9)
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
        for place, (_, heading) in enumerate(labels):
            if heading and place > 0:
                axes.axhline(place - 0.5, color="0.85", linewidth=0.6, zorder=0)
    name_rows(panels[0], labels)
    handles = [Line2D([], [], color=paper.MORE[i % len(paper.MORE)], linewidth=3, label=network)
               for i, network in enumerate(networks)]
    handles += [Line2D([], [], color=grey, marker=marker, linestyle="", markersize=3.5, label=text)
                for marker, grey, text in (("o", "0.2", "median of a step"),
                                           ("D", "0.6", "of the whole range"))]
    figure.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=4, fontsize=8)
    return figure


paper.main(draw, paper.arguments(__doc__))
