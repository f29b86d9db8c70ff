"""One network on one accelerator, layer by layer."""

from __future__ import annotations

from typing import Any, Dict, Optional

from .client import Client, DovetailError, default_client
from .evaluation import AcceleratorLike, NetworkLike, reference_of
from .results import Table

# What a table of layers shows; `layers` has all that simulate --csv writes.
SHOWN = ["name", "op", "macs", "cycles", "bound", "utilization", "io_bytes", "energy_mj"]


class Simulation:
    """A simulated pair: totals as attributes (latency_ms, area_mm2, energy_mj, cycles, macs, ...) and
    a table of layers. `report` is the whole of it, as `dovetail simulate --json` writes it."""

    def __init__(self, report: Dict[str, Any], reason: str = "") -> None:
        self.report = report
        self.reason = reason  # why it is infeasible; "" if it is not

    @property
    def feasible(self) -> bool:
        """Whether the network can run on the accelerator."""
        return bool(self.report["feasible"])

    @property
    def layers(self) -> Table:
        """A row a layer."""
        return Table(self.report.get("layers", []), caption=self._title())

    def frame(self) -> Any:
        """The layers as a pandas.DataFrame, with units."""
        return self.layers.frame()

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name in self.__dict__.get("report", {}):
            return self.report[name]
        raise AttributeError(f"a simulation has no '{name}'")

    def _title(self) -> str:
        head = f"{self.report['network']} on {self.report['accelerator']['name']}"
        if not self.feasible:
            return f"{head}: {self.reason}"
        return (f"{head}: {self.report['latency_ms']:.4g} ms, {self.report['cycles']:,} cycles, "
                f"{self.report['energy_mj']:.4g} mJ, {self.report['area_mm2']:.4g} mm2")

    def __repr__(self) -> str:
        return f"{self._title()}\n{Table(self.layers, SHOWN)!r}" if self.feasible else self._title()

    def _repr_html_(self) -> str:
        return Table(self.layers, SHOWN if self.feasible else [], self._title())._repr_html_()


def simulate(network: NetworkLike, accelerator: AcceleratorLike, *, technology: Optional[str] = None,
             client: Optional[Client] = None) -> Simulation:
    """Simulates a network on an accelerator. A pair that cannot run is a result, with its reason."""
    request: Dict[str, Any] = {"network": reference_of(network), "accelerator": reference_of(accelerator),
                               "report": True}
    if technology is not None:
        request["technology"] = technology
    answer = (client or default_client()).ask_one(request)
    if "report" not in answer:
        raise DovetailError(answer["reason"])
    return Simulation(answer["report"], answer.get("reason", ""))
