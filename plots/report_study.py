"""The part of a report that is about a study: what was asked, its front, the decisions along it, which
decisions matter, how its searches converged, and pairs."""

import csv
import os
import re

import curves
import forest
import metrics
import objectives
import page
import paper
import report_pair
import svg

MOST_TRIALS, MOST_COLUMNS, MOST_ROWS, MOST_IMPORTANT = 5000, 80, 400, 12
CLAIMED = "claimed"  # the stage of trials that a file claims and nobody evaluated


def plain(label):
    """An axis label without matplotlib's mathematics."""
    return re.sub(r"\$\^2\$", "²", label).replace("\\$", "$")


class Trials:
    """Trials of a CSV file of `study export`, thinned if they are many; and those on the front."""

    def __init__(self, file, front_file=None):
        self.file, self.study = file, objectives.Objectives(file)
        self.x, self.y = self.study.axes()
        self.figures = list(dict.fromkeys([self.x, self.y, *self.study.all()]))
        missing = [name for name in ("trial", "run", "stage", "simulated", "acceptable", *self.figures)
                   if name not in paper.columns_of(file)]
        if missing:
            raise paper.BadInput(f"{file}: column '{missing[0]}' is missing")
        self.count, chosen = self.look()
        shown = {i * self.count // MOST_TRIALS for i in range(MOST_TRIALS)} \
            if self.count > MOST_TRIALS else set(range(self.count))
        kept = self.keep(file, shown | (set() if front_file else chosen))
        self.rows = [row for i, row in kept.items() if i in shown]
        self.front = list(self.keep(front_file).values()) if front_file else \
            [kept[i] for i in sorted(chosen)]

    def raw(self, file):
        """The header, then each row with its place in the file."""
        with paper.opened(file, newline="") as stream:
            reader = csv.reader(line for line in stream if not line.startswith("#"))
            names = next(reader, [])
            yield -1, names
            for place, row in enumerate(reader):
                if len(row) != len(names):
                    raise paper.BadInput(f"{file}: row {place + 1}: found {len(row)} cells, allowed {len(names)}")
                yield place, row

    def look(self):
        """How many trials there are, and the places of those that none of their kind of search dominates."""
        rows = self.raw(self.file)
        names = next(rows)[1]
        at = [names.index(figure) for figure in self.figures]
        signs = [-1 if figure in self.study.maximised else 1 for figure in self.figures]
        ok, run, real, stage = (names.index(name) for name in ("acceptable", "run", "simulated", "stage"))
        count, points = 0, {}
        for count, (i, row) in enumerate(rows, start=1):
            if row[ok] == "1" and row[stage] != CLAIMED and all(row[k] for k in at):
                of_run = points.setdefault((row[run], row[real]), [])
                of_run.append((*(sign * self.number(i, row[k]) for sign, k in zip(signs, at)), i))
        some = any(simulated == "1" for _, simulated in points)  # else all were predicted
        fronts = [nothing_dominates(of_run) for (_, simulated), of_run in points.items()
                  if simulated == "1" or not some]
        return count, set().union(*fronts)

    def number(self, place, cell):
        try:
            return paper.checked(float(cell))
        except ValueError:
            raise paper.BadInput(f"{self.file}: row {place + 1}: found '{cell}', "
                                 f"allowed a number up to {paper.MOST:g}") from None

    def keep(self, file, places=None):
        """The rows at these places (none: all), by place, their figures as numbers."""
        rows = self.raw(file)
        names = next(rows)[1]
        figures = [name for name in names if metrics.known(name) or name == "trial"]
        kept = {i: dict(zip(names, row)) for i, row in rows if places is None or i in places}
        for i, row in kept.items():
            for figure in figures:
                row[figure] = self.number(i, row[figure]) if row.get(figure) else None
        return kept

    def label(self, figure):
        return plain(metrics.label(figure))

    def predicted(self):
        """Whether what is on the front was predicted and not simulated."""
        return any(row["simulated"] == "0" and row["stage"] != CLAIMED for row in self.front)


def nothing_dominates(points):
    """Places (the last of each point) of those that no other is as good as everywhere."""
    front = []
    for point in sorted(points):
        # Sorted, all before are as good in the first figure; of two figures the last is the best.
        others = front[-1:] if len(point) == 3 else front
        if not any(all(a <= b for a, b in zip(other[1:-1], point[1:-1])) for other in others):
            front.append(point)
    return {point[-1] for point in front}


def styles(rows):
    runs = paper.in_order(rows, "run")
    return {run: (paper.RUNS.get(run, (run,))[0], svg.COLOURS[i % len(svg.COLOURS)])
            for i, run in enumerate(runs)}


def front_chart(trials):
    """All trials faintly, the front with what each point is."""
    known = [row for row in trials.rows if None not in (row[trials.x], row[trials.y])]
    near = known + trials.front
    chart = svg.Chart([row[trials.x] for row in near], [row[trials.y] for row in near],
                      trials.label(trials.x), trials.label(trials.y), size=(760, 420))
    clouds = [("claimed, not evaluated", "#e9b872", lambda row: row["stage"] == CLAIMED),
              ("trials, predicted", "#ddd",
               lambda row: row["stage"] != CLAIMED and row["simulated"] == "0"),
              ("trials", "#aaa", lambda row: row["simulated"] == "1")]
    clouds = [(name, colour, [row for row in known if shown(row)]) for name, colour, shown in clouds]
    for _, colour, rows in clouds:
        chart.cloud([(row[trials.x], row[trials.y]) for row in rows], colour)
    higher = trials.y in trials.study.maximised
    for run, (name, colour) in styles(trials.front).items():
        mine = sorted((row for row in trials.front if row["run"] == run),
                      key=lambda row: (row[trials.x], -row[trials.y] if higher else row[trials.y]))
        points = [(row[trials.x], row[trials.y]) for row in mine]
        corners = []
        for point in points:
            if not corners or (point[1] > corners[-1][1]) == higher:
                corners.append(point)
        chart.steps(corners, colour)
        chart.points(points, colour, [tip_of(trials, row, name) for row in mine])
    for limit in trials.study.limits:
        if limit.metric in (trials.x, trials.y):
            chart.limit(limit.value, plain(limit.text), limit.metric == trials.x)
    front = "front, predicted" if trials.predicted() else "front"
    entries = [(f"{name}: {front}", colour) for name, colour in styles(trials.front).values()]
    entries += [(name, colour) for name, colour, rows in clouds if rows]
    return page.key(entries) + chart.svg()


def tip_of(trials, row, name):
    figures = [figure for figure in row if metrics.known(figure) and row[figure] is not None]
    hardware = ", ".join(f"{key.removeprefix('hw.')} {row[key]}" for key in row
                         if key.startswith("hw.") and row[key])
    return [f"trial {row['trial']:.0f}, {name}",
            *(f"{plain(metrics.name(f))}: {row[f]:.5g} {plain(metrics.unit(f))}" for f in figures[:6]),
            hardware]


def decisions_along(trials):
    """A row a decision that differs, a column a point of the front from the cheapest on."""
    drawings = []
    for run, (name, _) in styles(trials.front).items():
        mine = sorted((row for row in trials.front if row["run"] == run), key=lambda row: row[trials.x])
        mine = forest.thinned(mine, MOST_COLUMNS)
        names = forest.columns(mine) if len(mine) > 1 else []
        if names:
            drawings.append(f"<div>{page.paragraph(name, note=True)}{grid(trials, mine, names)}</div>")
    words = ("From left to right the points of the front, by " + trials.label(trials.x) + "; the darker, "
             "the larger the choice (or the later in the alphabet). Decisions that are the same everywhere are left out.")
    return [page.paragraph(words, note=True), page.charts(*drawings)] if drawings else []


def grid(trials, rows, names, cell=(6, 11), left=130):
    columns = list(zip(*forest.coded(rows, names)))
    marks = []
    for i, (name, codes) in enumerate(zip(names, columns)):
        y, choices = i * cell[1], sorted(set(codes))
        marks.append(f'<text class="small" x="{left - 4}" y="{y + 9}" text-anchor="end">{page.text(name)}</text>')
        first = 0
        for j in range(1, len(codes) + 1):
            if j < len(codes) and codes[j] == codes[first]:
                continue
            share = choices.index(codes[first]) / max(1, len(choices) - 1)
            red, green, blue = (round(a + (b - a) * share) for a, b in ((222, 8), (235, 48), (247, 107)))
            at = rows[first][trials.x], rows[j - 1][trials.x]
            marks.append(svg.rectangle(left + first * cell[0], y, (j - first) * cell[0], cell[1] - 1,
                                       f"#{red:02x}{green:02x}{blue:02x}",
                                       (f"{name} = {rows[first][name] or 'without effect'}",
                                        f"{trials.label(trials.x)} {at[0]:.4g} to {at[1]:.4g}")))
            first = j
    return svg.wrap(left + len(rows) * cell[0], len(names) * cell[1], "\n".join(marks))


def importance(trials):
    drawings = []
    rows = [row for row in trials.rows if row["stage"] == "search"]
    for figure in trials.study.all():
        try:
            shares, score = forest.importances(rows, figure)
        except paper.BadInput as error:
            return [page.paragraph(f"Not told: {error}.", note=True)]
        bars = [(name, [(max(0, mean), svg.COLOURS[0], (name, f"{mean:.3g} ± {spread:.2g}"))])
                for name, mean, spread in shares[:MOST_IMPORTANT]]
        caption = f"{plain(metrics.name(figure))}: the forest explains {100 * score:.0f} % of what differs"
        drawings.append(f"<div>{page.paragraph(caption, note=True)}"
                        f"{svg.bars(bars, 'permutation importance [loss of R²]', width=470)}</div>")
    words = ("Permutation importance (Breiman 2001, \"Random forests\"): how much of R² a random forest, fitted to "
             f"the trials of the searches (at most {forest.TRIALS:,}), loses on held-out ones when the choices of a "
             "decision are shuffled among them; of costs, of their logarithms. Searches look at good designs more "
             "often than at others, so it is said of what they looked at.")
    return [page.paragraph(words, note=True), page.charts(*drawings)]


def convergence(file):
    """Hypervolume against evaluations, with bands over seeds."""
    if not os.path.isfile(file):
        return []
    rows = paper.read_csv(file, {"run": str, "seed": str, "evaluations": int, "hypervolume": float})
    chart = svg.Chart([row["evaluations"] for row in rows], [row["hypervolume"] for row in rows],
                      "evaluations", "hypervolume", size=(760, 320), x_log=False, y_log=False)
    for run, (_, colour) in styles(rows).items():
        seeds = curves.by_seed([row for row in rows if row["run"] == run], "hypervolume")
        if len(seeds) < curves.BAND_FROM:
            for xs, ys in seeds.values():
                chart.line(list(zip(xs, ys)), colour)
        else:
            at, low, middle, high = curves.band(seeds)
            chart.band(at, low, high, colour)
            chart.line(list(zip(at, middle)), colour)
    words = "A line a seed, or of three and more their median in the range of all."
    return [page.key(styles(rows).values()), chart.svg(), page.paragraph(words, note=True)]


def front_table(trials):
    shown = forest.thinned(trials.front, MOST_ROWS)
    figures = [name for name in shown[0] if metrics.known(name)
               and any(row[name] is not None for row in shown)]
    hardware = [name for name in shown[0] if name.startswith("hw.")]
    names = ["trial", "search", *(trials.label(figure) for figure in figures),
             *(name.removeprefix("hw.") for name in hardware)]
    rows = [[int(row["trial"]), row["run"], *(row[figure] for figure in figures),
             *(choice(row[name]) for name in hardware)] for row in shown]
    return page.table(names, rows)


def choice(cell):
    """A choice as a number where it is one."""
    try:
        return float(cell) if cell else None
    except ValueError:
        return cell


def asked(material, trials):
    """Of a folder what `study show` says, of a CSV file what its first lines say."""
    if material is None:
        head = [pair for pair in paper.read_head(trials.file) if pair[0] != "units"]
        return [page.facts(head)], ""
    overview = paper.read_json(os.path.join(material, "overview.json"))
    searches = [[row["run"], row["seed"], row["step"], row["stage"], row["trials"], row["ok"],
                 row["infeasible"], row["over_limits"], row["front"], row["hypervolume"], row["figures"]]
                for row in overview["searches"]]
    names = ["search", "seed", "step", "stage", "trials", "ok", "infeasible", "over limits",
             "points on the front", "hypervolume", "figures"]
    return [page.facts(overview["about"].items()), "<h3>Searches</h3>\n", page.table(names, searches)], \
        f"A study, {overview['state']}; {overview['trials']:,} trials, of which "


def pairs(material, trials):
    """The pairs that were simulated, one after the other."""
    found = sorted((name for name in os.listdir(material) if name.startswith("pair_")),
                   key=lambda name: int(re.sub(r"\D", "", name)))
    parts = []
    if found and trials.predicted():
        parts.append(page.paragraph("The figures of the front are predicted, and these are simulated: they may differ.",
                                    note=True))
    uncorrected = os.path.join(material, "uncorrected_pairs.txt")
    if found and os.path.isfile(uncorrected):
        with open(uncorrected, encoding="utf-8") as stream:
            parts.append(page.paragraph(stream.read(), note=True))
    for name in found:
        file = os.path.join(material, name)
        heading = f"Trial {re.sub(r'[^0-9]', '', name)}: {report_pair.title(file)}"
        parts += [f"<h3>{page.text(heading)}</h3>\n", *report_pair.parts(file)]
    without = os.path.join(material, "without_pairs.txt")
    if os.path.isfile(without):
        with open(without, encoding="utf-8") as stream:
            parts.append(page.paragraph(f"Not simulated again: {stream.read()}", note=True))
    return parts


def write(place, material):
    """The page of a study. `material`: files that the program made of its folder; none of a CSV."""
    front = os.path.join(material, "front.csv") if material else None
    trials = Trials(os.path.join(material, "trials.csv") if material else place,
                    front if front and os.path.isfile(front) else None)
    if not trials.count:
        raise paper.BadInput(f"{place}: no trials yet")
    about, state = asked(material, trials)
    name = dict(paper.read_head(trials.file)).get("study", os.path.basename(place))
    told = f"{len(trials.rows):,} are shown" if material else f"{trials.count:,} trials"
    result = page.Page(f"Dovetail: {name}", f"{state}{told}. Nothing here is fetched from anywhere.")
    result.section("What was asked", *about)
    if trials.front:
        result.section("The front", front_chart(trials), front_table(trials))
        result.section("Decisions along the front", *decisions_along(trials))
    result.section("Which decisions matter", *importance(trials))
    folder = place if os.path.isdir(place) else os.path.dirname(place)
    if material:
        result.section("How the searches converged", *convergence(os.path.join(folder, "convergence.csv")))
        result.section("Pairs of the front", *pairs(material, trials))
    return result.html()
