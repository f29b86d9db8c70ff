"""Networks, accelerators, and the spaces of them."""

from __future__ import annotations

import dataclasses
import random
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from .client import Client, default_client
from .results import html_table, text_table

Choice = Union[int, float, str]
Choices = Dict[str, Choice]
Document = Union[str, Mapping[str, Any]]


class _Side:
    """What a request has under "network" or "accelerator"."""

    _kind = ""

    def __init__(self, reference: Document, client: Optional[Client] = None) -> None:
        self.reference = reference
        self.request: Any = reference  # the same in fewer bytes, if there are: what is asked
        self._client = client
        self._facts: Optional[Dict[str, Any]] = None

    def _ask(self) -> Dict[str, Any]:
        """What the program says of it, asked once."""
        if self._facts is None:
            answer = (self._client or default_client()).ask_one({self._kind: self.request})
            self._facts = {**answer[self._kind], **answer.get("figures", {})}
        return self._facts

    @property
    def choices(self) -> Optional[Choices]:
        """The choices of a point of a space; None if it is no point of one."""
        if isinstance(self.reference, Mapping) and "space" in self.reference:
            return dict(self.reference["choices"])
        return None

    @property
    def name(self) -> str:
        """The name that the program gives it."""
        return str(self._ask()["name"])

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.reference == self.reference  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash(repr(self.reference))

    def _repr_html_(self) -> str:
        facts = self._ask()
        return html_table(["", "value"], [{"": key, "value": value} for key, value in facts.items()],
                          f"{self._kind} {facts['name']}")


class Network(_Side):
    """A network: a name of the zoo, a file (YAML or ONNX), the YAML itself, or a point of a space.

        Network("mobilenet_v2")    Network("./mine.yaml")    Space("ofa_mbv3").point(choices)
    """

    _kind = "network"

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return int(self._ask()["macs"])

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return int(self._ask()["parameters"])

    @property
    def layers(self) -> int:
        """How many layers it has."""
        return int(self._ask()["layers"])

    def __repr__(self) -> str:
        return f"<Network {self.name}: {self.layers} layers, {self.macs / 1e6:.1f} M MACs, " \
               f"{self.parameters / 1e6:.2f} M parameters>"


class Accelerator(_Side):
    """An accelerator: a name, a file, the YAML itself, or a point of a space; with parameters that
    differ from it, if any are given.

        Accelerator("nahas_baseline", pes_x=8, local_memory_mib=1)
    """

    _kind = "accelerator"

    def __init__(self, reference: Optional[Document] = None, client: Optional[Client] = None,
                 **changes: Choice) -> None:
        if changes:
            if reference is not None and not isinstance(reference, str):
                raise TypeError("only an accelerator with a name can be changed")
            reference = {**({"base": reference} if reference else {}), **changes}
        elif reference is None:
            reference = {"schema": "dovetail.accelerator/1"}
        super().__init__(reference, client)

    @property
    def parameters(self) -> Dict[str, Choice]:
        """Every parameter of docs/parameters.md."""
        return {key: value for key, value in self._ask().items() if key not in ("name", "area_mm2")}

    @property
    def area_mm2(self) -> float:
        """Its area; no network is simulated for it."""
        return float(self._ask()["area_mm2"])

    def __repr__(self) -> str:
        facts = self._ask()
        return f"<Accelerator {facts['name']}: {facts['pes_x']} x {facts['pes_y']} PEs, " \
               f"{facts['area_mm2']:.1f} mm2>"


@dataclasses.dataclass(frozen=True)
class Decision:
    """One named choice of a space."""

    name: str
    choices: Sequence[Choice]
    ordered: bool = False
    unit: str = ""
    # The decision has an effect where each of these other decisions takes one of its choices.
    active_if: Mapping[str, Sequence[Choice]] = dataclasses.field(default_factory=dict)

    def is_active(self, choices: Mapping[str, Choice]) -> bool:
        """Whether it has an effect beside these choices."""
        return all(choices.get(parent) in allowed for parent, allowed in self.active_if.items())


def read_decisions(entries: Sequence[Mapping[str, Any]]) -> List[Decision]:
    """Decisions as the program tells them."""
    return [Decision(entry["name"], tuple(entry["choices"]), entry["ordered"], entry.get("unit", ""),
                     {condition["decision"]: tuple(condition["choices"])
                      for condition in entry.get("active_if", [])})
            for entry in entries]


