#!/usr/bin/env python3
"""Which decisions of a study matter for each of its objectives (CSV of `dovetail study export`): how much
worse a random forest predicts held-out trials when the decision's choices are shuffled among them."""

import matplotlib.pyplot as plt

import forest
import metrics
import objectives
import paper

MOST_BARS = 15


def draw(args):
    figures = objectives.Objectives(args.file).all()
    present = paper.columns_of(args.file)
    columns = {figure: paper.number_or_none for figure in figures if figure in present}
    rows = paper.read_csv(args.file, columns)
    rows = [row for row in rows if row.get("stage", "search") == "search"]
    known = [figure for figure in columns if any(row[figure] is not None for row in rows)]
    if not known:
        raise paper.BadInput(f"{args.file}: no trial has a figure of its objectives")
    figure, panels = plt.subplots(1, len(known), squeeze=False, layout="constrained",
                                  figsize=(0.4 + 4.2 * len(known), 4.2))
    for axes, key in zip(panels[0], known):
        try:
            shares, score = forest.importances(rows, key)
        except paper.BadInput as error:
            raise paper.BadInput(f"{args.file}: {error}") from None
        shares = shares[:MOST_BARS]
        names, values, spread = zip(*shares)
        axes.barh(range(len(names)), values, xerr=spread, height=0.7, color=paper.BLUE,
                  error_kw={"elinewidth": 0.8})
        axes.set_yticks(range(len(names)), names, fontsize=8)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlim(left=0)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("permutation importance [loss of R$^2$]", fontsize=9)
        axes.set_title(f"{metrics.name(key)}\n(R$^2$ of held-out trials {score:.2f})", fontsize=9)
    return figure


paper.main(draw, paper.arguments(__doc__))
