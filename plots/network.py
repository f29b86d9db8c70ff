#!/usr/bin/env python3
"""A network block by block: how wide and how large what leaves each block is, its MACs, and what it takes
on the accelerator (JSON of `dovetail simulate --json`)."""

import matplotlib.pyplot as plt
from matplotlib.patches import Patch

import paper
import simulation

PANELS = [("channels", "output width\n[channels]"), ("macs_m", "MACs\n[millions]"),
          ("us", "latency [µs]"), ("energy_uj", "energy [µJ]")]
BAR_INCHES = 0.2


def blocks_of(file, result):
    """An entry a block: its sums, and the output of its last layer."""
    us_per_cycle = 1000 * result["latency_ms"] / result["cycles"]
    blocks = {}
    for layer in result["layers"]:
        output = layer.get("output")
        if not (isinstance(output, list) and len(output) == 3
                and all(isinstance(size, int) and size > 0 for size in output)):
            raise paper.BadInput(f"{file}: layer '{layer.get('name')}': output: found none, allowed "
                                 "height, width and channels; simulate again with --json")
        block = blocks.setdefault(simulation.block_of(layer["name"]),
                                  {"macs_m": 0, "us": 0, "energy_uj": 0})
        block["macs_m"] += layer["macs"] / 1e6
        block["us"] += layer["cycles"] * us_per_cycle
        block["energy_uj"] += 1000 * layer["energy_mj"]
        block["size"], block["channels"] = f"{output[0]}x{output[1]}", output[2]
    return blocks


def draw(args):
    result = simulation.read(args.file)
    simulation.check_numbers(args.file, "total", result, ["latency_ms"])
    for layer in result["layers"]:
        simulation.check_numbers(args.file, f"layer '{layer.get('name')}'", layer, ["energy_mj"])
    blocks = blocks_of(args.file, result)
    sizes = list(dict.fromkeys(block["size"] for block in blocks.values()))
    colours = dict(zip(sizes, paper.colours(len(sizes))))
    figure, panels = plt.subplots(len(PANELS), 1, sharex=True, layout="constrained",
                                  figsize=(max(5.6, 1.2 + BAR_INCHES * len(blocks)), 6.4))
    for axes, (key, label) in zip(panels, PANELS):
        axes.bar(range(len(blocks)), [block[key] for block in blocks.values()], width=0.85,
                 color=[colours[block["size"]] for block in blocks.values()])
        axes.set_ylabel(label, fontsize=9)
        axes.grid(axis="x", visible=False)
        axes.tick_params(labelsize=8)
    widths = [block["channels"] for block in blocks.values()]
    panels[0].set_yscale("log")
    panels[0].set_ylim(min(widths) / 2, 1.3 * max(widths))
    paper.label_ticks(panels[0].yaxis, widths)
    panels[-1].set_xticks(range(len(blocks)), list(blocks), rotation=90, fontsize=7)
    panels[-1].set_xlim(-0.6, len(blocks) - 0.4)
    figure.legend(handles=[Patch(color=colours[size], label=size) for size in sizes],
                  loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=7, fontsize=8, title_fontsize=9,
                  title=f"{simulation.title_of(result)}: {sum(b['macs_m'] for b in blocks.values()):,.0f}"
                        f" M MACs, {result['latency_ms']:.3g} ms; colour: size of the output")
    return figure


if __name__ == "__main__":
    paper.main(draw, paper.arguments(__doc__))
