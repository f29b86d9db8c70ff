"""What searches have reached after so many evaluations: a curve a seed, or a band over them."""

import bisect
import statistics

BAND_FROM = 3  # seeds: of fewer a band would say no more than the lines


def by_seed(rows, column):
    """For each seed its evaluations and its values, in their order."""
    curves = {}
    for row in rows:
        xs, ys = curves.setdefault(row["seed"], ([], []))
        xs.append(row["evaluations"])
        ys.append(row[column])
    return curves


def band(curves):
    """At each count of evaluations that all seeds have reached: the worst, the median, the best."""
    first = max(xs[0] for xs, _ in curves.values())
    last = min(xs[-1] for xs, _ in curves.values())
    at = sorted({x for xs, _ in curves.values() for x in xs if first <= x <= last})
    table = [sorted(ys[bisect.bisect_right(xs, x) - 1] for xs, ys in curves.values()) for x in at]
    return at, [row[0] for row in table], [statistics.median(row) for row in table], \
        [row[-1] for row in table]


def draw(axes, curves, colour, name):
    if len(curves) < BAND_FROM:
        for xs, ys in curves.values():
            axes.plot(xs, ys, color=colour, linewidth=1.2, alpha=0.8, label=name)
            name = "_" + name  # one legend entry for all seeds
        return
    at, low, middle, high = band(curves)
    axes.fill_between(at, low, high, color=colour, alpha=0.2, linewidth=0)
    axes.plot(at, middle, color=colour, linewidth=1.4,
              label=f"{name} (median and range of {len(curves)} seeds)")
