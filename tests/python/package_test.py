#!/usr/bin/env python3
"""The Python package says what the program says.

usage: package_test.py DOVETAIL      PYTHONPATH has the package; without pandas or matplotlib their tests are skipped
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest

PROGRAM = sys.argv.pop(1)
os.environ["DOVETAIL_PROGRAM"] = PROGRAM
import dovetail  # noqa: E402

try:
    import pandas
except ImportError:
    pandas = None
try:
    import matplotlib
    matplotlib.use("Agg")
except ImportError:
    matplotlib = None


def simulated(network, accelerator):
    """What `dovetail simulate --json` writes."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "s.json"
        subprocess.run([PROGRAM, "-q", "simulate", "-n", network, "-a", accelerator, "--json", file], check=True)
        return json.loads(file.read_text())


def interrupt(process):
    """What the process answers next is not read to its end: as Ctrl-C does it, at a moment that is known."""
    def interrupted():
        raise KeyboardInterrupt
    process._read = interrupted


class Simulate(unittest.TestCase):
    def setUp(self):
        self.simulation = dovetail.simulate("mobilenet_v3_small", "nahas_baseline")

    def test_says_what_the_command_says(self):
        self.assertEqual(self.simulation.report, simulated("mobilenet_v3_small", "nahas_baseline"))
        self.assertTrue(self.simulation.feasible)
        self.assertEqual(sum(self.simulation.layers.column("cycles")), self.simulation.cycles)
        with self.assertRaises(AttributeError):
            self.simulation.latency

    def test_shows_a_table_of_layers(self):
        text, page = repr(self.simulation), self.simulation._repr_html_()
        for table in (text, page):
            self.assertIn("mobilenetv3_small_1.0_224", table)
            self.assertIn("energy [mJ]", table)
        self.assertEqual(page.count("<tr>"), 1 + min(len(self.simulation.layers), dovetail.Table.MOST_SHOWN))

    def test_what_cannot_run_is_a_result_with_its_reason(self):
        chip = dovetail.Accelerator(pes_x=1, pes_y=1, local_memory_mib=0.03, weights="cached")
        simulation = dovetail.simulate("mobilenet_v2", chip)
        self.assertFalse(simulation.feasible)
        self.assertIn("weights_do_not_fit", simulation.reason)
        self.assertIn("weights_do_not_fit", repr(simulation))
        self.assertIn("weights_do_not_fit", simulation._repr_html_())

    @unittest.skipUnless(pandas, "no pandas")
    def test_frames_have_units(self):
        frame = self.simulation.frame()
        self.assertEqual(len(frame), len(self.simulation.layers))
        self.assertEqual(frame.attrs["units"]["energy_mj"], "mJ")
        self.assertEqual(frame["cycles"].sum(), self.simulation.cycles)


class Sides(unittest.TestCase):
    def test_a_network_has_its_counts(self):
        network = dovetail.Network("mobilenet_v2")
        self.assertEqual(network.parameters, 3504872)
        self.assertIn("300.8 M MACs", repr(network))
        self.assertIsNone(network.choices)

    def test_an_accelerator_can_be_changed(self):
        base, wide = dovetail.Accelerator("nahas_baseline"), dovetail.Accelerator("nahas_baseline", pes_x=8)
        self.assertEqual(wide.parameters, {**base.parameters, "pes_x": 8})
        self.assertGreater(wide.area_mm2, base.area_mm2)
        self.assertNotEqual(base, wide)
        self.assertEqual(wide, dovetail.Accelerator("nahas_baseline", pes_x=8))
        with self.assertRaisesRegex(dovetail.DovetailError, "pes_q.*did you mean 'pes_"):
            dovetail.Accelerator("nahas_baseline", pes_q=8).area_mm2

    def test_a_space_is_its_decisions(self):
        space = dovetail.Space("ofa_mbv3")
        self.assertEqual((space.kind, len(space.decisions)), ("network", 45))
        self.assertEqual(space["ks2"].active_if, {"d0": (3, 4)})
        choices = space.sample(seed=1)
        self.assertEqual(choices, space.sample(seed=1))
        self.assertNotEqual(choices, space.sample(seed=2))
        choices["d0"] = 2
        self.assertFalse(space["ks2"].is_active(choices))
        # What has no effect may be left out, and changes nothing.
        short = {k: v for k, v in choices.items() if space[k].is_active(choices)}
        self.assertLess(len(short), 45)
        self.assertEqual(space.point(short).name, space.point(choices).name)
        self.assertEqual(space.canonical(short), space.canonical(choices))
        self.assertEqual(space.point(space.canonical(choices)).name, space.point(choices).name)
        # Asked by position, and by name where there is none.
        self.assertEqual(len(space.point(choices).request["choices"]), 45)
        self.assertEqual(dovetail.Network(space.point(choices).reference).name, space.point(choices).name)
        self.assertIsInstance(space.point(short).request["choices"], dict)
        self.assertIsNone(space.positions({**choices, "ks0": 4}))
        with self.assertRaisesRegex(dovetail.DovetailError, "choices.ks0: found '4', allowed 3, 5, 7"):
            space.point({**choices, "ks0": 4}).macs
        with self.assertRaisesRegex(KeyError, "no decision 'q'"):
            space["q"]
        for shown in (repr(space), space._repr_html_()):
            self.assertIn("d4", shown)

    def test_an_unknown_name_is_told_with_the_nearest(self):
        with self.assertRaisesRegex(dovetail.DovetailError, "did you mean 'ofa_mbv3'"):
            dovetail.Space("ofa_mbv")