def suggest_choices(decisions: Sequence[Decision], trial: Any, prefix: str = "") -> Choices:
    """Choices that an Optuna trial suggests, only of decisions that have an effect beside those
    suggested before them. `prefix` stands before their names in Optuna's study."""
    chosen: Choices = {}
    waiting = list(decisions)
    while waiting:
        # Those that others depend on come first, wherever they stand in the space.
        names = {decision.name for decision in waiting}
        ready = [d for d in waiting if not names.intersection(d.active_if)] or waiting
        for decision in ready:
            if decision.is_active(chosen):
                chosen[decision.name] = trial.suggest_categorical(
                    prefix + decision.name, list(decision.choices))
        waiting = [decision for decision in waiting if decision not in ready]
    return chosen


class Space:
    """A space of networks or of accelerators: a name in configs/spaces, or a file.

        space = Space("ofa_mbv3")
        network = space.point(space.sample(seed=1))
    """

    def __init__(self, name: str, client: Optional[Client] = None) -> None:
        facts = (client or default_client()).ask_one({"space": name})["space"]
        self._client = client
        self.reference = name
        self.name: str = facts["name"]
        self.kind: str = facts["kind"]  # "network" or "accelerator"
        self.points: float = facts["points"]
        self.distinct_points: Optional[float] = facts.get("distinct_points")
        self.decisions: List[Decision] = read_decisions(facts["decisions"])
        self._positions = {decision.name: {choice: i for i, choice in enumerate(decision.choices)}
                           for decision in self.decisions}

    def __getitem__(self, name: str) -> Decision:
        for decision in self.decisions:
            if decision.name == name:
                return decision
        raise KeyError(f"no decision '{name}' in space {self.name}; there are "
                       + ", ".join(decision.name for decision in self.decisions))

    def point(self, choices: Mapping[str, Choice]) -> Union[Network, Accelerator]:
        """The network or accelerator of a point; decisions without an effect may be left out."""
        reference = {"space": self.reference, "choices": dict(choices)}
        kind = Network if self.kind == "network" else Accelerator
        point = kind(reference, self._client)
        positions = self.positions(choices)
        if positions is not None:
            point.request = {"space": self.reference, "choices": positions}
        return point

    def positions(self, choices: Mapping[str, Choice]) -> Optional[List[int]]:
        """The position of the choice of each decision, which says the same in fewer words; None if some
        decision is missing or has no such choice."""
        if len(choices) != len(self._positions):
            return None
        try:
            return [at[choices[name]] for name, at in self._positions.items()]
        except (KeyError, TypeError):
            return None

    def sample(self, seed: Union[int, random.Random, None] = None) -> Choices:
        """Choices drawn uniformly; a random.Random goes on drawing."""
        generator = seed if isinstance(seed, random.Random) else random.Random(seed)
        return {decision.name: generator.choice(decision.choices) for decision in self.decisions}

    def canonical(self, choices: Mapping[str, Choice]) -> Choices:
        """Decisions without an effect at their first choice: the same for points that mean the same."""
        return {decision.name: choices[decision.name]
                if decision.name in choices and decision.is_active(choices) else decision.choices[0]
                for decision in self.decisions}

    def suggest(self, trial: Any, prefix: str = "") -> Choices:
        """suggest_choices() of its decisions."""
        return suggest_choices(self.decisions, trial, prefix)

    def __repr__(self) -> str:
        rows = [{"decision": d.name, "choices": ", ".join(map(str, d.choices)), "unit": d.unit}
                for d in self.decisions]
        return f"<Space {self.name} of {self.kind}s, {self.points:.4g} points>\n" + text_table(
            ["decision", "choices", "unit"], rows)

    def _repr_html_(self) -> str:
        rows = [{"decision": d.name, "choices": ", ".join(map(str, d.choices)), "unit": d.unit,
                 "active if": "; ".join(f"{parent} is {', '.join(map(str, allowed))}"
                                        for parent, allowed in d.active_if.items())}
                for d in self.decisions]
        return html_table(["decision", "choices", "unit", "active if"], rows,
                          f"space {self.name} of {self.kind}s, {self.points:.4g} points")
