#!/usr/bin/env python3
"""Where the cycles of each layer go (JSON of `dovetail simulate --json`): a bar a layer, stacked by
computing and by what it waits for. A network of more than 100 layers is drawn by blocks."""

import matplotlib.pyplot as plt

import paper
import simulation

MOST_BARS = 100
BAR_INCHES = 0.15


def draw(args):
    result = simulation.read(args.file)
    layers = result["layers"]
    classes = simulation.cycle_classes(layers[0])
    what = "layer"
    if len(layers) > MOST_BARS:
        layers, what = simulation.by_block(layers, [key for _, key in classes]), "block"

    rows = range(len(layers))
    figure, axes = plt.subplots(figsize=(6.4, 0.8 + BAR_INCHES * len(layers)))
    left = [0] * len(layers)
    for name, key in classes:
        widths = [layer[key] / 1000 for layer in layers]
        if not any(widths):
            continue
        label, colour, _ = simulation.class_style(name)
        share = 100 * sum(widths) * 1000 / result["cycles"]
        axes.barh(rows, widths, left=left, height=0.8, color=colour, edgecolor="white",
                  linewidth=0.2, label=f"{label} ({share:.1f} %)")
        left = [a + b for a, b in zip(left, widths)]
    axes.set_yticks(rows, [layer["name"] for layer in layers], fontsize=7)
    axes.set_ylim(len(layers) - 0.4, -0.6)  # the first layer on top
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("cycles [thousands]")
    axes.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncol=3, fontsize=8,
                title=f"{simulation.title_of(result)}: {result['cycles']:,} cycles by {what}",
                title_fontsize=9)
    return figure


paper.main(draw, paper.arguments(__doc__))
