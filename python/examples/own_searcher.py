#!/usr/bin/env python3
"""A searcher of your own, in 20 lines of plain Python: hill climbing from the front.

usage: own_searcher.py [--evaluations N]       PYTHONPATH has the package (docs/python.md)
"""

import argparse
import random

import dovetail

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--evaluations", type=int, default=200)
evaluations = parser.parse_args().evaluations

# The searcher. It proposes 16 candidates at a time: a member of the front with two decisions drawn anew.
with dovetail.Study({
    "name": "hill_climbing",
    "network": {"space": "ofa_mbv3"}, "hardware": {"space": "nahas_edge"},
    "accuracy": {"source": "predictor", "file": "ofa_mbv3"}, "cost": {"model": "simulation"},
    "objective": {"pareto": ["top1_percent", "latency_ms"], "reference": {"top1_percent": 70, "latency_ms": 2}},
    "constraints": {"area_mm2": 80},
    "strategy": {"name": "external"}, "evaluations": evaluations, "seeds": [0],
}) as study:
    generator = random.Random(0)
    while not study.over:
        proposals = []
        for _ in range(min(16, evaluations - len(study))):
            front = study.front()
            if front and generator.random() < 0.8:
                choices = dict(generator.choice(front).choices)
                changed = generator.sample(study.decisions, 2)
            else:
                choices, changed = {}, study.decisions
            choices.update({decision.name: generator.choice(decision.choices) for decision in changed})
            proposals.append(choices)
        study.tell(proposals)
    for trial in study.front():
        print(f"{trial.top1_percent:.2f} %  {trial.latency_ms:.3f} ms  {trial.area_mm2:.1f} mm2")
    print(f"hypervolume {study.hypervolumes()[-1]:.3f} after {len(study)} evaluations")
