"""Tables of figures with their units."""

from __future__ import annotations

import html
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence

from .client import DovetailError

Row = Dict[str, Any]

# The unit is the end of a figure's name; the first that fits.
UNITS = [
    ("edp_mj_ms", "mJ ms"), ("_percent", "%"), ("_ms", "ms"), ("_mj", "mJ"), ("_mm2", "mm2"),
    ("_mw", "mW"), ("_kib", "KiB"), ("_mib", "MiB"), ("_gbps", "GB/s"), ("_ghz", "GHz"),
    ("_bytes", "bytes"), ("_cycles", "cycles"), ("cycles", "cycles"), ("macs", "MACs"),
    ("seconds", "s"),
]
MAXIMISED = {"top1_percent"}


def unit_of(name: str) -> str:
    """The unit of a figure by its name; "" if it has none."""
    return next((unit for end, unit in UNITS if name.endswith(end)), "")


def label_of(name: str) -> str:
    """What an axis says: the figure and its unit."""
    unit = unit_of(name)
    if name.startswith(("net.", "hw.")):  # a decision, as files name it
        return f"{name} [{unit}]" if unit else name
    words = "energy-delay product" if name == "edp_mj_ms" else name
    for end in ("_percent", "_ms", "_mj", "_mm2", "_mw", "_kib", "_mib", "_gbps", "_ghz"):
        if unit and words.endswith(end):
            words = words[: -len(end)]
    words = words.replace("top1", "top-1").replace("_", " ")
    return f"{words} [{unit}]" if unit and not words.endswith(unit.lower()) else words


def shown(value: Any) -> str:
    """A cell of a table for people."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def html_table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], caption: str = "") -> str:
    """A table of HTML, numbers to the right."""
    head = "".join(f"<th>{html.escape(label_of(column))}</th>" for column in columns)
    lines = []
    for row in rows:
        cells = ""
        for column in columns:
            value = row.get(column)
            side = "right" if isinstance(value, (int, float)) else "left"
            cells += f'<td style="text-align: {side}">{html.escape(shown(value))}</td>'
        lines.append(f"<tr>{cells}</tr>")
    title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def text_table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """The same as text with aligned columns."""
    cells = [[label_of(column) for column in columns]]
    cells += [[shown(row.get(column)) for column in columns] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    return "\n".join("  ".join(cell.rjust(width) if i else cell.ljust(width)
                               for i, (cell, width) in enumerate(zip(line, widths))).rstrip()
                     for line in cells)


class Table(Sequence[Row]):
    """Rows of named values, with the unit of each column. A list of dicts, and a frame of pandas."""

    MOST_SHOWN = 60  # rows, by repr and in a notebook

    def __init__(self, rows: Iterable[Mapping[str, Any]], columns: Optional[Sequence[str]] = None,
                 caption: str = "") -> None:
        self.rows: List[Row] = [dict(row) for row in rows]
        self.columns: List[str] = list(columns) if columns else list(dict.fromkeys(
            name for row in self.rows for name in row))
        self.caption = caption

    @property
    def units(self) -> Dict[str, str]:
        """The unit of each column; "" where it has none."""
        return {column: unit_of(column) for column in self.columns}

    def column(self, name: str) -> List[Any]:
        """The values of a column, None where a row has none."""
        if name not in self.columns:
            raise KeyError(f"no column '{name}'; there are {', '.join(self.columns)}")
        return [row.get(name) for row in self.rows]

    def where(self, condition: Callable[[Row], bool]) -> "Table":
        """The rows for which the condition holds."""
        return Table(filter(condition, self.rows), self.columns, self.caption)

    def frame(self) -> Any:
        """A pandas.DataFrame; its attrs["units"] has the unit of each column."""
        try:
            import pandas
        except ImportError:
            raise ImportError("frame() needs pandas (Debian: python3-pandas); "
                              "without it there are the rows, a list of dicts") from None
        frame = pandas.DataFrame(self.rows, columns=self.columns)
        frame.attrs["units"] = self.units
        return frame

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __getitem__(self, index: Any) -> Any:
        return self.rows[index]

    def __repr__(self) -> str:
        text = text_table(self.columns, self.rows[: self.MOST_SHOWN])
        more = len(self) - self.MOST_SHOWN
        return text + (f"\nand {more} more rows" if more > 0 else "")

    def _repr_html_(self) -> str:
        more = len(self) - self.MOST_SHOWN
        return (html_table(self.columns, self.rows[: self.MOST_SHOWN], self.caption)
                + (f"<p>and {more} more rows</p>" if more > 0 else ""))


def figures_of(trial: Any) -> Mapping[str, Any]:
    """Those of an evaluation, a trial or a row; of none if there are none."""
    return trial if isinstance(trial, Mapping) else trial.figures


def require_figures(trials: Iterable[Any], names: Iterable[str]) -> None:
    """Raises DovetailError for a figure that not one of the trials with figures has."""
    known: Dict[str, None] = {}
    for trial in trials:
        status = trial.get("status", "ok") if isinstance(trial, Mapping) else trial.status
        if status == "ok":
            known.update(dict.fromkeys(figures_of(trial)))
    for name in names:
        if known and name not in known:
            raise DovetailError(f"no figure '{name}'; there are {', '.join(known)}")


def non_dominated(points: Sequence[Sequence[float]]) -> List[int]:
    """Positions of the points that no other is as small as everywhere and smaller somewhere; of
    equal ones the first."""
    order = sorted(range(len(points)), key=lambda i: (tuple(points[i]), i))
    front: List[int] = []
    for i in order:
        if not any(all(a <= b for a, b in zip(points[j], points[i])) for j in front):
            front.append(i)
    return sorted(front)
