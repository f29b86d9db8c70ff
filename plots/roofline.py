#!/usr/bin/env python3
"""Roofline of one simulation (JSON of `dovetail simulate --json`): MACs per IO byte of each layer
against the MACs per cycle that it attains, under the roofs of compute and IO bandwidth. The roof of
compute that counts is what register files and local memories feed to the units; the peak of the
multipliers stands above it as a broken line."""

import math

import matplotlib.pyplot as plt
from matplotlib.lines import Line2D

import paper
import simulation

LANES = ["pes_x", "pes_y", "compute_lanes", "simd_units", "simd_width"]
NAMED, LEAST_SHARE, APART = 6, 0.01, 0.3  # of marks, in the logarithm
SMALLEST, LARGEST = 12, 420  # square points of a layer that takes no cycles, and all
NOTE = ("Area of a mark: share of all cycles. Bytes fetched while earlier layers ran count too,\n"
        "so a layer may stand above the IO roof.")


def roofs(result):
    """MACs per cycle of all multipliers and as they are fed, and bytes per cycle through the IO port.
    Files of before have no figure of what is fed: then it is the same."""
    accelerator = result["accelerator"]
    peak = math.prod(accelerator[key] for key in LANES)
    fed = result.get("roofline", {}).get("attainable_macs_per_cycle", peak)
    efficiency = accelerator.get("dram_efficiency", 1)
    return peak, fed, accelerator["io_bandwidth_gbps"] * efficiency / accelerator["clock_ghz"]


def read(file):
    """The simulation in `file`, with all that the roofs and the marks are quotients of."""
    result = simulation.read(file, LANES + ["io_bandwidth_gbps", "clock_ghz"])
    optional = [("accelerator", result["accelerator"], "dram_efficiency"),
                ("roofline", result.get("roofline", {}), "attainable_macs_per_cycle")]
    for where, entry, key in optional:
        if key in entry:
            simulation.check_numbers(file, where, entry, [key], above_zero=True)
    for layer in result["layers"]:
        if layer["macs"] > 0:
            simulation.check_numbers(file, f"layer '{layer['name']}'", layer, ["cycles"], above_zero=True)
    if any(layer["macs"] > 0 for layer in result["layers"]):
        simulation.check_numbers(file, "total", result, ["macs"], above_zero=True)
    return result


def intensity(entry):
    return entry["macs"] / entry["io_bytes"]


def attained(entry):
    return entry["macs"] / entry["cycles"]


def scatter(axes, layers, xs, total_cycles):
    for layer, x in zip(layers, xs):
        _, colour, marker = simulation.class_style(layer["bound"])
        axes.scatter(x, attained(layer), marker=marker, color=colour, alpha=0.8, zorder=3,
                     s=SMALLEST + LARGEST * layer["cycles"] / total_cycles, linewidths=0)


def name_largest(axes, layers, total_cycles):
    """Of the layers that take most of the time, one where several marks lie on each other."""
    largest = [layer for layer in layers if layer["cycles"] >= LEAST_SHARE * total_cycles]
    largest.sort(key=lambda layer: -layer["cycles"])
    low, high = axes.get_xlim()
    for layer in layers_apart(largest)[:NAMED]:
        right = intensity(layer) > low ** 0.25 * high ** 0.75  # there names go to the left
        axes.annotate(layer["name"], (intensity(layer), attained(layer)), fontsize=6.5, zorder=5,
                      xytext=(0, -6), textcoords="offset points", rotation=35 if right else -35,
                      ha="right" if right else "left", va="top", rotation_mode="anchor")


def layers_apart(layers):
    """The largest of those whose marks lie on each other."""
    apart = []
    for layer in layers:
        near = [other for other in apart if abs(math.log(intensity(layer) / intensity(other))) < APART
                and abs(math.log(attained(layer) / attained(other))) < APART]
        if not near:
            apart.append(layer)
    return apart


def draw_roofs(axes, entries, peak, fed, bandwidth):
    """The roofs from left of the first mark to right of the last, with room for their labels."""
    ridge = fed / bandwidth
    low = min([intensity(entry) for entry in entries] + [ridge / 30]) / 1.6
    high = max([intensity(entry) for entry in entries] + [ridge * 20]) * 1.6
    axes.plot([low, ridge, high], [bandwidth * low, fed, fed], color="0.2", linewidth=1.2, zorder=2)
    if fed < peak:
        axes.plot([ridge, peak / bandwidth, max(high, peak / bandwidth)], [fed, peak, peak],
                  color="0.6", linewidth=1, linestyle="--", zorder=2)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    return low, ridge


