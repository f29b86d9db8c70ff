#!/usr/bin/env python3
"""How much of the local memory is in use while the network runs, against what there is (JSON of `dovetail
simulate --json`): the most of each layer, over the time that it takes."""

import matplotlib.pyplot as plt

import paper
import simulation

PEAK, CAPACITY = "local_memory_peak_bytes_per_pe", "local_memory_bytes_per_pe"


def draw(args):
    result = simulation.read(args.file)
    layers = result["layers"]
    for layer in layers:
        simulation.check_numbers(args.file, f"layer '{layer.get('name')}'", layer, [PEAK])
    simulation.check_numbers(args.file, "total", result, [CAPACITY, "latency_ms"])
    ms_per_cycle = result["latency_ms"] / result["cycles"]
    edges = [0.0]
    for layer in layers:
        edges.append(edges[-1] + layer["cycles"] * ms_per_cycle)
    used = [layer[PEAK] / 1024 for layer in layers]
    capacity = result[CAPACITY] / 1024

    figure, axes = plt.subplots(figsize=(6.8, 3.4))
    axes.stairs(used, edges, fill=True, color=paper.BLUE, alpha=0.35, linewidth=0)
    axes.stairs(used, edges, color=paper.BLUE, linewidth=1, label="in use, most of each layer")
    axes.axhline(capacity, color=paper.VERMILLION, linestyle="--", linewidth=1.3,
                 label=f"capacity, {capacity:,.0f} KiB")
    fullest = max(range(len(layers)), key=lambda i: used[i])
    middle = (edges[fullest] + edges[fullest + 1]) / 2
    axes.annotate(f"{layers[fullest]['name']}: {used[fullest]:,.0f} KiB, "
                  f"{100 * used[fullest] / capacity:.0f} %",
                  (middle, used[fullest]), xytext=(0, 3), textcoords="offset points", fontsize=8,
                  ha="left" if middle < 0.5 * edges[-1] else "right", va="bottom")
    axes.set_xlim(0, edges[-1])
    axes.set_ylim(0, 1.08 * max(capacity, max(used)))
    axes.set_xlabel("time [ms]")
    axes.set_ylabel("local memory per PE [KiB]")
    paper.legend_above(axes, notes=[simulation.title_of(result)])
    return figure


paper.main(draw, paper.arguments(__doc__))
