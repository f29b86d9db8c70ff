#!/usr/bin/env python3
"""Studies that are asked and told from Python.

usage: study_test.py DOVETAIL      PYTHONPATH has the package
"""

import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop(1)
os.environ["DOVETAIL_PROGRAM"] = PROGRAM
import dovetail  # noqa: E402

PROBLEM = {
    "name": "p", "network": {"space": "nahas_s1"}, "hardware": {"space": "nahas_edge"}, "accuracy": {"source": "told"},
    "cost": {"model": "simulation"}, "seeds": [3],
    "objective": {"pareto": ["top1_percent", "latency_ms"], "reference": {"top1_percent": 50, "latency_ms": 5}},
    "constraints": {"area_mm2": 100},
}


def accuracy(candidate):
    return 60 + sum(ord(c) for c in repr(sorted(candidate.network.choices.items()))) % 200 / 10


class Studies(unittest.TestCase):
    def study(self, strategy, evaluations, folder=None, **changes):
        study = dovetail.Study({**PROBLEM, "strategy": strategy, "evaluations": evaluations, **changes}, folder,
                               workers=1)
        self.addCleanup(study.close)
        return study

    def test_asks_and_tells_until_it_is_over(self):
        study = self.study({"name": "nsga2", "population": 8}, 20)
        self.assertEqual((study.name, study.strategy, study.evaluations), ("p", "nsga2", 20))
        while not study.over:
            candidates = study.ask(6)
            self.assertEqual([c.number for c in candidates],
                             list(range(len(study), len(study) + len(candidates))))
            trials = study.tell(candidates, [accuracy(c) for c in candidates])
            for candidate, trial in zip(candidates, trials):
                self.assertEqual(trial.choices, candidate.choices)
                if trial.ok:
                    self.assertEqual(trial.top1_percent, accuracy(candidate))
                    self.assertEqual(trial.latency_ms, dovetail.evaluate(
                        [(candidate.network, candidate.accelerator)])[0].latency_ms)
        self.assertEqual(len(study.trials), 20)
        self.assertEqual(study.ask(1), [])
        front = study.front()
        self.assertTrue(front)
        for trial in front:
            self.assertLessEqual(trial.area_mm2, 100)
        volumes = study.hypervolumes()
        self.assertEqual(len(volumes), 20)
        self.assertEqual(volumes, sorted(volumes))
        self.assertGreater(volumes[-1], 0)
        self.assertIn("20 of 20 evaluations", repr(study))
        self.assertEqual(study.table().units["energy_mj"], "mJ")

    def test_a_study_in_a_folder_goes_on_and_is_one_for_the_program(self):
        with tempfile.TemporaryDirectory() as place:
            folder = str(pathlib.Path(place) / "mine")
            with self.study({"name": "external"}, 4, folder) as study:
                generator = random.Random(1)
                mine = [{d.name: generator.choice(d.choices) for d in study.decisions} for _ in range(4)]
                study.tell(mine[:3], [70, 71, None])
                self.assertEqual(study.trials[2].status, "failed")
            with dovetail.Study(None, folder) as study:
                self.assertEqual(len(study), 3)
                study.tell(mine[3:], [72.5])
                self.assertTrue(study.over)
            self.assertTrue((pathlib.Path(folder) / "pareto.csv").exists())
            said = subprocess.run([PROGRAM, "study", "show", folder], capture_output=True, text=True, check=True)
            self.assertIn("external", said.stdout)
            self.assertIn("complete, 4 trials", said.stdout)

    def test_an_interrupted_call_costs_no_trial(self):
        class Interrupted(Exception):
            pass

        def interrupted():
            raise Interrupted
        studies = [self.study({"name": "nsga2", "population": 8}, 20) for _ in range(2)]
        for study in studies:
            while not study.over:
                candidates = study.ask(6)
                if study is studies[1] and candidates[0].number == 6:
                    study._process._read = interrupted
                    with self.assertRaises(Interrupted):
                        study.tell(candidates, [accuracy(c) for c in candidates])
                    candidates = study.ask(6)
                study.tell(candidates, [accuracy(c) for c in candidates])
        self.assertEqual([t.row() for t in studies[1]], [t.row() for t in studies[0]])

    def test_what_is_wrong_is_told_and_it_goes_on(self):
        study = self.study({"name": "external"}, 4)
        some = {d.name: d.choices[0] for d in study.decisions}
        with self.assertRaisesRegex(dovetail.DovetailError, "has no candidates to ask for"):
            study.ask()
        with self.assertRaisesRegex(dovetail.DovetailError, "candidate 1: choices.hw.pes_x: found '5'"):
            study.tell([{**some, "hw.pes_x": 5}], [70])
        with self.assertRaisesRegex(ValueError, "1 candidates have 2 accuracies"):
            study.tell([some], [70, 71])
        with self.assertRaisesRegex(dovetail.DovetailError, "allowed a number from 0 to 100"):
            study.tell([some], [170])
        self.assertEqual(len(study.tell([some], [70])), 1)
        self.assertEqual(study.tell([]), [])

    def test_a_study_that_cannot_begin_says_why(self):
        with self.assertRaisesRegex(dovetail.DovetailError, "did you mean 'nsga2'"):
            self.study({"name": "nsga"}, 4)
        with self.assertRaisesRegex(dovetail.DovetailError, "one search on simulated costs"):
            self.study({"name": "random"}, 4, seeds=[1, 2])
        with self.assertRaisesRegex(dovetail.DovetailError, "no study is stored there"):
            dovetail.Study(None, "/nothing/here")

    def test_hypervolume_of_a_known_front(self):
        study = self.study({"name": "external"}, 4)

        def trial(top1, latency, violation=0.0):
            return dovetail.Trial(1, 1, "ok", {}, {"top1_percent": top1, "latency_ms": latency},
                                  violation=violation)
        study._trials = [trial(60, 4), trial(70, 4.5), trial(80, 1, violation=0.1), trial(40, 1), trial(60, 4.5)]
        self.assertEqual(study.hypervolumes(), [10, 15, 15, 15, 15])
        self.assertEqual([t.top1_percent for t in study.front()], [60, 70, 40])


if __name__ == "__main__":
    unittest.main()
