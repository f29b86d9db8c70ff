#!/usr/bin/env python3
"""What one step of each parameter changes (JSON of `dovetail explain --json`): a bar down and one up
a parameter, the largest effect on top, with what the step costs in area and power."""


import matplotlib.pyplot as plt
from matplotlib.patches import Patch

import paper

SCHEMA = "dovetail.explanation/1"
STYLES = {"down": ("to the next smaller", paper.ORANGE), "up": ("to the next larger", paper.BLUE),
          "other": ("to another", paper.GREEN)}
ROW_INCHES, BAR = 0.5, 0.38


def read(file):
    """The explanation, its steps grouped by parameter in the order of the file."""
    data = paper.read_json(file)
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise paper.BadInput(f"{file}: not of schema {SCHEMA}: see 'dovetail explain --json'")
    if not data.get("feasible"):
        raise paper.BadInput(f"{file}: the network cannot run: {data.get('reason_text')}")
    try:
        key = "layer_change_percent" if data["layer"] else "latency_change_percent"
        groups = {}
        for step in data["steps"]:
            change = None if step[key] is None else float(step[key])
            groups.setdefault(step["parameter"], []).append((step, change))
        float(data["latency_ms"])
        int(data["cycles"])
    except (KeyError, TypeError, ValueError) as error:
        raise paper.BadInput(f"{file}: missing or not a number: {error}") from None
    if not groups:
        raise paper.BadInput(f"{file}: no steps to draw")
    return data, groups


def rounded(change):
    return f"{change:+.2f}" if abs(change) < 1 else f"{change:+.3g}"


def price(step):
    """"-> 25: +1.2 mm², +30 mW", or why not."""
    if step["power_change_mw"] is None:
        return f"→ {step['to']}: {step['reason'].replace('_', ' ')}"
    return (f"→ {step['to']}: {rounded(step['area_change_mm2'])} mm², "
            f"{rounded(step['power_change_mw'])} mW")


def draw_bar(axes, y, step, change):
    value = change or 0
    axes.barh(y, value, height=BAR, color=STYLES[step["direction"]][1], zorder=2)
    left = value < 0
    axes.annotate(price(step), (value, y), xytext=(-4 if left else 4, 0),
                  textcoords="offset points", ha="right" if left else "left", va="center",
                  fontsize=6.5, color="0.2" if change is not None else "0.5")


def draw(args):
    data, groups = read(args.file)
    rows = sum(max(2, len(steps)) for steps in groups.values())
    figure, axes = plt.subplots(figsize=(7.2, 1.1 + ROW_INCHES / 2 * rows))
    y, ticks, labels = 0.0, [], []
    for parameter, steps in groups.items():
        ticks.append(y + BAR * (len(steps) - 1) / 2)
        labels.append(f"{parameter} = {steps[0][0]['from']}")
        for step, change in steps:
            draw_bar(axes, y, step, change)
            y += BAR
        y += 1 - BAR * min(2, len(steps))
    changes = [change for steps in groups.values() for _, change in steps if change is not None]
    low, high = min(changes + [0]), max(changes + [0])
    room = 0.7 * ((high - low) or 1)  # for the texts beside the bars
    axes.set_xlim(low - room, high + room)
    axes.axvline(0, color="0.2", linewidth=0.8, zorder=3)
    axes.set_yticks(ticks, labels, fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.invert_yaxis()
    what = f"cycles of {data['layer']}" if data["layer"] else "latency"
    axes.set_xlabel(f"change of {what} [%]")
    used = {step["direction"] for steps in groups.values() for step, _ in steps}
    handles = [Patch(color=colour, label=label) for direction, (label, colour) in STYLES.items()
               if direction in used]
    of = (f"{data['cycles']:,} cycles of {data['layer']}" if data["layer"]
          else f"{data['latency_ms']:.3g} ms")
    axes.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.4, 1.0), ncol=3, fontsize=8,
                title=f"{data['network']} on {data['accelerator']}: {of}, and a step of each parameter",
                title_fontsize=9)
    return figure


paper.main(draw, paper.arguments(__doc__))
