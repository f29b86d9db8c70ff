"""What all figures share: style, colours, reading a result file, writing the picture."""

import argparse
import csv
import json
import os
import signal
import stat
import sys

# Whoever stops a picture wants no traceback of it, not even of an import; files half written are removed.
STOPPED = 128 + signal.SIGINT
signal.signal(signal.SIGINT, lambda *_: sys.exit(STOPPED))

import matplotlib  # noqa: E402

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter  # noqa: E402

# Okabe and Ito's palette: told apart with every common kind of colour blindness.
BLUE, VERMILLION, GREEN, PURPLE, ORANGE = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00"

RUNS = {  # label in the result files: name in the legend, colour, marker
    "joint": ("joint search", BLUE, "o"),
    "fixed_hardware": ("fixed hardware", VERMILLION, "^"),
    "fixed_network": ("fixed network", GREEN, "s"),
    "phase": ("phase search", PURPLE, "D"),
}
SKY, YELLOW = "#56B4E9", "#F0E442"
MORE = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, "0.3"]
MARKERS = "ov^sDPX<>"
LOGARITHMIC = 8  # the ratio of largest to smallest from which on an axis, and a scale of colours, is
MOST = 1e100  # of any figure: sums and products of such are still numbers
LEAST_FACTOR, LEAST_VALUES = 1.2, 3  # of what a colour bar shows: below, all points look alike

STYLE = {
    "figure.figsize": (5.6, 3.8),
    "figure.dpi": 200,
    "font.size": 10,
    "axes.labelsize": 11,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "0.9",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "pdf.fonttype": 42,  # text stays text
    "svg.fonttype": "none",
    "svg.hashsalt": "dovetail",  # the same figure is the same file
}


class BadInput(Exception):
    """The file cannot be drawn; the message says why."""


def reason(error):
    """What went wrong with a file, in words that say what was wanted."""
    if isinstance(error, UnicodeDecodeError):
        return f"found byte {error.start}, which is not UTF-8, allowed text"
    return getattr(error, "strerror", None) or str(error)


def opened(file, newline=None):
    """The file as text. Devices and pipes may have no end."""
    mode = os.stat(file).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise BadInput(f"{file}: found a pipe or a device, allowed a file of results")
    return open(file, newline=newline, encoding="utf-8-sig")


