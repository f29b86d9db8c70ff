#!/usr/bin/env python3
"""Share of searches that have reached each target, against evaluations (attainment.csv)."""

import math

import matplotlib.pyplot as plt

import paper

COLUMNS = {"run": str, "target": str, "level": str, "evaluations": int, "reached": int,
           "searches": int, "share_percent": float}
COLUMNS_A_ROW = 5


def draw(args):
    rows = paper.read_csv(args.file, COLUMNS)
    targets = list(dict.fromkeys((row["target"], row["level"]) for row in rows))
    styles = paper.run_styles(paper.in_order(rows, "run"))
    across = min(len(targets), COLUMNS_A_ROW)
    down = math.ceil(len(targets) / across)
    figure, panels = plt.subplots(down, across, sharex=True, sharey=True, squeeze=False,
                                  figsize=(0.7 + 2.2 * across, 0.7 + 2.3 * down),
                                  layout="constrained")
    lines = {}
    cells = [axes for line in panels for axes in line]
    for axes in cells[len(targets):]:
        axes.set_axis_off()
    for axes, (target, level) in zip(cells, targets):
        for j, (run, (name, colour, _)) in enumerate(styles.items()):
            mine = [row for row in rows
                    if (row["run"], row["target"], row["level"]) == (run, target, level)]
            if not mine:
                continue
            # Lines that lie on each other are told apart by their dashes.
            line, = axes.step([row["evaluations"] for row in mine],
                              [row["share_percent"] for row in mine], where="post", color=colour,
                              linewidth=1.6, linestyle=("-", (0, (4, 2)), (0, (1, 1.2)))[j % 3])
            searches = mine[0]["searches"]
            lines.setdefault(f"{name} ({searches} search{'es' if searches != 1 else ''})", line)
        of = f"{level} of the\nbest known {target}" if level else target.replace(", ", ",\n")
        axes.set_title(of, fontsize=9)
        axes.set_ylim(-4, 104)
        axes.tick_params(labelbottom=True)
    figure.supxlabel("evaluations", fontsize=11)
    figure.supylabel("searches that got there [%]", fontsize=11)
    cells[0].set_xlim(left=0)
    figure.legend(lines.values(), lines.keys(), loc="lower center",
                  bbox_to_anchor=(0.5, 1.0), ncol=3, fontsize=9)
    return figure


paper.main(draw, paper.arguments(__doc__))
