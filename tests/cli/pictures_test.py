#!/usr/bin/env python3
"""Every kind of picture, drawn from files that the program has just made, tells the truth: its axes have names
and units, no two entries of a legend look alike, and no scale of colours spans less than a factor of 1.2.
usage: pictures_test.py DOVETAIL PLOTS      skipped without matplotlib"""

import contextlib
import importlib.util
import io
import json
import os
import pathlib
import re
import runpy
import subprocess
import sys
import tempfile
import unittest

if importlib.util.find_spec("matplotlib") is None:
    print("this Python has no matplotlib: nothing to see here")
    sys.exit(0)
import matplotlib  # noqa: E402

matplotlib.use("Agg")
from matplotlib.colors import to_hex  # noqa: E402

STUDY = """schema: dovetail.study/1
name: NAME
network: {space: ofa_mbv3}
hardware: {space: nahas_edge}
accuracy: {source: predictor, file: ofa_mbv3}
cost: {model: simulation}
objective: {pareto: [top1_percent, FIGURE], reference: {top1_percent: 60, FIGURE: 5},
  reward: {kind: one_sided, targets: {latency_ms: 1}}}
constraints: {area_mm2: baseline}
strategy: {name: regularized_evolution, population: 10, tournament: 3}
evaluations: 60
seeds: [0, 1, 2]
"""
MIDDLE = ", ".join([f"{letter}{i}: {choice}" for letter, choice, count in (("ks", 5, 20), ("e", 4, 20), ("d", 3, 5))
                    for i in range(count)])
CLAIMS = STUDY.replace("strategy:", "scope: phase\nstrategy:").replace("one_sided", "nahas_hard").replace(
    "constraints: {area_mm2: baseline}\n", "").replace(
    "{space: ofa_mbv3}", f"{{space: ofa_mbv3, fixed: {{{MIDDLE}}}}}").replace("[0, 1, 2]", "[0]")
SET = """schema: dovetail.study/1
name: set
scope: hardware
networks:
  - {network: mobilenetv1_0.25_128, latency_ms: 1}
  - {network: mobilenetv2_0.35_96, name: small, weight: 3}
hardware: {space: nahas_edge}
cost: {model: simulation}
objective: {pareto: [latency_ratio_max, area_mm2], reference: {latency_ratio_max: 9, area_mm2: 100}}
constraints: {latency_ms@small: 4}
strategy: {name: random}
evaluations: 60
seeds: [0, 1]
"""
SPACE = """schema: dovetail.design_space/1
name: tiny
base: nahas_baseline
decisions:
  - {name: pes_x, unit: PEs, choices: [1, 2, 4]}
  - {name: pes_y, unit: PEs, choices: [1, 2, 4]}
  - {name: io_bandwidth_gbps, unit: GB/s, choices: [5, 10, 20]}
"""
CALIBRATION = """schema: dovetail.calibration/1
name: small
groups:
  - name: baseline
    accelerator: nahas_baseline
    quantity: latency_ms
    tolerance: 0.25
    source: NAHAS (Zhou et al. 2021), table 3
    points: [{network: mobilenetv2_1.0_224, published: 0.30}, {network: mnasnet_b1_1.0_224, published: 0.41}]
  - name: coral
    accelerator: coral_edge_tpu
    quantity: cycles
    tolerance: 0.1
    fit: false
    source: Google's Edge TPU compiler
    points: [{network: mobilenetv1_0.25_128, published: 21568}]
parameters:
  - {name: layer_launch_cycles, values: [1000, 2000]}
"""
COMMANDS = """
simulate -n mobilenet_v2 -a nahas_baseline --json simulated.json --trace trace.json
explain -n mobilenet_v2 -a nahas_baseline --json explained.json
area -a nahas_baseline --json area.json
calibrate ./small.yaml --json calibrated.json
explore -n mobilenetv1_0.25_128 -n mobilenetv2_0.35_96 -s ./tiny.yaml -o explored --sensitivity
explore -n mobilenetv1_0.25_128 -n mobilenetv2_0.35_96 -s ./tiny.yaml -o explored --resume --choose area_mm2 --max area_mm2=60 --max latency_ms@mobilenetv1_0.25_128=1
scale -n mobilenetv2_0.35_96 -a nahas_baseline -a coral_usb --latency-growth 0.01,0.1 -o scaled
search ./energy.yaml -o energy
search ./latency.yaml -o latency
search ./latency.yaml -o again --seed 3,4
search ./set.yaml -o set
study export latency --csv latency.csv
study export set --csv set.csv
label -s ofa_mbv3 -c 300 -o l.h5
train -d l.h5 -o m.h5 --epochs 2 --hidden 16
validate -m m.h5 -c 50 --csv parity.csv
compare-surrogates -d l.h5 --labels 100 --epochs 1 --models log_linear,mlp -o compared.csv
bench claims ./claims.yaml --targets 0.4,0.6 -o claims
"""
REGRET = "bench regret --data DATA --optimum GRID --strategies random,regularized_evolution -e 20 --seeds 3 -o regret"
# Every kind, with what it is drawn from.
PICTURES = """
pareto energy/pareto.csv
pareto latency/pareto.csv --colour area_over_baseline
pareto energy/pareto.csv --thin 0.5
pareto set/pareto.csv
pareto set/pareto.csv --x latency_ms@small --y energy_mj_sum
convergence latency/convergence.csv
convergence latency/convergence.csv --y latency_ms_over_target_percent
convergence set/convergence.csv
samples latency.csv
samples latency.csv --colour reward
samples latency.csv --colour stage --y area_mm2
samples set.csv --colour latency_ratio_mean
compare latency again
importance latency.csv
importance set.csv
attainment latency/attainment.csv
claims claims/claims.csv
parity parity.csv
learning_curve compared.csv
roofline simulated.json
layers simulated.json
trace trace.json
trace trace.json --layers blocks.3
energy simulated.json
memory simulated.json
network simulated.json
chip simulated.json
tornado explained.json
area area.json
calibration calibrated.json
sensitivity explored/sensitivity.csv
fronts explored/pareto.csv
choice explored/choice.csv
scale scaled/scaling.csv
"""
NEEDS_DATA = "regret regret/regret.csv"
NEEDS_SKLEARN = {"importance"}
# What is counted, or is a share of something that the label names.
WITHOUT_UNIT = re.compile(r"\[.+\]|/|^evaluations$|^hypervolume|reward|MACs per|labelled pairs|^cycles$|"
                          r"no IO|per cycle")


