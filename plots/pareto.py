#!/usr/bin/env python3
"""The Pareto fronts of a study (pareto.csv) in the plane of its own objectives, with its limits, coloured
by what tells the points apart."""

import matplotlib.pyplot as plt

import metrics
import objectives
import paper


def staircase(points, higher):
    """Corners of what is reached: for each cost the best figure at no more of it."""
    corners = []
    for x, y in sorted(points, key=lambda point: (point[0], -point[1] if higher else point[1])):
        if not corners or (y > corners[-1][1] if higher else y < corners[-1][1]):
            corners.append((x, y))
    return list(zip(*corners))


def thinned(rows, x, y, higher, least):
    """Those that gain so much over the one kept before, from the cheapest on."""
    kept = []
    for row in sorted(rows, key=lambda row: (row[x], row[y])):
        gain = row[y] - kept[-1][y] if kept else least
        if not kept or (gain if higher else -gain) >= least:
            kept.append(row)
    return kept


def fronts_of(rows, x, y, higher, least):
    """The points of each kind of search that are drawn, and in words how many."""
    fronts, words = {}, {}
    for run in paper.in_order(rows, "run"):
        fronts[run] = mine = [row for row in rows if row["run"] == run]
        words[run] = paper.counted(len(mine), "point")
        if least:
            fronts[run] = thinned(mine, x, y, higher, least)
            words[run] = f"{len(fronts[run])} of {words[run]}"
    return fronts, words


def known_figures(file):
    """Figures of the file that every row has."""
    columns = [column for column in paper.columns_of(file) if metrics.known(column)]
    rows = paper.read_csv(file, {"run": str, **dict.fromkeys(columns, paper.number_or_none)})
    return rows, [column for column in columns if None not in [row[column] for row in rows]]


def chosen(args, known, study):
    """The figures of both axes and of the colours; of the latter none where none shows anything."""
    x, y = args.x or study.axes()[0], args.y or study.axes()[1]
    paper.require_column(args.file, "--x" if args.x else None, x, known)
    paper.require_column(args.file, "--y" if args.y else None, y, known)
    if args.colour:
        paper.require_column(args.file, "--colour", args.colour, known)
    if x == y:
        raise paper.BadInput(f"--x and --y are both {x}")
    return x, y, [args.colour] if args.colour else study.colours(x, y)


def draw_run(axes, points, style, values, higher):
    """Points of one kind of search and the line through what it reaches."""
    _, colour, marker = style
    axes.step(*staircase(points, higher), where="post", color=colour, linewidth=1.2, zorder=2)
    coloured = {"color": colour} if values is None else {
        "c": values[0], "vmin": values[1], "vmax": values[2], "cmap": "cividis",
        "edgecolors": colour}
    return axes.scatter(*zip(*points), marker=marker, s=24, zorder=3,
                        linewidths=0.9 if len(points) < 100 else 0.35, **coloured)


def draw(args):
    rows, known = known_figures(args.file)
    study = objectives.Objectives(args.file)
    x, y, candidates = chosen(args, known, study)
    higher = y in study.maximised
    fronts, words = fronts_of(paper.once(rows), x, y, higher, args.thin)
    rows = [row for front in fronts.values() for row in front]
    of = {figure: [row[figure] for row in rows] for figure in candidates if figure in known}
    colour = next((figure for figure, all_of in of.items() if paper.tells_apart(all_of)), None)
    figure, axes = plt.subplots()
    marks = None
    for run, style in paper.run_styles(list(fronts)).items():
        mine = fronts[run]
        values = ([row[colour] for row in mine], min(of[colour]), max(of[colour])) \
            if colour else None
        marks = draw_run(axes, [(row[x], row[y]) for row in mine], style, values, higher)
        axes.plot([], [], color=style[1], marker=style[2], markersize=5.5,
                  markerfacecolor="white" if colour else style[1],
                  label=f"{style[0]} ({words[run]})")
    handles, elsewhere = objectives.draw_limits(
        axes, study.limits, {x: [row[x] for row in rows], y: [row[y] for row in rows]})
    paper.scale(axes, "x", [row[x] for row in rows])
    axes.set_xlabel(metrics.label(x))
    axes.set_ylabel(metrics.label(y))
    notes = objectives.also(elsewhere)
    if args.colour and not colour:
        notes.append(paper.not_coloured(metrics.name(args.colour)))
    paper.legend_above(axes, handles, notes)
    if colour:
        figure.colorbar(marks, ax=axes, label=metrics.label(colour), pad=0.02)
    return figure


if __name__ == "__main__":
    parser = paper.arguments(__doc__)
    parser.add_argument("--x", help="cost on the axis (default: what the study minimises)")
    parser.add_argument("--y", help="figure on the other axis (default: what the study maximises)")
    parser.add_argument("--thin", type=float, help="least gain in y of a point over the one before")
    parser.add_argument("--colour", help="figure that colours the points")
    paper.main(draw, parser)
