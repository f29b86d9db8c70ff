#!/usr/bin/env python3
"""Energy of each layer by what took it (JSON of `dovetail simulate --json`): a bar a layer. A network
of more than 80 layers is drawn by blocks."""

import matplotlib.pyplot as plt

import paper
import simulation

# Part: colour. What leaves the chip comes last.
PARTS = {
    "macs": paper.BLUE,
    "vector_units": paper.SKY,
    "register_files": paper.GREEN,
    "local_memory": paper.ORANGE,
    "interconnect": paper.PURPLE,
    "io": paper.VERMILLION,
    "clock": "0.35",
    "leakage": "0.7",
    "dram": paper.YELLOW,
}
KEYS = [f"{part}_mj" for part in PARTS]
MOST_BARS = 80
BAR_INCHES = 0.15


def draw(args):
    result = simulation.read(args.file)
    for layer in result["layers"]:
        simulation.check_numbers(args.file, f"layer '{layer.get('name')}'", layer, KEYS)
    simulation.check_numbers(args.file, "total", result, ["energy_on_chip_mj"])
    simulation.check_numbers(args.file, "total", result, ["energy_mj"], above_zero=True)
    many = len(result["layers"]) > MOST_BARS
    layers = simulation.by_block(result["layers"], KEYS) if many else result["layers"]

    rows = range(len(layers))
    figure, axes = plt.subplots(figsize=(6.4, 1.1 + BAR_INCHES * len(layers)))
    left = [0] * len(layers)
    for (part, colour), key in zip(PARTS.items(), KEYS):
        widths = [1000 * layer[key] for layer in layers]
        share = 100 * sum(widths) / (1000 * result["energy_mj"])
        axes.barh(rows, widths, left=left, height=0.8, color=colour, edgecolor="white",
                  linewidth=0.2, label=f"{part.replace('_', ' ')} ({share:.1f} %)")
        left = [a + b for a, b in zip(left, widths)]
    axes.set_yticks(rows, [layer["name"] for layer in layers], fontsize=7)
    axes.set_ylim(len(layers) - 0.4, -0.6)  # the first layer on top
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("energy [µJ]")
    axes.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncol=3, fontsize=8, title_fontsize=9,
                title=f"{simulation.title_of(result)}: {result['energy_mj']:.3g} mJ, "
                      f"{result['energy_on_chip_mj']:.3g} mJ on the chip")
    return figure


paper.main(draw, paper.arguments(__doc__))
