#!/usr/bin/env python3
"""Measured FPGA latencies as silicon: a surrogate that learned one simulated accelerator is tuned with a few of
Accel-NASBench's measurements (Ahmad et al., DAC 2024) and checked on all others, beside what learns from the few alone.

usage: fpga_tuning.py DOVETAIL --data anb_imagenet.csv [-a ACCELERATOR] [--labels N] [--epochs N] [--draws N]
                      [--measurements 20,40,80] [--devices zcu102,vck190]

For each device and number of measurements: mean error and Kendall's tau on the networks that were not drawn, mean
and standard deviation over the draws, and in how many draws `train --fine-tune` has the smaller error. The
accelerator is a space of one point: only networks differ. Needs numpy, h5py, scikit-learn (Debian: python3-numpy,
python3-h5py, python3-sklearn)."""

import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

for library in ("OPENBLAS", "OMP"):  # what is multiplied is small: threads would wait for each other
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

import h5py
import numpy as np
from scipy.stats import kendalltau
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import RidgeCV
from sklearn.neural_network import MLPRegressor

DEVICES = {"zcu102": "latency_zcu102", "vck190": "latency_vck190"}
SPACE = "anb_effnet"
PENALTIES = np.logspace(-4, 4, 17)
TUNED = "tuned: train --fine-tune"
HELD_OUT, MOST_EPOCHS = 0.2, 300  # of the few, and passes over them, where all layers are trained on


def run(dovetail, folder, *words):
    done = subprocess.run([dovetail, *words], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"fpga_tuning: dovetail {' '.join(words)}: {done.stderr}")
    return done.stdout


class Pretrained:
    """The surrogate, as its file has it (cost/surrogate/net/surrogate.h)."""

    def __init__(self, file):
        with h5py.File(file) as model:
            network = json.loads(model.attrs["network"])
            self.decisions = json.loads(model.attrs["network_space"])["decisions"]
            hardware = json.loads(model.attrs["hardware_space"])["decisions"]
            parameters = np.array(model["parameters"][0], dtype=float)
        self.scaling = network["scaling"]["latency"]
        self.hidden = network["hidden"]
        # The one choice of the one decision of the accelerator: its input, and its value's, which says nothing.
        self.constant = [1.0] * len(hardware) + [0.0] * len(hardware)
        sizes = [sum(len(d["choices"]) for d in self.decisions) + len(self.constant), *self.hidden]
        outputs = self.outputs_of(len(parameters), sizes)
        self.layers, at = [], 0
        for rows, columns in zip(sizes, [*sizes[1:], outputs]):
            weights = parameters[at:at + rows * columns].reshape(rows, columns)
            at += rows * columns
            self.layers.append((weights, parameters[at:at + columns]))
            at += columns

    @staticmethod
    def outputs_of(count, sizes):
        inner = sum(a * b + b for a, b in zip(sizes, sizes[1:]))
        return (count - inner) // (sizes[-1] + 1)

    def one_hot(self, networks):
        """A column a choice of each decision."""
        columns = [[float(network[d["name"]] == choice) for d in self.decisions for choice in d["choices"]]
                   for network in networks]
        return np.array(columns)

    def inputs(self, one_hot):
        return np.hstack([one_hot, np.tile(self.constant, (len(one_hot), 1))])

    def units_and_target(self, one_hot):
        """The units of the last hidden layer, and the output for the latency."""
        values = self.inputs(one_hot)
        for weights, biases in self.layers[:-1]:
            values = np.maximum(values @ weights + biases, 0)
        weights, biases = self.layers[-1]
        return values, (values @ weights + biases)[:, 0]

    def log_latency(self, one_hot):
        return self.scaling["log_mean"] + self.scaling["log_scale"] * self.units_and_target(one_hot)[1]


def read(file, column):
    """Networks that were measured on a device, and their latencies: the mean of those that are there twice."""
    by_network = {}
    with open(file, newline="", encoding="utf-8") as text:
        for row in csv.DictReader(text):
            if row[column]:
                decisions = {name: value for name, value in row.items() if name[:-1] in ("e", "k", "l", "se")}
                by_network.setdefault(tuple(decisions.items()), []).append(float(row[column]))
    return [dict(network) for network in by_network], np.array([np.mean(v) for v in by_network.values()])


