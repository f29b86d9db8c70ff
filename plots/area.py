#!/usr/bin/env python3
"""Area and leakage of an accelerator by component (JSON of dovetail area --json)."""


import matplotlib.pyplot as plt

import paper

SCHEMA = "dovetail.area/2"


def read(file):
    """Components from the largest, as (name, mm2, leakage mW), and what to call it all."""
    data = paper.read_json(file)
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise paper.BadInput(f"{file}: not of schema {SCHEMA}")
    try:
        leakage = data["components_leakage_mw"]
        parts = [(name, float(mm2), float(leakage[name]))
                 for name, mm2 in data["components_mm2"].items() if float(mm2) > 0]
        title = f"{data['accelerator']} at {data['technology']}: {data['area_mm2']:.4g} mm²"
    except (KeyError, TypeError, ValueError) as error:
        raise paper.BadInput(f"{file}: missing or not a number: {error}") from None
    return sorted(parts, key=lambda part: -part[1]), title


def bars(axes, names, values, colour, label):
    total = sum(values)
    axes.barh(names, values, color=colour, height=0.7)
    for i, value in enumerate(values):
        share = f"{100 * value / total:.1f} %" if total else ""
        axes.annotate(share, (value, i), xytext=(4, 0), textcoords="offset points", va="center",
                      fontsize=8)
    axes.set_xlim(0, 1.22 * max(values) or 1)
    axes.set_xlabel(label)
    axes.grid(axis="y", visible=False)


def draw(args):
    parts, title = read(args.file)
    names = [name.replace("_", " ") for name, _, _ in parts]
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.0), sharey=True)
    bars(left, names, [mm2 for _, mm2, _ in parts], paper.BLUE, "area [mm²]")
    bars(right, names, [mw for _, _, mw in parts], paper.VERMILLION, "leakage [mW]")
    left.invert_yaxis()
    left.tick_params(axis="y", length=0)
    right.tick_params(axis="y", length=0)
    left.set_title(title, fontsize=10, loc="left")
    figure.tight_layout()
    return figure


paper.main(draw, paper.arguments(__doc__))
