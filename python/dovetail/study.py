"""Studies that are asked and told: by dovetail's strategies, or by a searcher of your own."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import tempfile
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Union

from .client import Answer, DovetailError, LineProcess, find_program
from .results import MAXIMISED, Table, non_dominated
from .spaces import Accelerator, Choices, Decision, Network, read_decisions, suggest_choices


@dataclasses.dataclass(frozen=True)
class Candidate:
    """What a study's strategy wants to know about."""

    number: int  # of its trial in the study
    choices: Choices  # by the names of decisions: net.ks0, hw.pes_x
    network: Optional[Network] = None  # if the study searches networks
    accelerator: Optional[Accelerator] = None  # if it searches accelerators


@dataclasses.dataclass(frozen=True)
class Trial:
    """A candidate that has been told, and what was found of it. Figures are attributes, too."""

    id: int
    number: int
    status: str  # ok, infeasible, refused, skipped or failed
    choices: Choices
    figures: Dict[str, Any]
    reason: str = ""  # why it is not ok
    violation: float = float("inf")  # of the constraints; 0 if all hold, infinite if it is not ok
    reward: Optional[float] = None  # if the study has one

    @property
    def ok(self) -> bool:
        """Whether it has its figures."""
        return self.status == "ok"

    @property
    def acceptable(self) -> bool:
        """Whether it has its figures and holds the constraints."""
        return self.violation == 0

    def __getattr__(self, name: str) -> Any:
        figures = self.__dict__.get("figures", {})
        if name in figures:
            return figures[name]
        raise AttributeError(f"no figure '{name}'; there are {', '.join(figures)}")

    def row(self) -> Dict[str, Any]:
        """Everything as a row of a table."""
        row: Dict[str, Any] = {"number": self.number, "status": self.status, **self.figures,
                               "violation": self.violation if self.ok else None}
        if self.reward is not None:
            row["reward"] = self.reward
        return {**row, "reason": self.reason, **self.choices}


CandidateLike = Union[Candidate, Mapping[str, Any]]


