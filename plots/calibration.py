#!/usr/bin/env python3
"""Simulated over published figures of each network, with the tolerance of each group (JSON of `dovetail
calibrate --json`)."""

import matplotlib.pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

import paper

SCHEMA = "dovetail.calibration_report/1"


def read(file):
    data = paper.read_json(file)
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise paper.BadInput(f"{file}: not of schema {SCHEMA}: see 'dovetail calibrate --json'")
    try:
        groups = [(group["name"], group["quantity"], float(group["tolerance"]), bool(group["fit"]),
                   [(str(point["network"]), float(point["ratio"])) for point in group["points"]])
                  for group in data["groups"] if group["points"]]
    except (KeyError, TypeError, ValueError) as error:
        raise paper.BadInput(f"{file}: missing or not a number: {error}") from None
    if not groups:
        raise paper.BadInput(f"{file}: no groups to draw")
    return groups


def draw(args):
    groups = read(args.file)
    rows = sum(len(points) + 1 for *_, points in groups)
    figure, axes = plt.subplots(figsize=(6.4, 0.8 + 0.17 * rows))
    labels, y = [], 0
    for name, quantity, tolerance, fit, points in groups:
        labels.append((y, f"{name} ({quantity})", True))
        axes.add_patch(Rectangle((1 - tolerance, y + 0.5), 2 * tolerance, len(points), color="0.9",
                                 linewidth=0, zorder=0))
        for network, ratio in points:
            y += 1
            labels.append((y, network, False))
            axes.plot([1, ratio], [y, y], color="0.6", linewidth=0.8, zorder=1)
            axes.plot(ratio, y, "o" if fit else "D", markersize=4, zorder=2,
                      color=paper.BLUE if fit else paper.ORANGE)
        y += 1
    axes.axvline(1, color="black", linewidth=0.9, zorder=1)
    axes.set_yticks([place for place, *_ in labels], [text for _, text, _ in labels], fontsize=7)
    for tick, (_, _, heading) in zip(axes.get_yticklabels(), labels):
        tick.set_fontweight("bold" if heading else "normal")
    axes.set_ylim(rows - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("simulated / published")
    kinds = {fit for *_, fit, _ in groups}
    handles = [Line2D([], [], linestyle="", marker=marker, color=colour, label=text)
               for fit, marker, colour, text in ((True, "o", paper.BLUE, "fitted to"),
                                                 (False, "D", paper.ORANGE, "not fitted to"))
               if fit in kinds]
    handles.append(Line2D([], [], color="0.9", linewidth=6, label="tolerance"))
    axes.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.4, 1.0), ncol=3, fontsize=8)
    return figure


paper.main(draw, paper.arguments(__doc__))