def pretrain(arguments, folder):
    """Labels networks on the accelerator, trains on them, says how well that went; the surrogate, and its one choice."""
    base = arguments.accelerator
    # A space of one point: the number of PEs that the accelerator has, found as its answer to `evaluate`.
    asked = subprocess.run([arguments.dovetail, "evaluate"], input=json.dumps({"accelerator": base}), text=True,
                           capture_output=True, check=True)
    answer = json.loads(asked.stdout)
    if answer["status"] != "ok":
        raise SystemExit(f"fpga_tuning: {base}: {answer['reason']}")
    pes_x = answer["accelerator"]["pes_x"]
    (folder / "one.yaml").write_text(f"schema: dovetail.design_space/1\nname: one\nbase: {base}\n"
                                     f"decisions:\n  - {{name: pes_x, choices: [{pes_x}]}}\n", encoding="utf-8")
    run(arguments.dovetail, folder, "-q", "label", "-s", SPACE, "--hardware", "./one.yaml", "-c", str(arguments.labels),
        "-o", "labels.h5")
    run(arguments.dovetail, folder, "-q", "train", "-d", "labels.h5", "-o", "base.h5", "--epochs", str(arguments.epochs))
    held_out = json.loads((folder / "base.report.json").read_text(encoding="utf-8"))["held_out_errors"]["latency"]
    print(f"{base}: {arguments.labels} simulated networks of {SPACE}; held out: MAPE {held_out['mape_percent']:.2f} %, "
          f"tau {held_out['kendall_tau']:.3f}")
    return Pretrained(folder / "base.h5"), pes_x


def write(file, networks, latencies, pes_x):
    names = list(networks[0])
    with open(file, "w", newline="", encoding="utf-8") as text:
        rows = csv.writer(text)
        rows.writerow([*(f"network.{name}" for name in names), "hardware.pes_x", "latency_ms"])
        rows.writerows([*network.values(), pes_x, repr(float(ms))] for network, ms in zip(networks, latencies))


def tuned(dovetail, folder, few, rest, pes_x):
    """(MAPE, tau) of the untuned surrogate and of the tuned one, on the rest."""
    write(folder / "few.csv", *few, pes_x)
    write(folder / "rest.csv", *rest, pes_x)
    text = run(dovetail, folder, "train", "--fine-tune", "few.csv", "-m", "base.h5", "-o", "tuned.h5", "--check", "rest.csv")
    cells = next(line for line in text[text.index("\non "):].splitlines() if line.startswith("latency")).split()
    return (float(cells[2]), float(cells[4])), (float(cells[3]), float(cells[5]))


def ridge(few, target, every):
    """With the penalty of the smallest leave-one-out error, and a constant without one."""
    return RidgeCV(alphas=PENALTIES).fit(few, target).predict(every)


def trees(few, target, every, seed):
    return GradientBoostingRegressor(n_estimators=300, learning_rate=0.05, max_depth=3, subsample=0.8,
                                     random_state=seed).fit(few, target).predict(every)


def all_layers(model, few, target, every, seed):
    """Trained on from the surrogate's weights (latency alone, after one factor), as long as a fifth of the few improves."""
    mean, scale = model.scaling["log_mean"], model.scaling["log_scale"]
    inputs = model.inputs(few)
    factor = np.mean(target - model.log_latency(few))
    wanted = (target - factor - mean) / scale
    network = MLPRegressor(hidden_layer_sizes=model.hidden, learning_rate_init=1e-4, alpha=0, batch_size=min(16, len(few)),
                           random_state=seed)
    network.partial_fit(inputs, wanted)  # makes the arrays, which are then those of the surrogate
    for k, (weights, biases) in enumerate(model.layers):
        last = k == len(model.layers) - 1
        network.coefs_[k][...] = weights[:, :1] if last else weights
        network.intercepts_[k][...] = biases[:1] if last else biases
    order = np.random.default_rng(seed).permutation(len(few))
    out, kept = np.split(order, [round(HELD_OUT * len(few))])
    least, best = np.inf, None
    for epoch in range(MOST_EPOCHS + 1):
        error = np.mean((network.predict(inputs[out]) - wanted[out]) ** 2)
        if error < least:
            least, best = error, [array.copy() for array in (*network.coefs_, *network.intercepts_)]
        if epoch < MOST_EPOCHS:
            network.partial_fit(inputs[kept], wanted[kept])
    for array, of_best in zip((*network.coefs_, *network.intercepts_), best):
        array[...] = of_best
    return mean + scale * network.predict(model.inputs(every)) + factor


