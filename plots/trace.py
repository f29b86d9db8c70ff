#!/usr/bin/env python3
"""What each agent did and when (JSON of `dovetail simulate --trace`): a row an agent or channel. With
--layers only the layers whose names begin so, for example blocks.3."""

import matplotlib.pyplot as plt
from matplotlib.collections import PolyCollection
from matplotlib.patches import Patch

import paper

COLOURS = {  # event: colour, no two alike; those that are not here are grey
    "launch": "0.35",
    "issue": "0.6",
    "compute": paper.BLUE,
    "vector unit": paper.SKY,
    "wait for operands": paper.VERMILLION,
    "wait for local memory": "#882255",
    "add partial sums": "#332288",
    "partial sums": "#117733",
    "weights": paper.ORANGE,
    "prefetch weights": paper.YELLOW,
    "input": "#DDCC77",
    "exchange": paper.GREEN,
    "output": paper.PURPLE,
    "lanes": "#44AA99",
}
OTHER = "0.8"
LAYER, SLICE = 0.8, 0.66  # heights


def read(file):
    """Names of the tracks by number, and the events."""
    try:
        trace = paper.read_json(file)
        schema = trace["otherData"]["schema"]
        if not schema.startswith("dovetail.trace/"):
            raise paper.BadInput(f"{file}: schema: found '{schema}', allowed dovetail.trace/1")
        tracks = {e["tid"]: e["args"]["name"] for e in trace["traceEvents"]
                  if e["ph"] == "M" and e["name"] == "thread_name"}
        return tracks, [e for e in trace["traceEvents"] if e["ph"] == "X"]
    except (KeyError, TypeError, AttributeError):
        raise paper.BadInput(f"{file}: not what 'dovetail simulate --trace' writes") from None


def is_layer(event):
    return event["tid"] == 0 and event["name"] == event["args"]["layer"]


def window_of(file, events, prefix):
    """From the first to the last of the layers asked for, in microseconds."""
    layers = [e for e in events if is_layer(e) and e["name"].startswith(prefix)]
    if not layers:
        names = ", ".join(e["name"] for e in events if is_layer(e))
        raise paper.BadInput(f"{file}: no layer begins with '{prefix}'; there are {names}")
    return layers[0]["ts"], layers[-1]["ts"] + layers[-1]["dur"]


def clipped(events, begin, end):
    """What there is of each in the window: (event, start, stop)."""
    for event in events:
        start, stop = max(event["ts"], begin), min(event["ts"] + event["dur"], end)
        if stop > start:
            yield event, start, stop


def corners(track, start, stop, height):
    low, high = track - height / 2, track + height / 2
    return [(start, low), (stop, low), (stop, high), (start, high)]


def draw_slices(axes, shown):
    """All of a name at once: a network has tens of thousands. Returns the legend's handles."""
    slices = {}
    for event, start, stop in shown:
        if not is_layer(event):
            slices.setdefault(event["name"], []).append(
                corners(event["tid"], start, stop, SLICE))
    for name, boxes in slices.items():
        axes.add_collection(PolyCollection(boxes, facecolors=COLOURS.get(name, OTHER),
                                           linewidths=0, zorder=2, rasterized=True))
    known = [name for name in COLOURS if name in slices]
    handles = [Patch(color=COLOURS[name], label=name) for name in known]
    others = [name for name in slices if name not in COLOURS]
    return handles + ([Patch(color=OTHER, label=", ".join(others))] if others else [])


def draw_layers(axes, shown, width):
    layers = [(event["name"], start, stop) for event, start, stop in shown if is_layer(event)]
    axes.add_collection(PolyCollection(
        [corners(0, start, stop, LAYER) for _, start, stop in layers], facecolors="0.92",
        edgecolors="0.5", linewidths=0.4, zorder=1))
    for name, start, stop in layers:
        if stop - start > 0.05 * width:
            axes.text((start + stop) / 2, -0.46, name, ha="center", va="bottom", fontsize=6)


def draw(args):
    tracks, events = read(args.file)
    begin, end = window_of(args.file, events, args.layers)
    shown = list(clipped(events, begin, end))
    figure, axes = plt.subplots(figsize=(9.0, 0.9 + 0.42 * len(tracks)))
    handles = draw_slices(axes, shown)
    draw_layers(axes, shown, end - begin)
    axes.set_yticks(list(tracks), list(tracks.values()))
    axes.set_ylim(len(tracks) - 0.4, -0.9)
    axes.set_xlim(begin, end)
    axes.set_xlabel("time [µs]")
    axes.grid(axis="y", visible=False)
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=7)
    return figure


options = paper.arguments(__doc__)
options.add_argument("--layers", default="", help="only layers whose names begin so")
paper.main(draw, options)