def shown_axes(figure):
    """Those with data, and whether they are a scale of colours."""
    return [(axes, getattr(axes, "_colorbar", None)) for axes in figure.axes if axes.axison]


def label_of(figure, axes, which):
    """The label of an axis; of panels in a row that share it one has it, or the figure."""
    group = getattr(axes, f"get_shared_{which}_axes")().get_siblings(axes)
    whole = getattr(figure, f"_sup{which}label", None)
    labels = [getattr(other, f"get_{which}label")() for other in group] + [whole.get_text() if whole else ""]
    return next((label for label in labels if label), "")


def names_things(axes, which):
    """Whether the ticks are names rather than numbers, or there are none."""
    texts = [tick.get_text() for tick in getattr(axes, f"get_{which}ticklabels")()]
    texts = [text for text in texts if text]
    return not texts or not all(re.fullmatch(r"[\d.,\u2212\- \\${}^mathde]+", text) for text in texts)


def looks(handle):
    """What tells an entry of a legend from the others."""
    if hasattr(handle, "get_facecolor"):
        face = handle.get_facecolor()
        face = face[0] if getattr(face, "ndim", 1) == 2 and len(face) else face
        return to_hex(face), handle.get_hatch()
    return to_hex(handle.get_color()), str(handle._dash_pattern) if handle.get_linestyle() != "None" else None


class PicturesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        for name, text in (("tiny", SPACE), ("set", SET), ("small", CALIBRATION), ("claims", CLAIMS.replace("NAME", "claims").replace("FIGURE", "latency_ms")),
                           ("energy", STUDY.replace("NAME", "energy").replace("FIGURE", "energy_mj")),
                           ("latency", STUDY.replace("NAME", "latency").replace("FIGURE", "latency_ms"))):
            (cls.folder / f"{name}.yaml").write_text(text)
        commands = COMMANDS.strip().splitlines()
        cls.pictures = PICTURES.strip().splitlines()
        folder = os.environ.get("DOVETAIL_DATA") or SOURCES.parent / "shared/data"
        data = pathlib.Path(folder) / "nas-bench-macro/nas-bench-macro_cifar10.json"
        if not data.is_file():
            print(f"{data} is not there: no picture of regret is drawn")
        else:
            grid = SOURCES / "configs/benchmarks/regret_grid.json"
            commands.append(REGRET.replace("DATA", str(data)).replace("GRID", str(grid)))
            cls.pictures.append(NEEDS_DATA)
        for command in commands:
            cls.run_program(command)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    @classmethod
    def run_program(cls, command):
        done = subprocess.run([DOVETAIL, "-q", *command.split()], cwd=cls.folder, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}: {done.stderr}"

    def figure_of(self, picture):
        """As the script draws it, before it is saved."""
        kind, *arguments = picture.split()
        arguments = [str(self.folder / word) if (self.folder / word).exists() else word for word in arguments]
        caught = []
        sys.argv = [kind, *arguments, "-o", "unused.png"]
        import paper
        save, paper.save = paper.save, lambda figure, output: caught.append(figure)
        try:
            runpy.run_path(str(PLOTS / f"{kind}.py"), run_name="__main__")
        finally:
            paper.save = save
        figure = caught[0]
        figure.canvas.draw()
        return figure

    def check_axes(self, figure, axes):
        for which in "xy":
            label = label_of(figure, axes, which)
            if not label:
                self.assertTrue(names_things(axes, which), f"the {which} axis has numbers and no label")
            else:
                self.assertRegex(label, WITHOUT_UNIT)

    def check_colours(self, figure, bar):
        self.assertRegex(bar.ax.get_ylabel(), r"\[.+\]|/|evaluation|rank")
        low, high = bar.mappable.norm.vmin, bar.mappable.norm.vmax
        self.assertGreaterEqual(high, 1.2 * low)
        values = {value for axes in figure.axes for marks in axes.collections
                  if marks.get_array() is not None for value in marks.get_array().ravel()}
        self.assertGreaterEqual(len(values), 3)

    def check_legends(self, figure):
        legends = [*figure.legends, *(axes.get_legend() for axes in figure.axes if axes.get_legend())]
        for legend in legends:
            seen = {}
            for handle, text in zip(legend.legendHandles, legend.get_texts()):
                other = seen.setdefault(looks(handle), text.get_text())
                self.assertEqual(other, text.get_text(), "two entries of a legend look alike")

    def test_each_tells_the_truth(self):
        for picture in self.pictures:
            kind = picture.split()[0]
            if kind in NEEDS_SKLEARN and importlib.util.find_spec("sklearn") is None:
                print(f"this Python has no scikit-learn: {picture} is not drawn")
                continue
            with self.subTest(picture=picture):
                figure = self.figure_of(picture)
                for axes, bar in shown_axes(figure):
                    if bar is not None:
                        self.check_colours(figure, bar)
                    else:
                        self.check_axes(figure, axes)
                self.check_legends(figure)
                matplotlib.pyplot.close(figure)

    def test_every_kind_is_drawn(self):
        text = subprocess.run([DOVETAIL, "plot", "--help"], capture_output=True, text=True, check=True).stdout
        kinds = set(re.findall(r"(?m)^  ([a-z_]+) +", text.split("Kinds:")[1]))
        self.assertEqual({picture.split()[0] for picture in [*self.pictures, NEEDS_DATA]}, kinds)

    def test_the_program_draws_them(self):
        self.run_program("plot pareto energy/pareto.csv -o a.png")
        self.run_program("plot samples latency.csv --color reward -o b.png")
        self.run_program("plot compare latency again -o c.svg")
        refused = subprocess.run([DOVETAIL, "plot", "layers", "simulated.json", "simulated.json", "-o", "d.png"],
                                 cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("found 2 files, allowed one", refused.stderr)

    def test_what_cannot_be_divided_by_or_drawn_is_named(self):
        simulation = json.loads((self.folder / "simulated.json").read_text())
        no_area = dict.fromkeys(simulation["components_mm2"], 0)
        for kinds, place, key, value, words in (
                ("roofline network energy", (), "cycles", 0, "total: cycles: found 0, allowed a number above 0"),
                ("roofline", (), "macs", 0, "total: macs: found 0, allowed a number above 0"),
                ("roofline", ("accelerator",), "clock_ghz", 0, "accelerator: clock_ghz: found 0"),
                ("roofline", ("accelerator",), "pes_x", 0, "accelerator: pes_x: found 0"),
                ("roofline", ("roofline",), "attainable_macs_per_cycle", 0, "attainable_macs_per_cycle: found 0"),
                ("energy", (), "energy_mj", 0, "total: energy_mj: found 0, allowed a number above 0"),
                ("chip", ("accelerator",), "pes_y", 0, "accelerator: pes_y: found 0, allowed a whole number from 1"),
                ("chip", (), "components_mm2", no_area, "found 0 for each, allowed one or more above 0"),
                ("roofline network chip", (), "area_mm2", 1e308, "area_mm2: found a number above 1e+100"),
                ("network", ("layers", 0), "macs", 10 ** 400, "layers.0.macs: found a number above 1e+100")):
            changed = json.loads(json.dumps(simulation))
            entry = changed
            for step in place:
                entry = entry[step]
            entry[key] = value
            (self.folder / "changed.json").write_text(json.dumps(changed))
            for kind in kinds.split():
                with self.subTest(kind=kind, key=key):
                    said = self.refusal_of(f"{kind} changed.json")
                    self.assertIn(words, said)
                    self.assertIn("changed.json: ", said)

    def test_what_may_have_no_end_is_not_read(self):
        for kind in ("pareto", "layers", "samples", "regret"):
            with self.subTest(kind=kind):
                self.assertIn("/dev/zero: found a pipe or a device, allowed a file", self.refusal_of(f"{kind} /dev/zero"))

    def refusal_of(self, picture):
        """What a script says of a file that it cannot draw."""
        said = io.StringIO()
        with contextlib.redirect_stderr(said), self.assertRaises(SystemExit) as ended:
            self.figure_of(picture)
        self.assertEqual(ended.exception.code, 2)
        return said.getvalue()

    def test_axes_are_the_objectives_of_the_study(self):
        for picture, x, y in (("pareto energy/pareto.csv", "energy [mJ]", "top-1 accuracy [%]"),
                              ("samples latency.csv", "latency [ms]", "top-1 accuracy [%]"),
                              ("pareto set/pareto.csv", "worst latency / its limit or reference",
                               "accelerator area [mm$^2$]")):
            axes = self.figure_of(picture).axes[0]
            self.assertEqual((axes.get_xlabel(), axes.get_ylabel()), (x, y))

    def test_what_is_alike_has_no_scale_of_colours(self):
        lines = (self.folder / "latency/pareto.csv").read_text().splitlines()
        header = next(i for i, line in enumerate(lines) if not line.startswith("#"))
        area = lines[header].split(",").index("area_over_baseline")
        rows = [line.split(",") for line in lines[header + 1:]]
        for i, row in enumerate(rows):
            row[area] = str(1 + 0.001 * i)
        (self.folder / "alike.csv").write_text("\n".join(lines[:header + 1] + [",".join(row) for row in rows]) + "\n")
        figure = self.figure_of("pareto alike.csv --colour area_over_baseline")
        self.assertEqual([bar for _, bar in shown_axes(figure) if bar], [])

    def test_a_mirrored_tile_is_counted_once(self):
        lines = (self.folder / "latency/pareto.csv").read_text().splitlines()
        header = next(i for i, line in enumerate(lines) if not line.startswith("#"))
        names = lines[header].split(",")
        row = dict(zip(names, lines[header + 1].split(",")))
        row["hw.pes_x"], row["hw.pes_y"] = "8", "2"
        mirrored = {**row, "hw.pes_x": "2", "hw.pes_y": "8", "trial": "99999"}
        text = "\n".join(lines[:header + 1] + [",".join(r[name] for name in names) for r in (row, mirrored)])
        (self.folder / "mirrored.csv").write_text(text + "\n")
        legend = self.figure_of("pareto mirrored.csv").axes[0].get_legend()
        self.assertIn("(1 point)", legend.get_texts()[0].get_text())

    def test_a_front_is_thinned_by_a_known_error(self):
        whole, thin = (self.figure_of(f"pareto energy/pareto.csv{option}").axes[0] for option in ("", " --thin 0.5"))
        points = {axes: sorted(map(tuple, axes.collections[0].get_offsets())) for axes in (whole, thin)}
        self.assertLess(len(points[thin]), len(points[whole]))
        self.assertLessEqual(set(points[thin]), set(points[whole]))
        accuracies = [y for _, y in points[thin]]
        self.assertTrue(all(b - a >= 0.5 for a, b in zip(accuracies, accuracies[1:])))
        self.assertIn(f"({len(points[thin])} of {len(points[whole])} points)", thin.get_legend().get_texts()[0].get_text())

    def test_slices_of_a_track_nest_or_follow_one_another(self):
        trace = json.loads((self.folder / "trace.json").read_text())
        tracks = {}
        for event in trace["traceEvents"]:
            if event["ph"] == "X":
                begin = event["args"]["start_cycle"]
                tracks.setdefault(event["tid"], []).append((begin, begin + event["args"]["cycles"]))
        for slices in tracks.values():
            open_until = []
            for begin, end in sorted(slices, key=lambda s: (s[0], -s[1])):
                while open_until and open_until[-1] <= begin:
                    open_until.pop()
                self.assertLessEqual(end, min(open_until, default=end))
                open_until.append(end)
        names = [e["args"]["name"] for e in trace["traceEvents"] if e["name"] == "thread_name"]
        self.assertGreaterEqual(sum(name.startswith("DMA channel") for name in names), 2)


if __name__ == "__main__":
    DOVETAIL, PLOTS = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    SOURCES = PLOTS.parent
    sys.path.insert(0, str(PLOTS))
    sys.dont_write_bytecode = True
    unittest.main(argv=sys.argv[:1])
