#!/usr/bin/env python3
"""NAHAS's claims over latency targets: a point a search, a line through the means (claims.csv)."""

import matplotlib.pyplot as plt

import paper

COLUMNS = {"target_ms": float, "variant": str, "seed": int, "top1_percent": paper.number_or_none,
           "latency_ms": paper.number_or_none, "violates": int,
           "latency_at_fixed_top1_ms": paper.number_or_none}
VARIANTS = {  # name in the file: name in the legend, colour, marker
    "joint": paper.RUNS["joint"],
    "fixed_hardware": paper.RUNS["fixed_hardware"],
    "phase": ("phases", paper.PURPLE, "D"),
    "phase_2x": ("phases, twice the samples", paper.GREEN, "s"),
}


def mean(values):
    return sum(values) / len(values)


def place_of(variants, target, variant):
    """Places beside each other around the target, so that points do not hide each other."""
    return target * (1 + 0.012 * (variants.index(variant) - (len(variants) - 1) / 2))


def draw_points(axes, values, variants, variant):
    """`values` are pairs of a target and a figure that may be missing."""
    name, colour, marker = VARIANTS.get(variant, (variant, paper.ORANGE, "v"))
    by_target = {}
    for target, value in values:
        if value is not None:
            by_target.setdefault(place_of(variants, target, variant), []).append(value)
    if not by_target:
        return None
    for place, some in by_target.items():
        axes.plot([place] * len(some), some, marker, color=colour, markersize=3, alpha=0.45,
                  markeredgewidth=0)
    line, = axes.plot(list(by_target), [mean(some) for some in by_target.values()], marker=marker,
                      color=colour, markersize=5, linewidth=1.5, label=name)
    return line


def draw_shares(axes, rows, variants, targets):
    """Bars, a group a target: share of the searches whose answer misses target or area."""
    width = 0.8 / len(variants)
    for i, variant in enumerate(variants):
        _, colour, _ = VARIANTS.get(variant, (variant, paper.ORANGE, "v"))
        shares = [100 * mean([row["violates"] for row in rows
                              if row["variant"] == variant and row["target_ms"] == target])
                  for target in targets]
        places = [j + (i - (len(variants) - 1) / 2) * width for j in range(len(targets))]
        axes.bar(places, shares, width, color=colour)
    axes.set_ylim(0, 104)


def latency_cuts(rows):
    """Target and latency that joint search saves at the accuracy of fixed hardware, by seed."""
    fixed = {(row["target_ms"], row["seed"]): row["latency_ms"] for row in rows
             if row["variant"] == "fixed_hardware"}
    for row in rows:
        of = fixed.get((row["target_ms"], row["seed"]))
        at = row["latency_at_fixed_top1_ms"]
        if row["variant"] == "joint" and of is not None and at is not None:
            yield row["target_ms"], 100 * (1 - at / of)


def draw(args):
    rows = paper.read_csv(args.file, COLUMNS)
    variants = paper.in_order(rows, "variant")
    targets = paper.in_order(rows, "target_ms")
    figure, (top1, cut, violating) = plt.subplots(1, 3, figsize=(10.2, 3.3), layout="constrained")
    lines = []
    for variant in variants:
        mine = [row for row in rows if row["variant"] == variant]
        lines.append(draw_points(top1, [(row["target_ms"], row["top1_percent"]) for row in mine],
                                 variants, variant))
    draw_shares(violating, rows, variants, targets)
    draw_points(cut, list(latency_cuts(rows)), ["joint"], "joint")
    cut.axhline(20, color="0.4", linewidth=1, linestyle=(0, (4, 2)))
    cut.annotate("NAHAS: about 20 %", (1, 20), xycoords=("axes fraction", "data"), ha="right",
                 va="bottom", fontsize=8, color="0.3")
    top1.set_ylabel("top-1 accuracy [%]")
    cut.set_ylabel("latency saved at the top-1\nof fixed hardware [%]")
    violating.set_ylabel("answers that miss\ntarget or area [%]")
    for axes, places in ((top1, targets), (cut, targets), (violating, range(len(targets)))):
        axes.set_xlabel("latency target [ms]")
        axes.set_xticks(list(places))
        axes.set_xticklabels([f"{target:g}" for target in targets])
    lines = [line for line in lines if line is not None]
    figure.legend(lines, [line.get_label() for line in lines], loc="lower center",
                  bbox_to_anchor=(0.5, 1.0), ncol=4, fontsize=9)
    return figure


paper.main(draw, paper.arguments(__doc__))
