"""Pictures; each function draws on the axes that it is given, or on new ones, and returns them."""

from __future__ import annotations

from typing import Any, Iterable, Optional, Sequence

from .results import MAXIMISED, figures_of, label_of, non_dominated, require_figures

# Okabe and Ito's palette: told apart with every common kind of colour blindness.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
CLASSES = [("compute_cycles", "computing"), ("vector_cycles", "vector units"), ("stall_io_cycles", "IO"),
           ("stall_weights_cycles", "weights"), ("stall_interconnect_cycles", "interconnect"),
           ("stall_local_memory_cycles", "local memory"), ("stall_launch_cycles", "launch")]


def _axes(axes: Any) -> Any:
    if axes is not None:
        return axes
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise ImportError("pictures need matplotlib (Debian: python3-matplotlib)") from None
    return plt.subplots()[1]


def _points(trials: Iterable[Any], x: str, y: str) -> Any:
    trials = list(trials)
    require_figures(trials, (x, y))
    rows = [figures_of(trial) for trial in trials]
    rows = [row for row in rows if row.get(x) is not None and row.get(y) is not None]
    return [row[x] for row in rows], [row[y] for row in rows]


def plot_layers(simulation: Any, axes: Any = None) -> Any:
    """Where the cycles of each layer go: a bar a layer, stacked by what it does and waits for."""
    axes = _axes(axes)
    layers = simulation.report["layers"]
    left = [0.0] * len(layers)
    for colour, (key, name) in zip(COLOURS, CLASSES):
        widths = [layer[key] / 1000 for layer in layers]
        if any(widths):
            axes.barh(range(len(layers)), widths, left=left, color=colour, label=name)
        left = [a + b for a, b in zip(left, widths)]
    axes.set_yticks(range(len(layers)))
    axes.set_yticklabels([layer["name"] for layer in layers], fontsize=6)
    axes.invert_yaxis()
    axes.set_xlabel("cycles [thousands]")
    axes.set_title(simulation._title(), fontsize=8)
    axes.legend(fontsize=7)
    return axes


def plot_front(trials: Iterable[Any], x: str = "latency_ms", y: str = "top1_percent", *,
               label: Optional[str] = None, colour: Optional[str] = None, axes: Any = None) -> Any:
    """What was found, and its Pareto front as a line of steps."""
    xs, ys = _points(trials, x, y)
    axes = _axes(axes)
    if colour is None:
        colour = COLOURS[len(axes.collections) % len(COLOURS)]
    axes.scatter(xs, ys, s=8, alpha=0.35, color=colour, linewidths=0)
    signs = [-1 if figure in MAXIMISED else 1 for figure in (x, y)]
    front = non_dominated([(signs[0] * a, signs[1] * b) for a, b in zip(xs, ys)])
    line = sorted((xs[i], ys[i]) for i in front)
    axes.plot([p[0] for p in line], [p[1] for p in line], color=colour, drawstyle="steps-post",
              label=label)
    axes.set_xlabel(label_of(x))
    axes.set_ylabel(label_of(y))
    if label:
        axes.legend()
    return axes


def plot_convergence(trials: Iterable[Any], figure: str = "latency_ms", *, label: Optional[str] = None,
                     axes: Any = None) -> Any:
    """The best value of a figure after so many trials; those without it count as trials."""
    trials = list(trials)
    require_figures(trials, (figure,))
    axes = _axes(axes)
    best: Optional[float] = None
    counts, values = [], []
    for count, trial in enumerate(trials, start=1):
        value = figures_of(trial).get(figure)
        if value is None:
            continue
        if best is None or (value > best if figure in MAXIMISED else value < best):
            best = value
        counts.append(count)
        values.append(best)
    axes.plot(counts, values, drawstyle="steps-post", label=label)
    axes.set_xlabel("evaluations")
    axes.set_ylabel(f"best {label_of(figure)}")
    if label:
        axes.legend()
    return axes


def plot_parity(found: Sequence[Any], predicted: Sequence[Any], figure: str = "latency_ms", *,
                axes: Any = None) -> Any:
    """Predicted against simulated values of the same pairs; on the line they are equal."""
    require_figures([*found, *predicted], (figure,))
    axes = _axes(axes)
    pairs = [(figures_of(a).get(figure), figures_of(b).get(figure)) for a, b in zip(found, predicted)]
    known = [(a, b) for a, b in pairs if a is not None and b is not None]
    axes.scatter([a for a, _ in known], [b for _, b in known], s=8, alpha=0.5, color=COLOURS[0])
    if known:
        ends = [min(min(pair) for pair in known), max(max(pair) for pair in known)]
        axes.plot(ends, ends, color="0.5", linewidth=1)
    axes.set_xlabel(f"simulated {label_of(figure)}")
    axes.set_ylabel(f"predicted {label_of(figure)}")
    return axes
