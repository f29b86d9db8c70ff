#!/usr/bin/env python3
"""How a network was scaled: top-1 accuracy and utilization against latency, of each way, with what each
comes to within each budget (scaling.csv of `dovetail scale`)."""

import matplotlib.pyplot as plt
from matplotlib.ticker import MaxNLocator

import metrics
import paper

COLUMNS = {"accelerator": str, "way": str, "step": int, "top1_percent": float, "latency_ms": float,
           "utilization_percent": float, "answers_ms": str}
WAYS = {  # in the file: in the legend, colour, marker
    "joint": ("joint", paper.BLUE, "o"),
    "larger": ("joint, never a smaller input", paper.SKY, "P"),
    "macs": ("joint, by MACs", paper.ORANGE, "D"),
    "width": ("width alone", paper.GREEN, "s"),
    "resolution": ("resolution alone", paper.PURPLE, "^"),
    "uniform": ("one width and a resolution", "0.3", "<"),
    "compound": ("compound (1.2, 1.1, 1.15)", paper.VERMILLION, "v"),
}
ACROSS = 3


def rising(rows):
    """Those that are more accurate than all that are as fast: what a way has to offer."""
    best, kept = float("-inf"), []
    for row in sorted(rows, key=lambda row: (row["latency_ms"], -row["top1_percent"])):
        if row["top1_percent"] > best:
            kept.append(row)
            best = row["top1_percent"]
    return kept


def draw_way(panels, rows, way):
    label, colour, marker = WAYS[way]
    lines = []
    for axes, column in zip(panels, ("top1_percent", "utilization_percent")):
        shown = rising(rows)
        line, = axes.plot([row["latency_ms"] for row in shown], [row[column] for row in shown],
                          color=colour, linewidth=1.4, zorder=4 if way == "joint" else 3, label=label)
        lines.append(line)
        answers = [row for row in rows if row["answers_ms"]]
        axes.plot([row["latency_ms"] for row in answers], [row[column] for row in answers],
                  linestyle="", marker=marker, markersize=5, color=colour,
                  zorder=5 if way == "joint" else 4)
    return lines[0]


def draw(args):
    rows = paper.read_csv(args.file, COLUMNS)
    for row in rows:
        if row["way"] not in WAYS:
            raise paper.BadInput(f"{args.file}: way: found '{row['way']}', allowed {', '.join(WAYS)}")
    accelerators = list(dict.fromkeys(row["accelerator"] for row in rows))
    across = min(len(accelerators), ACROSS)
    down = -(-len(accelerators) // across)
    figure, panels = plt.subplots(2 * down, across, sharex="none", squeeze=False,
                                  figsize=(0.8 + 3.0 * across, 0.8 + 4.2 * down),
                                  layout="constrained")
    for spare in range(len(accelerators), across * down):
        for half in range(2):
            panels[2 * (spare // across) + half][spare % across].set_axis_off()
    legend = {}
    for i, accelerator in enumerate(accelerators):
        pair = [panels[2 * (i // across) + half][i % across] for half in range(2)]
        mine = [row for row in rows if row["accelerator"] == accelerator]
        for way in WAYS:
            of_way = [row for row in mine if row["way"] == way]
            if of_way:
                line = draw_way(pair, of_way, way)
                legend.setdefault(line.get_label(), line)
        pair[0].plot(mine[0]["latency_ms"], mine[0]["top1_percent"], linestyle="", marker="*",
                     markersize=11, color="black", zorder=6)
        pair[0].set_title(accelerator, fontsize=9)
        pair[0].tick_params(labelbottom=False)
        pair[1].sharex(pair[0])
        pair[1].set_xlabel(metrics.label("latency_ms"), fontsize=9)
        pair[1].xaxis.set_major_locator(MaxNLocator(4))  # latencies that differ in their third digit
        pair[0].set_ylabel(metrics.label("top1_percent"), fontsize=9)
        pair[1].set_ylabel("utilization [%]", fontsize=9)
    figure.legend(legend.values(), legend.keys(), loc="lower center", bbox_to_anchor=(0.5, 1.0),
                  ncol=3, fontsize=8, title="marks: best within a budget; star: the network itself",
                  title_fontsize=8)
    return figure


paper.main(draw, paper.arguments(__doc__))
