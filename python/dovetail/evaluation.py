"""Figures of many pairs."""

from __future__ import annotations

import dataclasses
import itertools
import os
import random
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from .client import Client, DovetailError, default_client, without_line
from .results import MAXIMISED, Table, non_dominated, require_figures
from .spaces import Accelerator, Document, Network, Space

NetworkLike = Union[Network, Document]
AcceleratorLike = Union[Accelerator, Document]
Pair = Tuple[NetworkLike, AcceleratorLike]


def reference_of(side: Any) -> Any:
    """What a request says of a network or an accelerator."""
    if isinstance(side, (Network, Accelerator)):
        return side.request
    return os.fspath(side) if isinstance(side, os.PathLike) else side


@dataclasses.dataclass
class Evaluation:
    """What was found of a pair. Figures are attributes, too: evaluation.latency_ms."""

    status: str  # ok, infeasible, refused or failed
    figures: Dict[str, Any]
    reason: str = ""  # why it is not ok
    extrapolated: bool = False  # the accuracy source was asked outside what it was fitted on
    pair: Optional[Pair] = None

    @property
    def ok(self) -> bool:
        """Whether it has its figures."""
        return self.status == "ok"

    def __getattr__(self, name: str) -> Any:
        figures = self.__dict__.get("figures", {})
        if name in figures:
            return figures[name]
        raise AttributeError(f"no figure '{name}'; there are {', '.join(figures)}"
                             + (f" ({self.reason})" if self.__dict__.get("reason") else ""))

    def row(self) -> Dict[str, Any]:
        """Figures, status and choices, as a row of a table."""
        row: Dict[str, Any] = {}
        for prefix, side in zip(("net.", "hw."), self.pair or ()):
            reference = side.reference if isinstance(side, (Network, Accelerator)) else reference_of(side)
            if isinstance(reference, Mapping) and isinstance(reference.get("choices"), Mapping):
                row.update({prefix + name: choice for name, choice in reference["choices"].items()})
            else:
                row[prefix.replace("net.", "network").replace("hw.", "accelerator")] = (
                    reference if isinstance(reference, str) and "\n" not in reference
                    else ", ".join(f"{key}={value}" for key, value in reference.items())
                    if isinstance(reference, Mapping) else "document")
        return {**self.figures, "status": self.status, "reason": self.reason, **row}


class Evaluations(Sequence[Evaluation]):
    """What was found of some pairs, in their order."""

    def __init__(self, evaluations: Iterable[Evaluation]) -> None:
        self._all = list(evaluations)

    @property
    def ok(self) -> "Evaluations":
        """Those that have figures."""
        return Evaluations(evaluation for evaluation in self._all if evaluation.ok)

    def front(self, figures: Sequence[str] = ("latency_ms", "area_mm2")) -> "Evaluations":
        """The Pareto front: of those with figures, what no other is as good as everywhere and better
        somewhere. Of top1_percent more is better, of all others less."""
        having = [e for e in self._all if e.ok]
        require_figures(having, figures)
        points = [[-e.figures[f] if f in MAXIMISED else e.figures[f] for f in figures] for e in having]
        return Evaluations(having[i] for i in non_dominated(points))

    def table(self) -> Table:
        """A row a pair: figures, status, choices."""
        return Table(evaluation.row() for evaluation in self._all)

    def frame(self) -> Any:
        """The same as a pandas.DataFrame, with units."""
        return self.table().frame()

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Evaluation]:
        return iter(self._all)

    def __getitem__(self, index: Any) -> Any:
        return Evaluations(self._all[index]) if isinstance(index, slice) else self._all[index]

    def __repr__(self) -> str:
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def _pair(i: int, pair: Any) -> Pair:
    if isinstance(pair, (tuple, list)) and len(pair) == 2:
        return (pair[0], pair[1])
    raise DovetailError(f"pair {i}: found {pair!r}, allowed (network, accelerator)")


def evaluate(pairs: Iterable[Pair], *, figures: Optional[Sequence[str]] = None,
             accuracy: Optional[Mapping[str, Any]] = None, cost: Union[str, Mapping[str, str], None] = None,
             technology: Optional[str] = None, client: Optional[Client] = None) -> Evaluations:
    """Evaluates (network, accelerator) pairs, all workers at a time.

    figures:    only these, and what they need
    accuracy:   an accuracy source with the keys of a study: {"source": "predictor", "file": "ofa_mbv3"}
    cost:       "simulation", {"model": "surrogate", "file": ...} or {"model": "table", "file": ...}
    technology: of area and energy

    Raises DovetailError for a pair that is wrong; one that cannot run has a status and a reason.
    """
    asked = [_pair(i, pair) for i, pair in enumerate(pairs)]
    if isinstance(figures, str):
        raise DovetailError(f"figures: found the text '{figures}', allowed a list of figures")
    common: Dict[str, Any] = {key: value for key, value in (
        ("figures", list(figures) if figures is not None else None),
        ("accuracy", dict(accuracy) if accuracy is not None else None),
        ("cost", cost), ("technology", technology)) if value is not None}
    answers = (client or default_client()).ask(
        {"network": reference_of(network), "accelerator": reference_of(accelerator), **common}
        for network, accelerator in asked)
    found: List[Evaluation] = []
    for i, (pair, answer) in enumerate(zip(asked, answers)):
        if answer["status"] == "invalid":
            raise DovetailError(f"pair {i}: {without_line(answer['reason'])}")
        found.append(Evaluation(answer["status"], answer.get("figures", {}), answer.get("reason", ""),
                                answer.get("extrapolated", False), pair))
    return Evaluations(found)


def explore(network: NetworkLike, space: Union[Space, str] = "nahas_edge", *, count: Optional[int] = None,
            seed: int = 0, technology: Optional[str] = None, client: Optional[Client] = None) -> Evaluations:
    """Simulates a network on the accelerators of a space: on all of them, or on `count` different ones
    drawn at random. (`dovetail explore` does all 50,000 of nahas_edge, stores them and can go on.)"""
    accelerators = space if isinstance(space, Space) else Space(space, client)
    if accelerators.kind != "accelerator":
        raise ValueError(f"space {accelerators.name} has networks, and accelerators are explored")
    if count is not None and count < 1:
        raise DovetailError(f"count: found {count}, allowed 1 or more")
    if count is None or count >= accelerators.points:
        names = [decision.name for decision in accelerators.decisions]
        points = [dict(zip(names, choices))
                  for choices in itertools.product(*(d.choices for d in accelerators.decisions))]
    else:
        generator = random.Random(seed)
        drawn: Dict[Tuple[Any, ...], Dict[str, Any]] = {}
        while len(drawn) < count:
            choices = accelerators.sample(generator)
            drawn.setdefault(tuple(choices.values()), choices)
        points = list(drawn.values())
    return evaluate(((network, accelerators.point(point)) for point in points),  # type: ignore[misc]
                    technology=technology, client=client)