class Study:
    """A study, begun or gone on with, that is asked and told (docs/ask_tell.md).

        with Study("study.yaml", "out/mine") as study:
            while not study.over:
                study.tell(study.ask(16))

    study:   a study YAML, a name in configs/studies, or the study as a dict; None goes on with what the
             folder holds
    folder:  where it is stored; else in a folder that goes with this object
    workers: processes that simulate; else one a processor
    trust:   whether its accuracy source may run a program

    A searcher of your own: `strategy: {name: external}`, and tell() takes any choices. Accuracies of your
    own: `accuracy: {source: told}`, and tell() takes them with the candidates.
    """

    def __init__(self, study: Union[str, Mapping[str, Any], None] = None, folder: Optional[str] = None, *,
                 program: Optional[str] = None, workers: Optional[int] = None, trust: bool = False) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="dovetail-study-")
        self.folder = folder if folder is not None else str(pathlib.Path(self._scratch.name) / "study")
        command = [find_program(program), "study", "session", self.folder]
        if isinstance(study, Mapping):
            file = pathlib.Path(self._scratch.name) / "study.yaml"
            file.write_text(json.dumps({"schema": "dovetail.study/1", **study}), encoding="utf-8")
            study = str(file)
        if study is not None:
            command += ["--study", study]
        if workers is not None:
            command += ["--workers", str(workers)]
        if trust:
            command += ["--trust"]
        self._command = command
        self._process = LineProcess(command)
        self._closed = False
        self._interrupted = False  # a call, which ended the process
        try:
            facts = self._ask({"study": True})["study"]
            stored = self._ask({"trials": True})["trials"]
        except DovetailError:
            self._process.close()
            self._scratch.cleanup()
            raise
        self.name: str = facts["name"]
        self.strategy: str = facts["strategy"]
        self.evaluations: int = facts["evaluations"]
        self.decisions: List[Decision] = read_decisions(facts["decisions"])
        self.pareto: List[str] = facts["pareto"]
        self.reference: Dict[str, float] = facts["reference"]
        self.constraints: Dict[str, float] = facts["constraints"]
        self._spaces: Dict[str, str] = facts["spaces"]
        self._trials: List[Trial] = [_trial(answer) for answer in stored]
        self._exhausted = False

    def _ask(self, request: Mapping[str, Any]) -> Answer:
        """If the call before was interrupted, by a process that goes on with what is stored."""
        if self._interrupted:
            self._process.close()
            self._process = LineProcess(self._command)
            self._interrupted = False
            self._trials = [_trial(answer) for answer in self._ask({"trials": True})["trials"]]
        try:
            answer = self._process.ask([request])[0]
        except DovetailError:
            raise
        except BaseException:
            self._interrupted = True
            raise
        if answer["status"] == "invalid":
            raise DovetailError(answer["reason"])
        return answer

    @property
    def over(self) -> bool:
        """All evaluations are told, or the strategy has nothing left to ask."""
        return self._exhausted or len(self._trials) >= self.evaluations

    def ask(self, count: int = 1) -> List[Candidate]:
        """The candidates that the strategy wants next, at most `count`; asked again before they are told,
        the same. None: the study is over."""
        found = [self._candidate(answer) for answer in self._ask({"ask": count})["candidates"]]
        self._exhausted = not found
        return found

    def _candidate(self, answer: Mapping[str, Any]) -> Candidate:
        sides: Dict[str, Any] = {}
        for kind, prefix, side in (("network", "net.", Network), ("accelerator", "hw.", Accelerator)):
            if kind in self._spaces:
                choices = {name[len(prefix):]: choice for name, choice in answer["choices"].items()
                           if name.startswith(prefix)}
                sides[kind] = side({"space": self._spaces[kind], "choices": choices})
        return Candidate(answer["number"], answer["choices"], **sides)

    def tell(self, candidates: Sequence[CandidateLike],
             top1_percent: Optional[Sequence[Optional[float]]] = None) -> List[Trial]:
        """Has the candidates evaluated and stored, and the strategy learn of them: those of ask() in their
        order, or any choices with the strategy external. `top1_percent` has an accuracy for each, where the
        study's accuracy source is `told`."""
        if top1_percent is not None and len(top1_percent) != len(candidates):
            raise ValueError(f"{len(candidates)} candidates have {len(top1_percent)} accuracies")
        told: List[Dict[str, Any]] = []
        for i, candidate in enumerate(candidates):
            choices = candidate.choices if isinstance(candidate, Candidate) else candidate
            told.append({"choices": dict(choices)})
            if top1_percent is not None and top1_percent[i] is not None:
                told[-1]["top1_percent"] = top1_percent[i]
        trials = [_trial(answer) for answer in self._ask({"tell": told})["trials"]] if told else []
        self._trials += trials
        return trials

    def run(self, count: int = 64) -> List[Trial]:
        """Asks and tells until the study is over, `count` candidates at a time; returns all trials."""
        while not self.over:
            candidates = self.ask(count)
            if candidates:
                self.tell(candidates)
        return self.trials

    def suggest(self, trial: Any) -> Choices:
        """Choices that an Optuna trial suggests, only of decisions that have an effect."""
        return suggest_choices(self.decisions, trial)

    @property
    def trials(self) -> List[Trial]:
        """All trials in their order."""
        return list(self._trials)

    def __iter__(self) -> Iterator[Trial]:
        return iter(self._trials)

    def __len__(self) -> int:
        return len(self._trials)

    def objectives(self, trial: Trial) -> Optional[List[float]]:
        """The metrics of the Pareto front, each to be minimised; None if the trial has none."""
        if not trial.ok:
            return None
        return [-trial.figures[key] if key in MAXIMISED else trial.figures[key] for key in self.pareto]

    def front(self) -> List[Trial]:
        """The Pareto front of what holds the constraints."""
        held = [trial for trial in self._trials if trial.acceptable]
        return [held[i] for i in non_dominated([self.objectives(trial) or [] for trial in held])]

    def hypervolumes(self) -> List[float]:
        """The hypervolume of the front after each trial, of two metrics, from the study's reference."""
        if len(self.pareto) != 2:
            raise ValueError("hypervolumes() is for fronts of two metrics")
        corner = [-self.reference[key] if key in MAXIMISED else self.reference[key] for key in self.pareto]
        points: List[List[float]] = []
        found: List[float] = []
        for trial in self._trials:
            values = self.objectives(trial) if trial.acceptable else None
            if values is None or any(value >= edge for value, edge in zip(values, corner)):
                found.append(found[-1] if found else 0.0)
                continue
            points.append(values)
            points = [points[i] for i in non_dominated(points)]
            found.append(_area(points, corner))
        return found

    def table(self) -> Table:
        """A row a trial: figures, violation, reward, choices."""
        return Table((trial.row() for trial in self._trials), caption=f"study {self.name}")

    def frame(self) -> Any:
        """The same as a pandas.DataFrame, with units."""
        return self.table().frame()

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def __repr__(self) -> str:
        return f"<Study {self.name}: {len(self)} of {self.evaluations} evaluations, strategy {self.strategy}>"

    def close(self) -> None:
        """Ends the process that works on the study; what was told is stored. A study that is over gets
        pareto.csv and the other files of its results."""
        if self._closed:
            return
        self._closed = True
        status = self._process.close()
        self._scratch.cleanup()
        if status != 0 and not self._interrupted:
            raise DovetailError(self._process.said or f"the process of the study ended with {status}")

    def __enter__(self) -> "Study":
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        try:
            self.close()
        except DovetailError:
            if kind is None:  # else what went wrong first is told
                raise


def _trial(answer: Mapping[str, Any]) -> Trial:
    return Trial(answer["id"], answer["number"], answer["status"], answer["choices"], answer["figures"],
                 answer.get("reason", ""), answer.get("violation", float("inf")), answer.get("reward"))


def _area(front: Sequence[Sequence[float]], corner: Sequence[float]) -> float:
    """The area between a front of two metrics and the corner that all its points are below."""
    area, edge = 0.0, corner[1]
    for x, y in sorted(map(tuple, front)):
        area += (corner[0] - x) * (edge - y)
        edge = y
    return area
