#!/usr/bin/env python3
"""How near each strategy comes to an optimum that is known (regret.csv of `dovetail bench regret`): the
median of its searches and the middle half of them, and how many of its candidates break a limit."""

import matplotlib.pyplot as plt

import paper

PARTS = ("q1", "median", "q3")
PANELS = [("hypervolume_ratio", "hypervolume / best possible", paper.BLUE),
          ("reward_ratio", "reward / best possible", paper.GREEN)]


def draw(args):
    ratios = [f"{name}_{part}" for name, _, _ in PANELS for part in PARTS]
    rows = paper.read_csv(args.file, {"strategy": str, "violating_share": paper.number_or_none,
                                      **dict.fromkeys(ratios, paper.number_or_none)})
    rows.sort(key=lambda row: row["hypervolume_ratio_median"] or 0, reverse=True)
    places = range(len(rows))
    figure, panels = plt.subplots(1, len(PANELS) + 1, sharey=True, layout="constrained",
                                  figsize=(9.0, 0.9 + 0.22 * len(rows)))
    for axes, (name, label, colour) in zip(panels, PANELS):
        known = [(place, *(row[f"{name}_{part}"] for part in PARTS))
                 for place, row in zip(places, rows) if row[f"{name}_median"] is not None]
        for place, low, middle, high in known:
            axes.plot([low, high], [place, place], color=colour, linewidth=2.4, alpha=0.5,
                      solid_capstyle="butt")
            axes.plot(middle, place, "o", color=colour, markersize=4)
        axes.axvline(1, color="black", linewidth=0.8)
        axes.set_xlabel(label, fontsize=9)
    shares = [(place, 100 * row["violating_share"]) for place, row in zip(places, rows)
              if row["violating_share"] is not None]
    panels[-1].barh(*zip(*shares), height=0.6, color=paper.VERMILLION)
    panels[-1].set_xlabel("candidates that break a limit [%]", fontsize=9)
    panels[0].set_yticks(list(places), [row["strategy"] for row in rows], fontsize=8)
    panels[0].set_ylim(len(rows) - 0.4, -0.6)
    for axes in panels:
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
    return figure


paper.main(draw, paper.arguments(__doc__))
