#!/usr/bin/env python3
"""Several studies of the same objectives beside each other: their fronts, and what they had reached after
so many evaluations (folders of studies: pareto.csv and convergence.csv of each)."""

import os

import matplotlib.pyplot as plt

import curves
import metrics
import objectives
import paper
import pareto


def searches_of(folder, x, y):
    """The front and the curves of each kind of search of a study."""
    columns = {"run": str, x: float, y: float}
    fronts = paper.read_csv(os.path.join(folder, "pareto.csv"), columns)
    columns = {"run": str, "seed": str, "evaluations": int, "hypervolume": float}
    rows = paper.read_csv(os.path.join(folder, "convergence.csv"), columns)
    for run in paper.in_order(fronts, "run"):
        yield run, [(row[x], row[y]) for row in paper.once(fronts) if row["run"] == run], \
            curves.by_seed([row for row in rows if row["run"] == run], "hypervolume")


def same_objectives(folders):
    """What all studies are after."""
    studies = [objectives.Objectives(os.path.join(folder, "pareto.csv")) for folder in folders]
    for folder, study in zip(folders, studies):
        if study.all() != studies[0].all():
            raise paper.BadInput(f"{folder}: its objectives are {', '.join(study.all())}, those of "
                                 f"{folders[0]} are {', '.join(studies[0].all())}")
    return studies[0]


def draw(args):
    study = same_objectives(args.file)
    x, y = study.axes()
    names = [os.path.basename(os.path.normpath(folder)) for folder in args.file]
    if len(set(names)) < len(names):
        names = args.file
    searches = [(f"{name}: {paper.run_styles([run])[run][0]}", front, reached) for name, folder in zip(names, args.file)
                for run, front, reached in searches_of(folder, x, y)]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 3.8), layout="constrained")
    for i, ((name, front, reached), colour) in enumerate(
            zip(searches, paper.colours(len(searches)))):
        marker = paper.MARKERS[i % len(paper.MARKERS)]
        left.step(*pareto.staircase(front, y in study.maximised), where="post", color=colour,
                  linewidth=1)
        left.scatter(*zip(*front), s=12, color=colour, marker=marker, linewidths=0, zorder=3)
        left.plot([], [], color=colour, marker=marker, markersize=4,
                  label=f"{name} ({paper.counted(len(front), 'point')}, "
                        f"{paper.counted(len(reached), 'seed')})")
        curves.draw(right, reached, colour, "_" + name)
    values = {key: [point[i] for _, front, _ in searches for point in front]
              for i, key in enumerate((x, y))}
    handles, elsewhere = objectives.draw_limits(left, study.limits, values)
    paper.scale(left, "x", values[x])
    left.set_xlabel(metrics.label(x))
    left.set_ylabel(metrics.label(y))
    right.set_xlabel("evaluations")
    right.set_ylabel("hypervolume")
    right.set_xlim(left=0)
    figure.legend(handles=left.get_legend_handles_labels()[0] + handles, loc="lower center",
                  bbox_to_anchor=(0.5, 1.0), ncol=2, fontsize=9, title_fontsize=8,
                  title=paper.in_lines(objectives.also(elsewhere)))
    return figure


if __name__ == "__main__":
    parser = paper.arguments(__doc__, several=True)
    paper.main(draw, parser)