def label_roofs(figure, axes, low, ridge, peak, fed, bandwidth):
    """Once the axes have their final size, since one label follows the slope."""
    figure.canvas.draw()
    bottom = max(low, axes.get_ylim()[0] / bandwidth)
    (x0, y0), (x1, y1) = axes.transData.transform([(bottom, bandwidth * bottom), (ridge, fed)])
    middle = math.sqrt(bottom * ridge)
    axes.annotate(f"IO, {bandwidth:.3g} bytes per cycle", (middle, bandwidth * middle),
                  xytext=(-3, 3), textcoords="offset points", ha="center", va="bottom", fontsize=8,
                  rotation=math.degrees(math.atan2(y1 - y0, x1 - x0)), rotation_mode="anchor")
    right = axes.get_xlim()[1]
    label = {"xytext": (0, 3), "textcoords": "offset points", "ha": "right", "va": "bottom",
             "fontsize": 8}
    axes.annotate(f"compute, {fed:g} MACs per cycle", (right, fed), **label)
    if fed < peak:
        axes.annotate(f"peak, {peak:g}", (right, peak), color="0.4", **label)


def draw_without_io(axes, layers, peak, fed, total_cycles):
    """Layers that move no bytes have no intensity: in their order, one beside the other."""
    axes.axhline(fed, color="0.2", linewidth=1.2, zorder=2)
    if fed < peak:
        axes.axhline(peak, color="0.6", linewidth=1, linestyle="--", zorder=2)
    scatter(axes, layers, range(len(layers)), total_cycles)
    axes.set_xlim(-1, len(layers))
    axes.set_xticks([])
    axes.tick_params(axis="y", which="both", left=False, labelleft=False)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"no IO\n({len(layers)} layers)")


def legend(figure, axes, layers, result):
    """Above the axes: a class a column, and the network as a whole."""
    shown = [name for name, _ in simulation.cycle_classes(layers[0])
             if any(layer["bound"] == name for layer in layers)]
    handles = []
    for name in shown:
        label, colour, marker = simulation.class_style(name)
        handles.append(Line2D([], [], linestyle="", marker=marker, color=colour, markersize=6,
                              label=f"{label} ({sum(l['bound'] == name for l in layers)})"))
    handles.append(Line2D([], [], linestyle="", marker="*", color="black", markersize=10,
                          label="whole network"))
    figure.legend(handles=handles, loc="lower center", ncol=3, bbox_to_anchor=(0.5, 0.89),
                  title=f"{simulation.title_of(result)}: layers by what most of their cycles are",
                  title_fontsize=9, fontsize=9)


def draw(args):
    result = read(args.file)
    peak, fed, bandwidth = roofs(result)
    layers = [layer for layer in result["layers"] if layer["macs"] > 0]
    if not layers:
        raise paper.BadInput(f"{args.file}: no layer has MACs")
    with_io = [layer for layer in layers if layer["io_bytes"] > 0]
    without_io = [layer for layer in layers if layer["io_bytes"] == 0]

    share = min(0.4, len(without_io) / len(layers))
    figure, (axes, right) = plt.subplots(
        1, 2, sharey=True, figsize=(6.4, 4.4),
        gridspec_kw={"width_ratios": [1 - share, max(share, 0.001)], "wspace": 0.03})
    scatter(axes, with_io, [intensity(layer) for layer in with_io], result["cycles"])
    whole = [result] if result["io_bytes"] > 0 else []
    low, ridge = draw_roofs(axes, with_io + whole, peak, fed, bandwidth)
    name_largest(axes, with_io, result["cycles"])
    if whole:
        axes.scatter(intensity(result), attained(result), marker="*", color="black", s=110,
                     zorder=4)
    if without_io:
        draw_without_io(right, without_io, peak, fed, result["cycles"])
    else:
        right.remove()
    axes.set_yscale("log")
    axes.set_ylim(min([attained(layer) for layer in layers] + [peak / 30]) / 1.6, peak * 2)
    axes.set_xlabel("MACs per IO byte")
    axes.set_ylabel("attained MACs per cycle")
    legend(figure, axes, layers, result)
    hidden = len(result["layers"]) - len(layers)
    note = NOTE + (f"\n{hidden} layers without MACs are not shown." if hidden else "")
    figure.text(0.5, -0.02, note, ha="center", va="top", fontsize=7.5, wrap=False)
    label_roofs(figure, axes, low, ridge, peak, fed, bandwidth)
    return figure


paper.main(draw, paper.arguments(__doc__))