class FixedTrial:
    """As much of an Optuna trial as suggest() needs: always the first choice."""

    def __init__(self, wanted):
        self.wanted, self.asked = wanted, []

    def suggest_categorical(self, name, choices):
        self.asked.append(name)
        return self.wanted.get(name, choices[0])


class Evaluate(unittest.TestCase):
    def test_pairs_have_figures_in_their_order(self):
        chips = [dovetail.Accelerator("nahas_baseline", pes_x=n) for n in (1, 2, 4, 8)]
        found = dovetail.evaluate([("mobilenet_v3_small", chip) for chip in chips])
        self.assertEqual([e.area_mm2 for e in found], [chip.area_mm2 for chip in chips])
        self.assertEqual(found[2].latency_ms, simulated("mobilenet_v3_small", "nahas_baseline")["latency_ms"])
        self.assertEqual(found.table().units["edp_mj_ms"], "mJ ms")
        self.assertEqual(len(found[1:3]), 2)
        with self.assertRaisesRegex(AttributeError, "no figure 'latency'; there are latency_ms"):
            found[0].latency

    def test_what_is_wrong_is_told_and_the_next_is_answered(self):
        with self.assertRaisesRegex(dovetail.DovetailError, "pair 1: network: unknown network 'nothing'"):
            dovetail.evaluate([("mobilenet_v2", "nahas_baseline"), ("nothing", "nahas_baseline")])
        self.assertTrue(dovetail.evaluate([("mobilenet_v2", "nahas_baseline")])[0].ok)

    def test_figures_and_accuracy(self):
        space = dovetail.Space("ofa_mbv3")
        point = space.point({d.name: d.choices[len(d.choices) // 2] for d in space.decisions})
        found = dovetail.evaluate([(point, "nahas_baseline")], figures=["top1_percent", "area_mm2"],
                                  accuracy={"source": "predictor", "file": "ofa_mbv3"})[0]
        self.assertEqual(set(found.figures), {"top1_percent", "area_mm2"})
        self.assertTrue(70 < found.top1_percent < 80)

    def test_thousands_of_requests_do_not_block_each_other(self):
        # More than pipes hold, in both directions.
        point = {"space": "nahas_edge", "choices": [0] * 7}
        found = dovetail.default_client().ask([{"accelerator": point, "id": i, "figures": ["area_mm2"],
                                                "technology": "16nm"} for i in range(5000)])
        self.assertEqual([answer["id"] for answer in found], list(range(5000)))

    def test_several_threads_may_ask(self):
        answers = {}

        def ask(pes):
            chip = dovetail.Accelerator("nahas_baseline", pes_x=pes)
            answers[pes] = dovetail.evaluate([("mobilenet_v3_small", chip)] * 5)[4].area_mm2
        threads = [threading.Thread(target=ask, args=(pes,)) for pes in (1, 2, 3, 4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(answers, {pes: dovetail.Accelerator("nahas_baseline", pes_x=pes).area_mm2
                                   for pes in answers})
        self.assertEqual(len(answers), 4)

    def test_after_an_interrupted_call_answers_belong_to_their_requests(self):
        pairs = [("mobilenet_v3_small", f"nahas_edge-{i}") for i in range(3)]
        right = [e.area_mm2 for e in dovetail.evaluate(pairs)]
        with dovetail.Client(workers=1) as client:
            interrupt(client._process)
            with self.assertRaises(KeyboardInterrupt):
                dovetail.evaluate([("mobilenet_v2", "nahas_baseline")] * 5, client=client)
            self.assertEqual([e.area_mm2 for e in dovetail.evaluate(pairs, client=client)], right)
            client._process._process.kill()  # as a Ctrl-C at a terminal, which reaches all processes, does
            client._process._process.wait()
            self.assertEqual([e.area_mm2 for e in dovetail.evaluate(pairs, client=client)], right)
        with self.assertRaisesRegex(dovetail.DovetailError, "is closed"):
            dovetail.evaluate(pairs, client=client)

    def test_what_no_request_can_be_made_of_is_told(self):
        pair = ("mobilenet_v3_small", "nahas_baseline")
        for wrong, said in (([pair, "mobilenet_v2"], r"pair 1: found 'mobilenet_v2', allowed \(network, accelerator\)"),
                            ([(object(), "nahas_baseline")], "an? object; allowed is what JSON has"),
                            ([(pathlib.Path("nowhere.onnx"), "nahas_baseline")], "nowhere.onnx")):
            with self.assertRaisesRegex(dovetail.DovetailError, said):
                dovetail.evaluate(wrong)
        with self.assertRaisesRegex(dovetail.DovetailError, "found the text 'latency_ms', allowed a list"):
            dovetail.evaluate([pair], figures="latency_ms")
        with self.assertRaisesRegex(dovetail.DovetailError, "no figure 'lat'; there are latency_ms"):
            dovetail.evaluate([pair]).front(["lat"])
        with self.assertRaisesRegex(dovetail.DovetailError, "count: found -5, allowed 1 or more"):
            dovetail.explore("mobilenet_v3_small", count=-5)

    def test_numbers_of_numpy_are_numbers(self):
        try:
            import numpy
        except ImportError:
            self.skipTest("no numpy")
        self.assertEqual(dovetail.Accelerator("nahas_baseline", pes_x=numpy.int64(2)).area_mm2,
                         dovetail.Accelerator("nahas_baseline", pes_x=2).area_mm2)

    def test_a_client_that_cannot_begin_says_why(self):
        with self.assertRaisesRegex(dovetail.DovetailError, "no such program"):
            dovetail.Client("/nothing/here")
        with self.assertRaisesRegex(dovetail.DovetailError, "no such program"):
            dovetail.Client(tempfile.gettempdir())  # a folder
        with dovetail.Client(PROGRAM, workers=0) as client:
            with self.assertRaisesRegex(dovetail.DovetailError, "workers"):
                client.ask_one({"network": "mobilenet_v2"})

    def test_conditions_decide_what_a_trial_is_asked(self):
        space = dovetail.Space("ofa_mbv3")
        trial = FixedTrial({"net.d0": 3})
        chosen = space.suggest(trial, "net.")
        self.assertIn("net.ks2", trial.asked)
        self.assertNotIn("net.ks3", trial.asked)
        self.assertEqual(set(chosen), {name[4:] for name in trial.asked})
        dovetail.Network({"space": "ofa_mbv3", "choices": chosen}).macs  # a point all the same


class Explore(unittest.TestCase):
    def test_draws_different_accelerators_and_finds_their_front(self):
        found = dovetail.explore("mobilenet_v3_small", count=60, seed=3)
        self.assertEqual(len({json.dumps(e.pair[1].choices) for e in found}), 60)
        front = found.front(("latency_ms", "area_mm2"))
        self.assertTrue(0 < len(front) < len(found))
        for e in found.ok:
            self.assertTrue(any(f.latency_ms <= e.latency_ms and f.area_mm2 <= e.area_mm2 for f in front))
        for a in front:
            self.assertFalse(any(b.latency_ms < a.latency_ms and b.area_mm2 < a.area_mm2 for b in found.ok))
        self.assertEqual([e.figures for e in dovetail.explore("mobilenet_v3_small", count=60, seed=3)],
                         [e.figures for e in found])

    def test_all_of_a_small_space(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "hw.yaml"
            file.write_text("schema: dovetail.design_space/1\nname: small\nbase: nahas_baseline\ndecisions:\n"
                            "  - {name: pes_x, choices: [1, 2]}\n  - {name: pes_y, choices: [1, 2, 4]}\n")
            found = dovetail.explore("mobilenet_v3_small", str(file))
            self.assertEqual(len(found), 6)
        with self.assertRaisesRegex(ValueError, "has networks"):
            dovetail.explore("mobilenet_v2", "ofa_mbv3")


@unittest.skipUnless(matplotlib, "no matplotlib")
class Plots(unittest.TestCase):
    def test_every_plot_returns_axes_with_units(self):
        found = dovetail.explore("mobilenet_v3_small", count=20)
        simulation = dovetail.simulate("mobilenet_v3_small", "nahas_baseline")
        axes = dovetail.plot_front(found, "latency_ms", "area_mm2", label="random")
        self.assertEqual((axes.get_xlabel(), axes.get_ylabel()), ("latency [ms]", "area [mm2]"))
        self.assertIs(dovetail.plot_front(found[:5], "latency_ms", "area_mm2", axes=axes), axes)
        self.assertEqual(dovetail.plot_layers(simulation).get_xlabel(), "cycles [thousands]")
        line = dovetail.plot_convergence(found, "energy_mj").lines[0].get_ydata()
        self.assertEqual(list(line), sorted(line, reverse=True))
        self.assertEqual(line[-1], min(e.energy_mj for e in found.ok))
        with self.assertRaisesRegex(dovetail.DovetailError, "no figure 'top1'; there are latency_ms"):
            dovetail.plot_front(found, "latency_ms", "top1")
        self.assertIn("predicted latency", dovetail.plot_parity(found, found).get_ylabel())


class Fronts(unittest.TestCase):
    def test_ties_and_equals(self):
        from dovetail.results import non_dominated
        self.assertEqual(non_dominated([(1, 2), (2, 1), (1, 2), (2, 2), (1, 3)]), [0, 1])
        self.assertEqual(non_dominated([]), [])


if __name__ == "__main__":
    unittest.main()
