#!/usr/bin/env python3
"""Every candidate of the searches of a study (CSV of 'study export'), with the constraints."""

import matplotlib.pyplot as plt
from matplotlib.colors import ListedColormap, LogNorm, Normalize
from matplotlib.lines import Line2D

import metrics
import objectives
import paper

STAGES = {  # name in the file: name in the legend, colour
    "search": ("search", paper.BLUE),
    "resimulate": ("simulated again", paper.VERMILLION),
    "claimed": ("claimed, not evaluated", paper.GREEN),
}
VIOLATING, HOLDING = "x", "o"
# Viridis without its light end, which is hard to see on white.
SCALE = ListedColormap(plt.get_cmap("viridis").colors[:225])


def chosen(args, study):
    """The figures of both axes; what may stand there or colour the points is a column."""
    columns = paper.columns_of(args.file)
    figures = [column for column in columns if metrics.known(column)]
    x, y = args.x or study.axes()[0], args.y or study.axes()[1]
    paper.require_column(args.file, "--x" if args.x else None, x, figures)
    paper.require_column(args.file, "--y" if args.y else None, y, figures)
    paper.require_column(args.file, "--colour", args.colour,
                         ["evaluation", "reward", "stage", *figures])
    if x == y:
        raise paper.BadInput(f"--x and --y are both {x}")
    return x, y


def read(args):
    """Rows with the figures of the plane and the colour, and how many have none."""
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
    return known, len(rows) - len(known)


def colour_scale(rows, colour):
    """A label and how values become colours: in proportion, or where some are far from the others by
    their logarithms; of a reward by rank, for it may be negative. None where all look alike."""
    values = [row[colour] for row in rows if row[colour] is not None]
    if not values or not paper.tells_apart(values):
        return None
    name = metrics.label(colour)
    low, high = min(values), max(values)
    if colour == "reward":
        ranks = {value: i for i, value in enumerate(sorted(set(values)), start=1)}
        for row in rows:
            row[colour] = ranks.get(row[colour])
        return f"{name}, rank of {len(ranks)} (the largest is best)", Normalize(1, len(ranks))
    if colour != "evaluation" and low > 0 and high > paper.LOGARITHMIC * low:
        return name, LogNorm(low, high)
    return name, Normalize(low, high)


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
        elif scale is None:
            axes.scatter(xs, ys, color=paper.BLUE, **style)
        else:
            marks = axes.scatter(xs, ys, c=[row[args.colour] for row in mine], cmap=SCALE,
                                 norm=scale[1], **style)
    return marks


def legend_handles(args, rows):
    handles = []
    for acceptable, marker, grey, text in ((1, HOLDING, "0.2", "holds the constraints"),
                                           (0, VIOLATING, "0.5", "breaks a constraint")):
        count = sum(row["acceptable"] == acceptable for row in rows)
        if count:
            handles.append(Line2D([], [], color=grey, marker=marker, linestyle="",
                                  markersize=5, label=f"{text} ({count})"))
    if args.colour == "stage":
        for stage in paper.in_order(rows, "stage"):
            name, colour = STAGES.get(stage, (stage, paper.GREEN))
            handles.append(Line2D([], [], color=colour, marker="s", linestyle="", markersize=5,
                                  label=name))
    return handles


def draw(args):
    study = objectives.Objectives(args.file)
    args.x, args.y = chosen(args, study)
    rows, without = read(args)
    runs = paper.in_order(rows, "run")
    figure, panels = plt.subplots(1, len(runs), sharex=True, sharey=True, squeeze=False,
                                  figsize=(1.4 + 4.2 * len(runs), 3.8), layout="constrained")
    scale = colour_scale(rows, args.colour) if args.colour != "stage" else None
    lines, marks = [], None
    values = {figure: [row[figure] for row in rows] for figure in (args.x, args.y)}
    for axes, run in zip(panels[0], runs):
        mine = [row for row in rows if row["run"] == run
                and (args.colour == "stage" or row[args.colour] is not None)]
        marks = draw_points(axes, args, mine, scale) or marks
        lines, elsewhere = objectives.draw_limits(axes, study.limits, values)
        axes.set_xlabel(metrics.label(args.x))
        if len(runs) > 1:
            axes.set_title(paper.run_styles([run])[run][0], fontsize=11)
    paper.scale(panels[0][0], "x", values[args.x])
    paper.scale(panels[0][0], "y", values[args.y])
    predicted = not any(row["simulated"] for row in rows)
    panels[0][0].set_ylabel(metrics.label(args.y))
    notes = ["figures predicted"] if predicted else []
    notes += objectives.also(elsewhere)
    if scale is None and args.colour != "stage":
        notes.append(paper.not_coloured(metrics.name(args.colour)))
    notes += [f"not shown: {without} without figures"] if without else []
    figure.legend(handles=legend_handles(args, rows) + lines, title=paper.in_lines(notes),
                  title_fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.0),
                  ncol=3 if len(runs) > 1 else 2, fontsize=9)
    if marks is not None:
        bar = figure.colorbar(marks, ax=panels[0], label=scale[0], pad=0.02)
        if isinstance(scale[1], LogNorm):
            paper.label_ticks(bar.ax.yaxis, [scale[1].vmin, scale[1].vmax])
    return figure


parser = paper.arguments(__doc__)
parser.add_argument("--x", help="figure on the axis (default: what the study minimises)")
parser.add_argument("--y", help="figure on the other axis (default: what the study maximises)")
parser.add_argument("--colour", default="evaluation",
                    help="what colours the points: evaluation, reward, stage or a figure")
paper.main(draw, parser)
