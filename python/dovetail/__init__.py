"""Networks and accelerators, evaluated and searched together: the dovetail program from Python.

    import dovetail
    dovetail.simulate("mobilenet_v2", "nahas_baseline")          # a table of layers
    space = dovetail.Space("nahas_edge")
    dovetail.explore("mobilenet_v2", space, count=100).front()   # what is best of 100 accelerators

Everything is asked of one process, which is started when it is first needed; docs/python.md.
"""

from .client import Client, DovetailError, default_client
from .evaluation import Evaluation, Evaluations, Pair, evaluate, explore
from .plots import plot_convergence, plot_front, plot_layers, plot_parity
from .results import Table
from .simulation import Simulation, simulate
from .spaces import Accelerator, Decision, Network, Space
from .study import Candidate, Study, Trial

__all__ = [
    "Accelerator", "Candidate", "Client", "Decision", "DovetailError", "Evaluation", "Evaluations", "Network",
    "Pair", "Simulation", "Space", "Study", "Table", "Trial", "default_client", "evaluate", "explore",
    "plot_convergence", "plot_front", "plot_layers", "plot_parity", "simulate",
]
