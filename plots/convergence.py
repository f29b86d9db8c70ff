#!/usr/bin/env python3
"""How good the searches of a study are after so many evaluations (convergence.csv): a line a seed, or of
three seeds and more their median in a band from the worst to the best."""

import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter

import curves
import metrics
import paper

LABELS = {
    "hypervolume": "hypervolume",
    "distance_percent": "hypervolume below best known [%]",
    "best_reward": "best reward",
}
OVER_TARGET = "_over_target_percent"


def label(column):
    if column.endswith(OVER_TARGET):
        return f"{metrics.name(column.removesuffix(OVER_TARGET))} over its target [%]"
    return LABELS[column]


def draw(args):
    allowed = [column for column in paper.columns_of(args.file)
               if column in LABELS or column.endswith(OVER_TARGET)]
    paper.require_column(args.file, "--y", args.y, allowed)
    columns = {"run": str, "seed": str, "evaluations": int, "figures": str,
               args.y: paper.number_or_none}
    rows = [row for row in paper.read_csv(args.file, columns) if row[args.y] is not None]
    if not rows:
        raise paper.BadInput(f"{args.file}: column '{args.y}' is empty")
    figure, axes = plt.subplots()
    for run, (name, colour, _) in paper.run_styles(paper.in_order(rows, "run")).items():
        mine = [row for row in rows if row["run"] == run]
        curves.draw(axes, curves.by_seed(mine, args.y), colour, name)
    figures = paper.in_order(rows, "figures")
    of = f" of {figures[0]} figures" if len(figures) == 1 and args.y == "hypervolume" else ""
    axes.set_xlabel("evaluations")
    axes.set_ylabel(label(args.y) + of)
    if args.y.endswith(OVER_TARGET):
        axes.axhline(0, color="black", linestyle=":", linewidth=1.2)
        axes.set_yscale("symlog", linthresh=10)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlim(left=0)
    paper.legend_above(axes)
    return figure


parser = paper.arguments(__doc__)
parser.add_argument("--y", default="hypervolume", help="column on the axis")
paper.main(draw, parser)
