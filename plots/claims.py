#!/usr/bin/env python3
"""NAHAS's claims over latency targets: a point a search, a line through the means (claims.csv)."""

import os

import matplotlib.pyplot as plt

import paper

COLUMNS = {"target_ms": float, "variant": str, "seed": int, "top1_percent": paper.number_or_none,
           "latency_ms": paper.number_or_none, "misses_latency": int, "misses_area": int,
           "latency_at_fixed_top1_ms": paper.number_or_none,
           "memory_per_compute": paper.number_or_none}
NETWORK_COLUMNS = {"network": str, "top1_percent": paper.number_or_none,
                   "latency_ms": paper.number_or_none}
SKY = "#56B4E9"
VARIANTS = {  # name in the file: name in the legend, colour, marker, line
    "joint": ("joint search", paper.BLUE, "o", "-"),
    "joint_limited": ("joint, area a limit", SKY, "o", "--"),
    "fixed_hardware": ("fixed hardware", paper.VERMILLION, "^", "-"),
    "phase": ("phases", paper.PURPLE, "D", "-"),
    "phase_limited": ("phases, area a limit", "#8C5A75", "D", "--"),
    "phase_2x": ("phases, twice the samples", "#E3B7CF", "D", ":"),
    "phase_soft": ("phases, soft reward", paper.ORANGE, "v", "-"),
    "phase_cycles": ("three cycles of phases", paper.GREEN, "s", "-"),
    "two_stage": ("accuracy, then hardware", "0.3", "P", "-"),
}
FRONT = ("joint", "fixed_hardware", "phase")  # what is drawn beside published networks
# The ways to search both, of NAHAS's figure 4b; its one-shot search is of networks trained here.
WAYS = ("joint", "phase", "phase_2x", "phase_soft", "phase_cycles", "two_stage")


def mean(values):
    return sum(values) / len(values)


def style_of(variant):
    return VARIANTS.get(variant, (variant, "0.6", "x", "-"))


def place_of(variants, target, variant):
    """Places beside each other around the target, so that points do not hide each other."""
    return target * (1 + 0.009 * (variants.index(variant) - (len(variants) - 1) / 2))


def draw_points(axes, values, variants, variant):
    """`values` are pairs of a target and a figure that may be missing."""
    name, colour, marker, line_style = style_of(variant)
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
                      color=colour, markersize=4, linewidth=1.3, linestyle=line_style, label=name)
    return line


