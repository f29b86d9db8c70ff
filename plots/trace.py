#!/usr/bin/env python3
"""What each agent did and when (JSON of `dovetail simulate --trace`): a row an agent. With --layers
only the layers whose names begin so, for example blocks.3."""


import matplotlib.pyplot as plt

import paper

SKY, YELLOW = "#56B4E9", "#F0E442"
COLOURS = {  # event: colour; those that are not here, and the layers, are grey
    "launch": "0.35",
    "issue": "0.35",
    "compute": paper.BLUE,
    "vector unit": SKY,
    "wait for operands": paper.VERMILLION,
    "wait for local memory": paper.PURPLE,
    "add partial sums": paper.GREEN,
    "partial sums": paper.GREEN,
    "weights": paper.ORANGE,
    "prefetch weights": YELLOW,
    "input": paper.VERMILLION,
    "exchange": paper.GREEN,
    "output": paper.PURPLE,
    "lanes": paper.BLUE,
}
OTHER = "0.8"


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


def draw(args):
    tracks, events = read(args.file)
    begin, end = window_of(args.file, events, args.layers)
    figure, axes = plt.subplots(figsize=(9.0, 0.9 + 0.42 * len(tracks)))
    named = {}
    for event in events:
        start, stop = max(event["ts"], begin), min(event["ts"] + event["dur"], end)
        if stop <= start:
            continue
        if is_layer(event):
            axes.barh(event["tid"], stop - start, left=start, height=0.8, color="0.92",
                      edgecolor="0.5", linewidth=0.4)
            if stop - start > 0.05 * (end - begin):
                axes.text((start + stop) / 2, event["tid"] - 0.46, event["name"], ha="center",
                          va="bottom", fontsize=6)
            continue
        colour = COLOURS.get(event["name"], OTHER)
        bar = axes.barh(event["tid"], stop - start, left=start, height=0.66, color=colour)
        named.setdefault(event["name"], bar)
    axes.set_yticks(list(tracks), list(tracks.values()))
    axes.set_ylim(len(tracks) - 0.4, -0.9)
    axes.set_xlim(begin, end)
    axes.set_xlabel("time (us)")
    axes.grid(axis="y", visible=False)
    axes.legend(named.values(), named.keys(), loc="upper left", bbox_to_anchor=(1.0, 1.0),
                fontsize=7)
    return figure


options = paper.arguments(__doc__)
options.add_argument("--layers", default="", help="only layers whose names begin so")
paper.main(draw, options)
