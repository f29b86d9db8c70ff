"""What a study or an exploration is after, as the first lines of its CSV files say: which figures it
minimises and maximises, and its limits. Axes and lines of pictures come from here."""

import re

from matplotlib.lines import Line2D

import metrics
import paper

SIGNS = {"<=": "$\\leq$", ">=": "$\\geq$"}
NEAR = 1.0  # a limit further from the points than their range is named and not drawn


def figures_of(head, key):
    values = [value for name, value in head if name == key]
    return [figure for value in values for figure in re.split(r"[,\s]+", value) if figure]


class Limit:
    """A constraint, or the target of a reward."""

    def __init__(self, metric, sign, value):
        self.metric, self.value = metric, float(value)
        self.style = ":" if sign is None else "--"
        unit = metrics.unit(metric)
        what = f"target {metrics.name(metric)}" if sign is None else \
            f"{metrics.name(metric)} {SIGNS[sign]}"
        self.text = f"{what} {self.value:.4g}{' ' + unit if unit else ''}"


def limits_of(file, head):
    limits = []
    try:
        for key, value in head:
            if key == "constraint":
                limits.append(Limit(*value.split()))
            elif key == "target":
                metric, target = value.split()
                limits.append(Limit(metric, None, target))
            elif key == "limits" and value != "none":
                limits += [Limit(*limit.split()) for limit in value.split(", ")]
    except (ValueError, TypeError, KeyError):
        raise paper.BadInput(f"{file}: found '{key}: {value}', allowed METRIC <= NUMBER") from None
    return limits


class Objectives:
    def __init__(self, file):
        head = paper.read_head(file)
        self.maximised = figures_of(head, "maximised")
        self.minimised = figures_of(head, "minimised")
        self.limits = limits_of(file, head)
        if not self.maximised and not self.minimised:  # files of before say nothing
            self.maximised, self.minimised = ["top1_percent"], ["latency_ms"]

    def all(self):
        return self.minimised + self.maximised

    def axes(self):
        """A cost for the horizontal axis, and what is traded for it."""
        x = (self.minimised + ["latency_ms"])[0]
        others = self.maximised + self.minimised[1:] + ["area_mm2", "latency_ms"]
        return x, next(figure for figure in others if figure != x)

    def colours(self, x, y):
        """What may colour the points, best first: what is no axis."""
        wanted = self.all() + [limit.metric for limit in self.limits] + ["area_over_baseline"]
        return [figure for figure in dict.fromkeys(wanted) if figure not in (x, y)]


def also(texts):
    """As notes of a picture: limits that no line is drawn for."""
    return [f"also: {texts[0]}", *texts[1:]] if texts else []


def draw_limits(axes, limits, values):
    """Lines where a limit is on an axis and near the points; `values`: those of each axis by figure.
    Returns the legend's handles, and the texts of the limits that are not drawn."""
    handles, elsewhere = [], []
    for limit in limits:
        points = values.get(limit.metric)
        if points is not None:
            room = NEAR * (max(points) - min(points)) or abs(max(points))
        if points is None or not min(points) - room <= limit.value <= max(points) + room:
            elsewhere.append(limit.text)
            continue
        line = axes.axvline if limit.metric == next(iter(values)) else axes.axhline
        style = {"color": "black", "linewidth": 1.2,
                 "linestyle": limit.style if not handles else (0, (2 + 3 * len(handles), 2))}
        line(limit.value, zorder=4, **style)
        handles.append(Line2D([], [], label=limit.text, **style))
    return handles, elsewhere
