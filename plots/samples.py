#!/usr/bin/env python3
"""Every candidate of the searches of a study (CSV of 'study export'), with the constraints."""

import matplotlib.pyplot as plt
from matplotlib.colors import ListedColormap
from matplotlib.lines import Line2D

import metrics
import paper

PLANES = list(metrics.UNITS)
COLOURS = {"evaluation": "evaluation", "reward": "reward"}
COLOURS.update({metric: metrics.label(metric) for metric in PLANES})
STAGES = {  # name in the file: name in the legend, colour
    "search": ("search", paper.BLUE),
    "resimulate": ("simulated again", paper.VERMILLION),
}
VIOLATING, HOLDING = "x", "o"
# Viridis without its light end, which is hard to see on white.
SCALE = ListedColormap(plt.get_cmap("viridis").colors[:225])
LOGARITHMIC = 8  # the ratio of largest to smallest from which on an axis is


def read(args):
    """Rows with the figures of the plane and the colour, how many have none, and the head."""
    columns = {"run": str, "stage": str, "status": str, "acceptable": int, "simulated": int,
               "evaluation": int, args.x: paper.number_or_none, args.y: paper.number_or_none}
    if args.colour != "stage":
        columns[args.colour] = columns.get(args.colour, paper.number_or_none)
    rows = paper.read_csv(args.file, columns)
    if args.colour != "stage":  # candidates that are simulated again were asked for before
        rows = [row for row in rows if row["stage"] == "search"]
    known = [row for row in rows if None not in (row[args.x], row[args.y])]
    if not known:
        raise paper.BadInput(f"{args.file}: no trial has the figures {args.x} and {args.y}")
    return known, len(rows) - len(known), paper.read_head(args.file)


def bounds(head):
    """(metric, limit, style, text) of the constraints and of the targets of the reward."""
    lines = []
    for key, value in head:
        if key == "constraint":
            metric, sign, limit = value.split()
            sign = {"<=": "$\\leq$", ">=": "$\\geq$"}[sign]
            style = "--"
            text = f"{metrics.NAMES[metric]} {sign} {float(limit):g} {metrics.UNITS[metric]}"
        elif key == "target":
            metric, limit = value.split()
            style = ":"
            text = f"target {metrics.NAMES[metric]} {float(limit):g} {metrics.UNITS[metric]}"
        else:
            continue
        lines.append((metric, float(limit), style, text))
    return lines


def draw_bounds(axes, args, lines):
    """Lines where a limit is on an axis; the names of those that are not."""
    handles, elsewhere = [], []
    for metric, limit, style, text in lines:
        if metric not in (args.x, args.y):
            if style == "--":
                elsewhere.append(text)
            continue
        draw = axes.axvline if metric == args.x else axes.axhline
        draw(limit, color="black", linestyle=style, linewidth=1.2, zorder=4)
        handles.append(Line2D([], [], color="black", linestyle=style, linewidth=1.2, label=text))
    return handles, elsewhere


def draw_points(axes, args, rows, scale):
    """Those that break a constraint below those that hold them; what the colours mean."""
    size = 14 if len(rows) < 1000 else 6 if len(rows) < 10000 else 2
    marks = None
    for acceptable, marker in ((0, VIOLATING), (1, HOLDING)):
        mine = [row for row in rows if row["acceptable"] == acceptable]
        if not mine:
            continue
        style = {"marker": marker, "s": size, "rasterized": True, "zorder": 2 + acceptable,
                 "linewidths": 0.8 if marker == VIOLATING else 0,
                 "alpha": 0.6 if marker == VIOLATING else 0.9}
        xs, ys = [row[args.x] for row in mine], [row[args.y] for row in mine]
        if args.colour == "stage":
            axes.scatter(xs, ys, color=[STAGES.get(row["stage"], STAGES["search"])[1]
                                        for row in mine], **style)
        else:
            marks = axes.scatter(xs, ys, c=[row[args.colour] for row in mine], cmap=SCALE,
                                 vmin=scale[0], vmax=scale[1], **style)
    return marks


def legend_handles(args, rows):
    handles = []
    for acceptable, marker, text in ((1, HOLDING, "holds the constraints"),
                                     (0, VIOLATING, "breaks a constraint")):
        count = sum(row["acceptable"] == acceptable for row in rows)
        if count:
            handles.append(Line2D([], [], color="0.35", marker=marker, linestyle="",
                                  markersize=5, label=f"{text} ({count})"))
    if args.colour == "stage":
        for stage in paper.in_order(rows, "stage"):
            name, colour = STAGES.get(stage, (stage, paper.GREEN))
            handles.append(Line2D([], [], color=colour, marker="s", linestyle="", markersize=5,
                                  label=name))
    return handles


def draw(args):
    if args.x == args.y:
        raise paper.BadInput(f"--x and --y are both {args.x}")
    rows, without, head = read(args)
    runs = paper.in_order(rows, "run")
    figure, panels = plt.subplots(1, len(runs), sharex=True, sharey=True, squeeze=False,
                                  figsize=(1.4 + 4.2 * len(runs), 3.8), layout="constrained")
    values = [row[args.colour] for row in rows] if args.colour != "stage" else []
    values = [value for value in values if value is not None]
    scale = (min(values), max(values)) if values else (0, 1)
    lines, marks = [], None
    for axes, run in zip(panels[0], runs):
        mine = [row for row in rows if row["run"] == run
                and (args.colour == "stage" or row[args.colour] is not None)]
        marks = draw_points(axes, args, mine, scale) or marks
        lines, elsewhere = draw_bounds(axes, args, bounds(head))
        axes.set_xlabel(metrics.label(args.x))
        if len(runs) > 1:
            axes.set_title(paper.run_style(run)[0], fontsize=11)
    for axis, metric, scaled in ((panels[0][0].xaxis, args.x, panels[0][0].set_xscale),
                                 (panels[0][0].yaxis, args.y, panels[0][0].set_yscale)):
        figures = [row[metric] for row in rows]
        if min(figures) > 0 and max(figures) > LOGARITHMIC * min(figures):
            scaled("log")
            paper.label_ticks(axis, figures)
    predicted = not any(row["simulated"] for row in rows)
    panels[0][0].set_ylabel(metrics.label(args.y))
    notes = ["figures predicted"] if predicted else []
    notes += [f"not an axis: {text}" for text in elsewhere]
    notes += [f"not shown: {without} without figures"] if without else []
    figure.legend(handles=legend_handles(args, rows) + lines, title="; ".join(notes),
                  title_fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.0),
                  ncol=3 if len(runs) > 1 else 2, fontsize=9)
    if marks is not None:
        figure.colorbar(marks, ax=panels[0], label=COLOURS[args.colour], pad=0.02)
    return figure


parser = paper.arguments(__doc__)
parser.add_argument("--x", choices=PLANES, default="latency_ms", help="figure on the axis")
parser.add_argument("--y", choices=PLANES, default="top1_percent", help="figure on the other axis")
parser.add_argument("--colour", choices=[*COLOURS, "stage"], default="evaluation",
                    help="what colours the points")
paper.main(draw, parser)
