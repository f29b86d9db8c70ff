#!/usr/bin/env python3
"""Accuracies of your own, in the loop: dovetail's strategy asks, your Python says how good a network is.

usage: own_accuracy.py [--evaluations N]       PYTHONPATH has the package (docs/python.md)

made_up_accuracy() IS NO ACCURACY. It is a number that grows with the size of the network, there so that the
example runs in no time; put your training and validation in its place.
"""

import argparse
import math

import dovetail


def made_up_accuracy(network):
    return 90 - 40 / (1 + math.log1p(network.macs / 1e6))


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--evaluations", type=int, default=96)
evaluations = parser.parse_args().evaluations

with dovetail.Study({
    "name": "own_accuracy",
    "network": {"space": "nahas_s1"}, "hardware": {"space": "nahas_edge"},
    "accuracy": {"source": "told"}, "cost": {"model": "simulation"},
    "objective": {"pareto": ["top1_percent", "energy_mj"], "reference": {"top1_percent": 60, "energy_mj": 5}},
    "constraints": {"area_mm2": 100},
    "strategy": {"name": "nsga2", "population": 32}, "evaluations": evaluations, "seeds": [0],
}) as study:
    while not study.over:
        candidates = study.ask(32)
        study.tell(candidates, top1_percent=[made_up_accuracy(candidate.network) for candidate in candidates])
    for trial in study.front():
        print(f"{trial.top1_percent:.2f} %  {trial.energy_mj:.3f} mJ  {trial.area_mm2:.1f} mm2")
