#!/usr/bin/env python3
"""The tile of an accelerator, every part to scale by its area (JSON of `dovetail simulate --json`). The
areas are those of the model; where they stand on the chip is a drawing."""

import json
import math

import matplotlib.pyplot as plt
from matplotlib.patches import Patch, Rectangle

import paper
import simulation

IN_A_PE = {"macs": paper.BLUE, "vector_units": paper.SKY, "register_files": paper.GREEN,
           "local_memory": paper.ORANGE, "pe_control": "0.45"}
SHARED = {"interconnect": paper.PURPLE, "sequencer": "0.7", "io": paper.VERMILLION,
          "io_phy": paper.YELLOW}
MOST_PES = 64  # in a row, as in an accelerator of the program


def areas_of(file, result):
    """Of each component, in mm2."""
    areas = result.get("components_mm2")
    if not isinstance(areas, dict):
        raise paper.BadInput(f"{file}: components_mm2: found none; simulate again with --json")
    simulation.check_numbers(file, "components_mm2", areas, [*IN_A_PE, *SHARED])
    if not sum(areas[part] for part in IN_A_PE):
        raise paper.BadInput(f"{file}: components_mm2: {', '.join(IN_A_PE)}: found 0 for each, "
                             "allowed one or more above 0")
    for side in ("pes_x", "pes_y"):
        count = result["accelerator"].get(side)
        if not isinstance(count, int) or not 1 <= count <= MOST_PES:
            raise paper.BadInput(f"{file}: accelerator: {side}: found {json.dumps(count)}, "
                                 f"allowed a whole number from 1 to {MOST_PES}")
    return areas


def layout(accelerator, areas):
    """Rectangles of the parts and the outlines of the PEs, in mm from the lower left corner:
    (x, y, width, height, part or none); the width and the height of the tile."""
    across, down = accelerator["pes_x"], accelerator["pes_y"]
    side = math.sqrt(sum(areas[part] for part in IN_A_PE) / (across * down))
    width = across * side
    rim = sum(areas[part] for part in SHARED) / width
    boxes = list(strips(0, 0, width, rim, [(areas[part], part) for part in SHARED]))
    for column in range(across):
        for row in range(down):
            x, y = column * side, rim + row * side
            boxes += strips(x, y, side, side, [(areas[part], part) for part in IN_A_PE])
            boxes.append((x, y, side, side, None))
    return boxes, width, rim + down * side


def strips(x, y, width, height, parts):
    """Parts of a rectangle, one on the other, each as high as its share of the area."""
    total = sum(area for area, _ in parts)
    for area, part in parts:
        if area > 0:
            yield x, y, width, height * area / total, part
            y += height * area / total


def draw(args):
    result = simulation.read_any(args.file)
    areas = areas_of(args.file, result)
    accelerator = result["accelerator"]
    boxes, width, height = layout(accelerator, areas)
    colours = {**IN_A_PE, **SHARED}
    figure, axes = plt.subplots(figsize=(5.6, 1.4 + 4.4 * height / width))
    for x, y, wide, high, part in boxes:
        style = {"fill": False, "edgecolor": "black", "linewidth": 0.8} if part is None else {
            "facecolor": colours[part], "edgecolor": "white", "linewidth": 0.2}
        axes.add_patch(Rectangle((x, y), wide, high, **style))
    axes.add_patch(Rectangle((0, 0), width, height, fill=False, edgecolor="black", linewidth=1.4,
                             clip_on=False))
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    axes.set_aspect("equal")
    axes.grid(visible=False)
    axes.set_xlabel("width [mm]")
    axes.set_ylabel("height [mm]")
    total = sum(areas[part] for part in colours)
    handles = [Patch(color=colour, label=f"{part.replace('_', ' ')} ({areas[part]:.3g} mm², "
                                         f"{100 * areas[part] / total:.1f} %)")
               for part, colour in colours.items() if areas[part] > 0]
    axes.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.01), ncol=2, fontsize=8,
                title_fontsize=9, title=f"{accelerator['name']}: {accelerator['pes_x']}x{accelerator['pes_y']} PEs, {total:.4g} mm²")
    return figure


if __name__ == "__main__":
    paper.main(draw, paper.arguments(__doc__))