def fits(model, one_hot, chosen, latency, seed):
    """Of each way to learn from the few: the logarithm of every latency."""
    few, target = one_hot[chosen], np.log(latency[chosen])
    base, units = model.log_latency(one_hot), model.units_and_target(one_hot)[0]
    units = units / np.sqrt(np.mean(np.sum(units[chosen] ** 2, axis=1)))
    missed = target - base[chosen]
    return {
        "untuned, times one factor": base + np.mean(missed),
        "no pre-training: additive (ridge on the choices)": ridge(few, target, one_hot),
        "no pre-training: boosted trees": trees(few, target, one_hot, seed),
        "ridge on the choices of what the surrogate misses": base + ridge(few, missed, one_hot),
        "last layer alone (ridge on its units)": base + ridge(units[chosen], missed, units),
        "all layers trained on": all_layers(model, few, target, one_hot, seed),
    }


def errors(predicted_log, latency):
    predicted = np.exp(predicted_log)
    return 100 * float(np.mean(np.abs(predicted - latency) / latency)), float(kendalltau(predicted, latency)[0])


def measured_table(arguments, folder, model, networks, latency, pes_x):
    one_hot = model.one_hot(networks)
    for count in arguments.measurements:
        found = {}
        for draw in range(arguments.draws):
            chosen = np.random.default_rng(draw).permutation(len(networks))[:count]
            rest = np.setdiff1d(np.arange(len(networks)), chosen)
            part = lambda rows: ([networks[i] for i in rows], latency[rows])
            before, after = tuned(arguments.dovetail, folder, part(chosen), part(rest), pes_x)
            own = errors(model.log_latency(one_hot[rest]), latency[rest])
            if abs(own[0] - before[0]) > 0.02:
                raise SystemExit(f"fpga_tuning: the surrogate errs by {before[0]} %, here by {own[0]} %")
            found.setdefault(TUNED, []).append(after)
            for name, predicted in fits(model, one_hot, chosen, latency, draw).items():
                found.setdefault(name, []).append(errors(predicted[rest], latency[rest]))
        print(f"\n| {count} measured | MAPE % | Kendall tau | tuned is better |\n| --- | --- | --- | --- |")
        ours = np.array(found[TUNED])
        for name, values in found.items():
            values = np.array(values)
            spread = values.std(axis=0, ddof=1) if len(values) > 1 else np.zeros(2)
            wins = "" if name == TUNED else f"{int(np.sum(ours[:, 0] < values[:, 0]))} of {len(values)}"
            print(f"| {name} | {values[:, 0].mean():.2f} +- {spread[0]:.2f} | {values[:, 1].mean():.3f} +- {spread[1]:.3f} | {wins} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("dovetail")
    parser.add_argument("--data", required=True, help="anb_imagenet.csv")
    parser.add_argument("-a", "--accelerator", default="nvdla_2048")
    parser.add_argument("--labels", type=int, default=5000)
    parser.add_argument("--epochs", type=int, default=120)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--measurements", default="20,40,80", type=lambda text: [int(n) for n in text.split(",")])
    parser.add_argument("--devices", default=",".join(DEVICES), type=lambda text: text.split(","))
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    arguments.dovetail = str(pathlib.Path(arguments.dovetail).resolve())
    data = pathlib.Path(arguments.data).resolve()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        model, pes_x = pretrain(arguments, folder)
        for device in arguments.devices:
            networks, latency = read(data, DEVICES[device])
            predicted = model.log_latency(model.one_hot(networks))
            mape, tau = errors(predicted, latency)
            print(f"\n{device}: {len(networks)} networks; the surrogate as it is: MAPE {mape:.1f} %, tau {tau:.3f}; "
                  f"median of measured / predicted {np.median(latency / np.exp(predicted)):.2f}")
            measured_table(arguments, folder, model, networks, latency, pes_x)
    return 0


if __name__ == "__main__":
    sys.exit(main())
