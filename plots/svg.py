"""Charts as inline SVG: each mark that has something to say carries it in data-tip."""

import math

import page
import paper

# Of the palette, those that HTML knows too, and further ones.
COLOURS = [colour for colour in paper.MORE if colour.startswith("#")] + [
    "#555555", "#882255", "#999933", "#332288", "#117733", "#AA4499"]
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 10, 44
LOGARITHMIC = 12  # the ratio from which on an axis is


def tip(*lines):
    return ' data-tip="' + page.text("\n".join(lines)) + '"'


def nice_step(span, count):
    raw = span / count
    unit = 10 ** math.floor(math.log10(raw))
    return next(step * unit for step in (1, 2, 5, 10) if step * unit >= raw)


class Axis:
    """Places of numbers along an axis: from `begin` to `end`, in pixels."""

    def __init__(self, values, begin, end, logarithmic=None, zero=False):
        if not all(map(math.isfinite, values)):
            raise paper.BadInput("found a figure that is no finite number, which has no place on an axis")
        low, high = min(values), max(values)
        self.log = low > 0 and high > LOGARITHMIC * low if logarithmic is None else logarithmic
        if self.log:
            low, high = math.log10(low), math.log10(high)
        room = 0.05 * (high - low) or abs(high) * 0.05 or 1
        self.low, self.high = (0 if zero else low - room), high + room
        self.begin, self.end = begin, end

    def place(self, value):
        value = math.log10(value) if self.log else value
        return self.begin + (self.end - self.begin) * (value - self.low) / (self.high - self.low)

    def has(self, value):
        return (value > 0 or not self.log) and self.low <= (math.log10(value) if self.log else value) <= self.high

    def ticks(self):
        if not self.log:
            step = nice_step(self.high - self.low, 6)
            first = math.ceil(self.low / step)
            return [i * step for i in range(first, math.floor(self.high / step) + 1)]
        subs = (1, 2, 5) if self.high - self.low < 2.5 else (1,)
        powers = range(math.floor(self.low), math.ceil(self.high) + 1)
        ticks = [sub * 10.0 ** power for power in powers for sub in subs]
        return [tick for tick in ticks if self.low <= math.log10(tick) <= self.high]


class Chart:
    """A plane of two axes, drawn on from the back to the front."""

    def __init__(self, xs, ys, x_label, y_label, size=(520, 340), x_log=None, y_log=None, zero=False):
        self.width, self.height = size
        self.x = Axis(xs, LEFT, self.width - RIGHT, x_log)
        self.y = Axis(ys, self.height - BOTTOM, TOP, y_log, zero)
        self.labels = x_label, y_label
        self.marks = []

    def at(self, point):
        return f"{self.x.place(point[0]):.1f},{self.y.place(point[1]):.1f}"

    def cloud(self, points, colour, size=3):
        """Many points that say nothing one by one."""
        path = "".join(f"M{self.at(point)}h0" for point in points)
        self.marks.append(f'<path d="{path}" stroke="{colour}" stroke-width="{size}" '
                          'stroke-linecap="round" opacity=".45"/>')

    def points(self, points, colour, tips, radius=4.5):
        for point, lines in zip(points, tips):
            x, y = self.at(point).split(",")
            self.marks.append(f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}" '
                              f'stroke="#fff" stroke-width=".7"{tip(*lines)}/>')

    def line(self, points, colour, width=1.5):
        self.marks.append(f'<polyline points="{" ".join(map(self.at, points))}" fill="none" '
                          f'stroke="{colour}" stroke-width="{width}"/>')

    def steps(self, points, colour):
        corners = []
        for point in points:
            if corners:
                corners.append((point[0], corners[-1][1]))
            corners.append(point)
        self.line(corners, colour, 1.2)

    def band(self, xs, low, high, colour):
        outline = list(zip(xs, low)) + list(zip(reversed(xs), reversed(high)))
        self.marks.append(f'<polygon points="{" ".join(map(self.at, outline))}" fill="{colour}" '
                          'opacity=".2"/>')

    def limit(self, value, words, vertical):
        """A line, if it is where the points are."""
        if not (self.x if vertical else self.y).has(value):
            return
        if vertical:
            place = f"{self.x.place(value):.1f}"
            ends = f'x1="{place}" x2="{place}" y1="{TOP}" y2="{self.height - BOTTOM}"'
        else:
            place = f"{self.y.place(value):.1f}"
            ends = f'y1="{place}" y2="{place}" x1="{LEFT}" x2="{self.width - RIGHT}"'
        self.marks.append(f'<line class="limit" {ends}{tip(words)}/>')

    def frame(self):
        bottom, right = self.height - BOTTOM, self.width - RIGHT
        parts = []
        for tick in self.x.ticks():
            place = f"{self.x.place(tick):.1f}"
            parts.append(f'<path class="grid" d="M{place},{TOP}V{bottom}"/>'
                         f'<text x="{place}" y="{bottom + 15}" text-anchor="middle">{tick:g}</text>')
        for tick in self.y.ticks():
            place = f"{self.y.place(tick):.1f}"
            parts.append(f'<path class="grid" d="M{LEFT},{place}H{right}"/>'
                         f'<text x="{LEFT - 6}" y="{place}" dy="4" text-anchor="end">{tick:g}</text>')
        x_label, y_label = map(page.text, self.labels)
        middle = (TOP + bottom) / 2
        parts.append(f'<path class="axis" d="M{LEFT},{TOP}V{bottom}H{right}"/>'
                     f'<text x="{(LEFT + right) / 2}" y="{self.height - 8}" text-anchor="middle">{x_label}</text>'
                     f'<text transform="translate(13,{middle}) rotate(-90)" text-anchor="middle">{y_label}</text>')
        return "".join(parts)

    def svg(self):
        return wrap(self.width, self.height, self.frame() + "\n" + "\n".join(self.marks))


def wrap(width, height, content):
    return (f'<svg role="img" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}">\n{content}\n</svg>')


def rectangle(x, y, width, height, colour, lines=(), border=""):
    said = tip(*lines) if lines else ""
    edge = f' stroke="{border}"' if border else ""
    return (f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.05):.2f}" '
            f'height="{max(height, 0.05):.2f}" fill="{colour}"{edge}{said}/>')


def bars(rows, label, names_width=150, width=520, row_height=15):
    """A bar a row, stacked: (name, [(value, colour, lines of the tip)])."""
    longest = max(sum(value for value, *_ in parts) for _, parts in rows) or 1
    room = width - names_width - RIGHT
    marks = []
    for i, (name, parts) in enumerate(rows):
        y, x = i * row_height + 2, names_width
        marks.append(f'<text class="small" x="{names_width - 5}" y="{y + row_height - 5}" '
                     f'text-anchor="end">{page.text(name)}</text>')
        for value, colour, lines in parts:
            if value > 0:
                marks.append(rectangle(x, y, room * value / longest, row_height - 3, colour, lines))
                x += room * value / longest
    bottom = len(rows) * row_height + 2
    step = nice_step(longest, 5)
    for i in range(int(longest / step) + 1):
        place = names_width + room * i * step / longest
        marks.append(f'<path class="axis" d="M{place:.1f},{bottom}v4"/><text x="{place:.1f}" '
                     f'y="{bottom + 15}" text-anchor="middle">{i * step:g}</text>')
    marks.append(f'<path class="axis" d="M{names_width},0V{bottom}h{room}"/><text '
                 f'x="{names_width + room / 2}" y="{bottom + 31}" text-anchor="middle">{page.text(label)}</text>')
    return wrap(width, bottom + 38, "\n".join(marks))
