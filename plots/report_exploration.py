"""The part of a report that is about an exploration: the exact front of each network, and, where one chip
was to be chosen for all of them, what holds the limits and what was chosen."""

import os

import metrics
import objectives
import page
import paper
import svg
from report_study import plain

LATENCY = "latency_ms@"
MOST_ROWS, MOST_POINTS = 300, 2500
NOTHING_HOLDS = "The limits are such that nothing holds them all."


def numbers(row, names):
    """The cells of a table: numbers as numbers."""
    cells = []
    for name in names:
        try:
            cells.append(float(row[name]) if row[name] else None)
        except ValueError:
            cells.append(row[name])
    return cells


def table_of(file):
    rows = paper.read_csv(file, {}, may_be_empty=True)
    if not rows:
        return ""
    names = [name for name in rows[0] if name is not None]
    shown = rows[:MOST_ROWS]
    left = f"The first {MOST_ROWS} of {len(rows):,} rows." if len(rows) > MOST_ROWS else ""
    return page.table([plain(metrics.label(name)) if metrics.known(name) else name for name in names],
                      [numbers(row, names) for row in shown]) + page.paragraph(left, note=True)


def fronts(folder):
    file = os.path.join(folder, "pareto.csv")
    rows = paper.read_csv(file, {"network": str, "index": str, "latency_ms": float, "area_mm2": float},
                          may_be_empty=True)
    if not rows:
        return [page.paragraph("No accelerator of the space is left; the table of what cannot run says why.")]
    chart = svg.Chart([row["latency_ms"] for row in rows], [row["area_mm2"] for row in rows],
                      "latency [ms]", "accelerator area [mm²]", size=(760, 420))
    entries = []
    for i, network in enumerate(paper.in_order(rows, "network")):
        colour = svg.COLOURS[i % len(svg.COLOURS)]
        mine = sorted((row for row in rows if row["network"] == network),
                      key=lambda row: row["latency_ms"])
        points = [(row["latency_ms"], row["area_mm2"]) for row in mine]
        chart.steps(points, colour)
        chart.points(points, colour, [(network, *(f"{name}: {row[name]}" for name in row
                                                  if name not in ("network",))) for row in mine], 3.5)
        entries.append((f"{network} ({len(mine)})", colour))
    return [page.key(entries), chart.svg(), table_of(file)]


def choice(folder):
    """Area against the latency of each network; the first row is what was chosen."""
    file = os.path.join(folder, "choice.csv")
    if not os.path.isfile(file):
        return []
    networks = [name.removeprefix(LATENCY) for name in paper.columns_of(file) if name.startswith(LATENCY)]
    rows = paper.read_csv(file, {"index": str, "area_mm2": float,
                                 **{LATENCY + network: float for network in networks}}, may_be_empty=True)
    if not rows:
        return [page.paragraph(NOTHING_HOLDS)]
    limits = objectives.limits_of(file, paper.read_head(file))
    drawings = []
    for network in networks:
        latency = LATENCY + network
        near = [limit for limit in limits if limit.metric in (latency, "area_mm2")]
        xs = [row[latency] for row in rows] + [l.value for l in near if l.metric == latency]
        ys = [row["area_mm2"] for row in rows] + [l.value for l in near if l.metric == "area_mm2"]
        chart = svg.Chart(xs, ys, plain(metrics.label(latency)), "accelerator area [mm²]", size=(480, 320))
        chart.cloud([(row[latency], row["area_mm2"]) for row in rows[:MOST_POINTS]], svg.COLOURS[0], 4)
        for limit in near:
            chart.limit(limit.value, plain(limit.text), limit.metric == latency)
        chart.points([(rows[0][latency], rows[0]["area_mm2"])], svg.COLOURS[1],
                     [("chosen", *(f"{plain(metrics.name(name))}: {rows[0][name]}" for name in rows[0]))], 6)
        drawings.append(chart.svg())
    entries = [("chosen", svg.COLOURS[1]), (f"holds every limit ({len(rows):,})", svg.COLOURS[0])]
    return [page.key(entries), page.charts(*drawings), "<h3>What holds every limit, best first</h3>\n",
            table_of(file)]


def chosen(folder):
    file = os.path.join(folder, "chosen.yaml")
    if not os.path.isfile(file):
        return []
    try:
        with paper.opened(file) as stream:
            return [f"<pre>{page.text(stream.read())}</pre>\n"]
    except (OSError, UnicodeDecodeError) as error:
        raise paper.BadInput(f"{file}: {paper.reason(error)}") from None


def up_to(head):
    """What is larger than --max-area was left out."""
    most = dict(head).get("max_area_mm2", "none")
    return "" if most == "none" else f" with an area of at most {most} mm²"


def write(folder):
    head = paper.read_head(os.path.join(folder, "pareto.csv"))
    name = f"Dovetail: exploration of {dict(head).get('space', os.path.basename(folder))}"
    result = page.Page(name, f"Every accelerator of the space{up_to(head)} was simulated. "
                             "Nothing here is fetched from anywhere.")
    set_front = os.path.join(folder, "set_front.csv")
    asked = paper.read_head(set_front) if os.path.isfile(set_front) else head
    result.section("What was asked", page.facts(pair for pair in asked if pair[0] != "units"))
    result.section("One chip for all", *choice(folder), *chosen(folder))
    if os.path.isfile(set_front):
        result.section("The front of all networks together",
                       table_of(set_front) or page.paragraph(NOTHING_HOLDS))
    result.section("The front of each network", *fronts(folder))
    reasons = os.path.join(folder, "infeasible.csv")
    if os.path.isfile(reasons):
        result.section("What cannot run", table_of(reasons))
    return result.html()