def draw_misses(axes, rows, variants):
    """Bars: share of all searches of a variant whose answer misses the target, or the area."""
    for i, variant in enumerate(variants):
        mine = [row for row in rows if row["variant"] == variant]
        colour = style_of(variant)[1]
        latency = 100 * mean([row["misses_latency"] for row in mine])
        area = 100 * mean([row["misses_area"] for row in mine])
        axes.barh(i - 0.2, latency, 0.38, color=colour)
        axes.barh(i + 0.2, area, 0.38, color="white", edgecolor=colour, hatch="////")
    axes.set_yticks(range(len(variants)))
    axes.set_yticklabels([style_of(variant)[0] for variant in variants], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(0, 104)
    axes.set_xlabel("answers that miss the latency target\n(filled) or the area (hatched) [%]")


def latency_cuts(rows, joint):
    """Target and latency that joint search saves at the accuracy of fixed hardware, by seed."""
    fixed = {(row["target_ms"], row["seed"]): row["latency_ms"] for row in rows
             if row["variant"] == "fixed_hardware"}
    for row in rows:
        of = fixed.get((row["target_ms"], row["seed"]))
        at = row["latency_at_fixed_top1_ms"]
        if row["variant"] == joint and of is not None and at is not None:
            yield row["target_ms"], 100 * (1 - at / of)


def draw_front(axes, rows, networks):
    """Accuracy against latency of what was found, beside published networks on the baseline."""
    for variant in FRONT:
        points = [(row["latency_ms"], row["top1_percent"]) for row in rows
                  if row["variant"] == variant and row["latency_ms"] is not None]
        _, colour, marker, _ = style_of(variant)
        axes.plot([x for x, _ in points], [y for _, y in points], marker, color=colour,
                  markersize=4, alpha=0.6, linestyle="none")
    known = [network for network in networks
             if None not in (network["latency_ms"], network["top1_percent"])]
    for i, network in enumerate(sorted(known, key=lambda network: network["top1_percent"])):
        axes.plot(network["latency_ms"], network["top1_percent"], "k+", markersize=7)
        side = 1 if i % 2 == 0 else -1  # so that neighbours do not hide each other's names
        axes.annotate(network["network"].replace("_224", "").replace("_", " "),
                      (network["latency_ms"], network["top1_percent"]), xytext=(4 * side, -3),
                      textcoords="offset points", fontsize=6, ha="left" if side > 0 else "right")
    axes.margins(x=0.25)
    axes.set_xlabel("latency [ms]")
    axes.set_ylabel("top-1 accuracy [%]\n(+: published, on the baseline)")


def draw_ways(axes, rows):
    """Accuracy against latency of the ways to search networks and hardware: means of a target."""
    for variant in WAYS:
        by_target = {}
        for row in rows:
            if row["variant"] == variant and row["top1_percent"] is not None:
                by_target.setdefault(row["target_ms"], []).append(row)
        if not by_target:
            continue
        name, colour, marker, line_style = style_of(variant)
        axes.plot([mean([row["latency_ms"] for row in some]) for some in by_target.values()],
                  [mean([row["top1_percent"] for row in some]) for some in by_target.values()],
                  marker=marker, color=colour, markersize=4, linewidth=1.3, linestyle=line_style)
    axes.set_xlabel("latency [ms], mean over the seeds of a target")
    axes.set_ylabel("top-1 accuracy within\ntarget and area [%]")


def draw(args):
    rows = paper.read_csv(args.file, COLUMNS)
    beside = os.path.join(os.path.dirname(args.file), "published.csv")
    networks = paper.read_csv(beside, NETWORK_COLUMNS) if os.path.exists(beside) else []
    variants = paper.in_order(rows, "variant")
    targets = paper.in_order(rows, "target_ms")
    figure, panels = plt.subplots(2, 3, figsize=(15, 7), layout="constrained")
    (top1, cut, missing), (front, ways, memory) = panels
    for variant in variants:
        mine = [row for row in rows if row["variant"] == variant]
        draw_points(top1, [(row["target_ms"], row["top1_percent"]) for row in mine], variants,
                    variant)
        draw_points(memory, [(row["target_ms"], row["memory_per_compute"])
                             for row in mine], variants, variant)
    for joint in ("joint", "joint_limited"):
        draw_points(cut, list(latency_cuts(rows, joint)), ["joint", "joint_limited"], joint)
    cut.axhline(20, color="0.4", linewidth=1, linestyle=(0, (4, 2)))
    cut.annotate("NAHAS: about 20 %", (1, 20), xycoords=("axes fraction", "data"), ha="right",
                 va="bottom", fontsize=8, color="0.3")
    draw_misses(missing, rows, variants)
    draw_front(front, rows, networks)
    draw_ways(ways, rows)
    memory.set_ylabel("local memory per compute of the\nbest design [MiB/TOPS]")
    top1.set_ylabel("top-1 accuracy within\ntarget and area [%]")
    cut.set_ylabel("latency saved at the top-1\nof fixed hardware [%]")
    for axes in (top1, cut, memory):
        axes.set_xlabel("latency target [ms]")
        axes.set_xticks(list(targets))
        axes.set_xticklabels([f"{target:g}" for target in targets])
    handles, names = top1.get_legend_handles_labels()
    figure.legend(handles, names, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=5, fontsize=9)
    return figure


paper.main(draw, paper.arguments(__doc__))