def printable(text):
    """What a terminal shows and does not obey, whatever stands in a file or in its name."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)


def too_large(value, key=""):
    """Where in a JSON value a number is that arithmetic would overflow with; none if nowhere."""
    if isinstance(value, (dict, list)):
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        found = (too_large(entry, f"{key}.{name}" if key else str(name)) for name, entry in entries)
        return next((place for place in found if place), None)
    return key if isinstance(value, (int, float)) and abs(value) > MOST else None


def read_json(file):
    try:
        with opened(file) as stream:
            result = json.load(stream)
        large = too_large(result)
        if large:
            raise BadInput(f"{file}: {large}: found a number above {MOST:g}, allowed smaller ones")
        return result
    except (OSError, ValueError) as error:
        raise BadInput(f"{file}: {reason(error)}") from None
    except RecursionError:
        raise BadInput(f"{file}: is nested too deep") from None


def colours(count):
    """So many colours, no two alike: those of the palette while they last."""
    if count <= len(MORE):
        return MORE[:count]
    return [plt.get_cmap("turbo")(0.05 + 0.9 * i / (count - 1)) for i in range(count)]


def run_styles(labels):
    """Name, colour and marker of each of some searches: those of RUNS where they are known."""
    others = [label for label in labels if label not in RUNS]
    taken = {RUNS[label][1] for label in labels if label in RUNS}
    free = [colour for colour in MORE if colour not in taken]
    if len(free) < len(others):
        free = colours(len(others) + len(MORE))[len(MORE):]
    styles = {label: (label, colour, MARKERS[i % len(MARKERS)])
              for i, (label, colour) in enumerate(zip(others, free))}
    return {label: RUNS.get(label) or styles[label] for label in labels}


def counted(count, what):
    """"1 point", "2 points"."""
    return f"{count:,} {what}{'s' if count != 1 else ''}"


def tells_apart(values):
    """Whether a scale of colours would show anything of these."""
    low, high = min(values), max(values)
    wide = high >= LEAST_FACTOR * low if low > 0 else high > low
    return wide and len(set(values)) >= LEAST_VALUES


def not_coloured(name):
    return f"not coloured: {name} is about the same everywhere"


def once(rows):
    """Without rows that are another one's mirror image: a tile of 8x6 instead of 6x8 PEs, and all else
    and all figures alike."""
    tiles = [prefix + side for prefix in ("", "hw.") for side in ("pes_x", "pes_y")]
    seen = {}
    for row in rows:
        tile = sorted(row.get(side) or "" for side in tiles)
        rest = [row[key] for key in row if key not in ("index", "trial", "seed", *tiles)]
        seen.setdefault((*tile, *rest), row)
    return list(seen.values())


def arguments(description, several=False):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("file", help="result file", nargs="+" if several else None)
    parser.add_argument("-o", "--output", required=True, help="picture: .png, .svg or .pdf")
    return parser


def read_head(file):
    """What the lines '# key: value' before the header say, as (key, value) in their order."""
    pairs = []
    try:
        with opened(file) as stream:
            for line in stream:
                if not line.startswith("#"):
                    return pairs
                key, _, value = line[1:].strip().partition(": ")
                pairs.append((key, value))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file}: {reason(error)}") from None
    return pairs


def number_or_none(text):
    """A column of numbers that may be missing."""
    return float(text) if text else None


def columns_of(file):
    """The names of the columns."""
    try:
        with opened(file, newline="") as stream:
            lines = (line for line in stream if not line.startswith("#"))
            return next(csv.reader(lines), [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{file}: {reason(error)}") from None


def require_column(file, option, name, known):
    """`option` is what asked for the column; none where it is the study itself."""
    if name in known:
        return
    if option is None:
        what = "is empty" if name in columns_of(file) else "is missing"
        raise BadInput(f"{file}: column '{name}' {what}")
    raise BadInput(f"{option}: found '{name}', allowed of {file}: {', '.join(known)}")


def checked(value):
    """As it was converted, unless it is too large to be drawn."""
    if isinstance(value, (int, float)) and abs(value) > MOST:
        raise ValueError
    return value


def read_csv(file, columns, may_be_empty=False):
    """Rows as dictionaries; each of `columns` (name: type) is there and converted. Lines before the
    header that open with '#' say what the file is and are skipped."""
    try:
        with opened(file, newline="") as stream:
            lines = stream.readlines()
            skipped = next((i for i, line in enumerate(lines) if not line.startswith("#")), 0)
            reader = csv.DictReader(lines[skipped:])
            missing = [name for name in columns if name not in (reader.fieldnames or [])]
            if missing:
                raise BadInput(f"{file}: column '{missing[0]}' is missing")
            rows = []
            for row in reader:
                for name, kind in columns.items():
                    try:
                        row[name] = checked(kind(row[name]))
                    except (TypeError, ValueError):
                        raise BadInput(
                            f"{file}:{skipped + reader.line_num}: {name}: found '{row[name]}', "
                            f"allowed a number up to {MOST:g}"
                        ) from None
                rows.append(row)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file}: {reason(error)}") from None
    if not rows and not may_be_empty:
        raise BadInput(f"{file}: no rows to draw")
    return rows


def in_order(rows, key):
    """Values of a column, each once, in the order of the file."""
    return list(dict.fromkeys(row[key] for row in rows))


def label_ticks(axis, values):
    """Of a logarithmic axis: plain numbers, at 1, 2 and 5 where the powers of ten alone would be few."""
    few = max(values) < 1000 * min(values)
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if few else (1,)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def scale(axes, which, values):
    """A logarithmic axis where values are far from each other."""
    if min(values) > 0 and max(values) > LOGARITHMIC * min(values):
        getattr(axes, f"set_{which}scale")("log")
        label_ticks(getattr(axes, f"{which}axis"), values)


def in_lines(notes):
    """Two a line."""
    return "\n".join("; ".join(notes[i:i + 2]) for i in range(0, len(notes), 2))


def legend_above(axes, more=(), notes=()):
    """Outside the axes, where it hides no data; `more` handles, and `notes` in small type above."""
    handles = axes.get_legend_handles_labels()[0] + list(more)
    axes.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.01),
                ncol=3 if len(handles) % 3 == 0 else 2, borderaxespad=0, fontsize=9,
                title=in_lines(list(notes)), title_fontsize=8)


def save(figure, output):
    """Writes the picture in one step, so that a reader never sees half of it."""
    suffix = os.path.splitext(output)[1].lower()
    if suffix not in (".png", ".svg", ".pdf"):
        raise BadInput(f"{output}: found '{suffix}', allowed .png, .svg or .pdf")
    dates = {".png": None, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    part = f"{output}.part{suffix}"
    try:
        figure.savefig(part, bbox_inches="tight", metadata=dates[suffix])
        os.replace(part, output)
    except OSError as error:
        raise BadInput(f"{output}: {reason(error)}") from None
    finally:
        if os.path.exists(part):
            os.remove(part)


def main(draw, parser):
    """Reads the arguments, draws, saves; a bad file ends with a message and status 2."""
    args = parser.parse_args()
    try:
        with plt.rc_context(STYLE):
            save(draw(args), args.output)
    except BadInput as error:
        print(printable(str(error)), file=sys.stderr)
        sys.exit(2)
