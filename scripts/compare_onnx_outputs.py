#!/usr/bin/env python3
"""Compares what ONNX Runtime computes of exported networks with what the program itself computes of them.

usage: compare_onnx_outputs.py [--dovetail PROGRAM] [--node FOLDER] [--accelerator NAME] [--seeds N] [NETWORK...]

Of each network (a name, a YAML or an ONNX file; by default a few of the zoo at 96 x 96):
  float  the exported file's output is that of the float reference, to 1e-4 of its largest number (and of 1);
  again  of the exported file read and exported again, weights kept, the same;
  int8   in the file of --qdq, 99.9 % of the outputs of all layers are at most one step from what the int8 functional
         mode computes, each layer being given what that gave the layers before it: as the runtime computes node by
         node, in floating point, and as it does with integer operators of its own in their place;
  whole  the same from the input to the output, which is told and not asked for: a number that is rounded the other way
         moves others behind it, and in a deep network with random weights these move all;
  shift  int8 and whole of the file of --power-of-two-scales, where floating point does not round: both are asked for;
  read   MACs, parameters and cycles of either file, read again, are those of the network.
Prints a line each; status 1 if one does not hold. --seeds N takes N sets of random weights and inputs.

Needs the Python packages numpy and onnx (Debian: python3-onnx), and ONNX Runtime: the Python package onnxruntime (not
in Debian), or the npm package onnxruntime-node, installed in the folder that --node names
(npm install --ignore-scripts onnxruntime-node). Without them it says so, with status 0.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import onnx
    from onnx import numpy_helper
except ImportError as missing:
    onnx, MISSING = None, missing.name
try:
    import onnxruntime
except ImportError:
    onnxruntime = None

NETWORKS = ["mobilenet_v2@96px", "mobilenet_v3_small@96px", "efficientnet_b0@96px", "resnet18@96px",
            "mnasnet_a1_0.5_96", "mobilenet_edgetpu_v2_xs_224@96px"]
TOLERANCE = 1e-4  # of the float reference
SHARE = 0.999     # of int8 outputs within a step

# Runs a model on the tensors of a manifest, and writes its outputs beside them. Without the precise mode, integer
# convolutions saturate on processors that have no instructions for them (ONNX Runtime: quantisation, S8S8 on AVX2).
NODE_SCRIPT = """
const fs = require('fs');
const ort = require(process.argv[1] + '/node_modules/onnxruntime-node');
const [model, level, folder] = process.argv.slice(2);
const arrays = {float32: Float32Array, int8: Int8Array};
(async () => {
  const session = await ort.InferenceSession.create(model, {graphOptimizationLevel: level, logSeverityLevel: 3,
      extra: {session: {x64quantprecision: '1'}}});
  const feeds = {};
  for (const [i, [name, type, shape]] of JSON.parse(fs.readFileSync(folder + '/manifest')).entries()) {
    const bytes = fs.readFileSync(folder + '/in' + i);
    feeds[name] = new ort.Tensor(type, new arrays[type](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)), shape);
  }
  const results = await session.run(feeds);
  session.outputNames.forEach((name, i) => {
    const data = results[name].data;
    fs.writeFileSync(folder + '/out' + i, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  });
  fs.writeFileSync(folder + '/names', JSON.stringify(session.outputNames.map(name => [name, results[name].type])));
})().catch(error => { console.error(String(error.message || error)); process.exit(1); });
"""


class Program:
    """The program, called in a folder."""

    def __init__(self, program, folder, accelerator):
        self.program, self.folder, self.accelerator = program, folder, accelerator

    def call(self, *words):
        run = subprocess.run([self.program, "-q", *map(str, words)], cwd=self.folder, capture_output=True, text=True,
                             check=False)
        if run.returncode != 0:
            raise RuntimeError(run.stderr.strip())

    def figures(self, network):
        """MACs, parameters and cycles."""
        self.call("simulate", "-n", network, "-a", self.accelerator, "--json", "report.json")
        report = json.loads((self.folder / "report.json").read_text())
        return {key: report[key] for key in ("macs", "parameters", "cycles")}


def protos(folder, what):
    """WHAT_0.pb, WHAT_1.pb, ... of test data."""
    found = []
    while (file := folder / f"{what}_{len(found)}.pb").exists():
        found.append(onnx.TensorProto.FromString(file.read_bytes()))
    return found


def arrays(folder, what):
    return [numpy_helper.to_array(proto) for proto in protos(folder, what)]


def run_model(model, feeds, level, node_folder):
    """The outputs of a model by their names."""
    if onnxruntime is not None and node_folder is None:
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = {"disabled": onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
                                            "all": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL}[level]
        options.log_severity_level = 3
        options.add_session_config_entry("session.x64quantprecision", "1")
        session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        return dict(zip([output.name for output in session.get_outputs()], session.run(None, feeds)))
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        for i, array in enumerate(feeds.values()):
            array.tofile(place / f"in{i}")
        (place / "manifest").write_text(json.dumps([[name, str(array.dtype), array.shape] for name, array in feeds.items()]))
        run = subprocess.run(["node", "-e", NODE_SCRIPT, os.path.abspath(node_folder), str(model), level, folder],
                             capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise RuntimeError(f"{model.name}: ONNX Runtime: {run.stderr.strip()}")
        names = json.loads((place / "names").read_text())
        return {name: np.fromfile(place / f"out{i}", dtype=kind) for i, (name, kind) in enumerate(names)}


def joined(outputs):
    return np.concatenate([output.ravel() for output in outputs])


class Int8File:
    """A file of --qdq, and what the program computes of it layer by layer."""

    def __init__(self, file, data):
        self.model = onnx.load(str(file))
        graph = self.model.graph
        constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        readers = {name: node for node in graph.node if node.op_type == "DequantizeLinear" for name in node.input[:1]}
        self.layers = {}  # name -> (the pair of nodes that rounds its output, the integers that it should give)
        values = {proto.name: numpy_helper.to_array(proto) for proto in protos(data, "layer")}
        for node in graph.node:
            back = readers.get(node.output[0])
            if node.op_type != "QuantizeLinear" or back is None or back.output[0] not in values:
                continue
            scale, zero = (constants[name] for name in node.input[1:3])
            integers = np.rint(values[back.output[0]] / scale).astype(np.int32) + zero
            self.layers[back.output[0]] = node, back, integers.astype(np.int8)
        if len(self.layers) != len(values):
            raise RuntimeError(f"{file}: {len(self.layers)} of {len(values)} layers are rounded")

    def step(self, name):
        scale = self.layers[name][0].input[1]
        return float(numpy_helper.to_array(next(t for t in self.model.graph.initializer if t.name == scale)))

    def write_cut(self, file):
        """The model with each layer apart: it reads integers that are fed, and gives its own. Returns what to feed."""
        cut = onnx.ModelProto()
        cut.CopyFrom(self.model)
        graph, feeds = cut.graph, {}
        del graph.output[:]
        del graph.value_info[:]
        nodes = {node.name: node for node in graph.node}
        for name, (quantize, back, integers) in self.layers.items():
            nodes[back.name].input[0] = given = f"given:{name}"
            graph.input.append(onnx.helper.make_tensor_value_info(given, onnx.TensorProto.INT8, integers.shape))
            graph.output.append(onnx.helper.make_tensor_value_info(quantize.output[0], onnx.TensorProto.INT8, integers.shape))
            feeds[given] = integers
        used = {name for node in graph.node for name in node.input}
        for value in [value for value in graph.input if value.name not in used]:
            graph.input.remove(value)  # nothing reads what the last layer gave
        onnx.save(cut, str(file))
        return {name: value for name, value in feeds.items() if name in used}


def difference(found, expected):
    """The largest, of the largest number there is, or of 1."""
    return float(np.abs(found - expected).max() / max(1.0, np.abs(expected).max()))


def compare_float(program, network, seed, node_folder):
    folder = program.folder
    program.call("export", "-n", network, "--onnx", "real.onnx", "--test-data", "real", "--seed", seed)
    feeds = {"input": arrays(folder / "real", "input")[0]}
    expected = joined(arrays(folder / "real", "output"))
    found = joined(run_model(folder / "real.onnx", feeds, "all", node_folder).values())
    yield "float", difference(found, expected), difference(found, expected) <= TOLERANCE, "largest difference {:.1e}"
    program.call("export", "-n", "real.onnx", "--onnx", "again.onnx")
    again = joined(run_model(folder / "again.onnx", feeds, "all", node_folder).values())
    yield "again", difference(again, found), difference(again, found) <= 1e-6, "largest difference {:.1e}"


def steps_text(away):
    return (f"{(away == 0).mean():.4%} of {away.size} the same, {(away <= 1).mean():.4%} within a step, "
            f"at most {int(away.max())} away")


def compare_int8(program, network, seed, node_folder, shift):
    folder, kind = program.folder, "shift" if shift else "int8"
    onnx_file, options = folder / f"{kind}.onnx", ["--power-of-two-scales"] if shift else []
    program.call("export", "-n", network, "--onnx", onnx_file.name, "--qdq", *options, "--test-data", kind, "--layers",
                 "--seed", seed)
    file = Int8File(onnx_file, folder / kind)
    feeds = {"input": arrays(folder / kind, "input")[0]}
    given = {**feeds, **file.write_cut(folder / "cut.onnx")}
    outputs = protos(folder / kind, "output")
    before = "shift, " if shift else ""
    for level, name in (("disabled", "node by node"), ("all", "with integer operators")):
        found = run_model(folder / "cut.onnx", given, level, node_folder)
        away = np.concatenate([np.abs(found[node.output[0]].ravel().astype(int) - integers.ravel())
                               for node, _, integers in file.layers.values()])
        yield f"{before}int8, {name}", steps_text(away), (away <= 1).mean() >= SHARE, "{}"
        found = run_model(onnx_file, feeds, level, node_folder)
        away = joined([np.abs(np.rint((found[proto.name].ravel() - numpy_helper.to_array(proto).ravel()) / file.step(proto.name)))
                       for proto in outputs])
        yield f"{before}whole, {name}", steps_text(away), not shift or (away <= 1).mean() >= SHARE, "{}"


def compare(program, network, seed, node_folder):
    """(what, figures, whether it holds, how to print the figures) of each comparison."""
    yield from compare_float(program, network, seed, node_folder)
    for shift in (False, True):
        yield from compare_int8(program, network, seed, node_folder, shift)
    wanted = program.figures(network)
    for file in ("real.onnx", "again.onnx", "int8.onnx", "shift.onnx"):
        found = program.figures(file)
        yield f"read {file}", found, found == wanted, "{0[macs]} MACs, {0[parameters]} parameters, {0[cycles]} cycles"


def main():
    parser = argparse.ArgumentParser(description="Compares exported networks with ONNX Runtime.")
    parser.add_argument("networks", nargs="*", metavar="NETWORK", default=NETWORKS)
    parser.add_argument("--dovetail", default="dovetail", help="the program (default: dovetail)")
    parser.add_argument("--node", metavar="FOLDER", help="where npm has installed onnxruntime-node")
    parser.add_argument("--accelerator", default="nahas_baseline")
    parser.add_argument("--seeds", type=int, default=1, metavar="N")
    arguments = parser.parse_args()
    if onnx is None:
        print(f"compare_onnx_outputs.py: skipped, the Python package {MISSING} is not installed")
        return 0
    if arguments.node is None and onnxruntime is None:
        print("compare_onnx_outputs.py: skipped, ONNX Runtime is not installed; allowed is --node FOLDER as well")
        return 0
    wrong = 0
    program = str(pathlib.Path(arguments.dovetail).resolve()) if "/" in arguments.dovetail else arguments.dovetail
    for network in arguments.networks:
        name = str(pathlib.Path(network).resolve()) if pathlib.Path(network).is_file() else network
        for seed in range(arguments.seeds):
            with tempfile.TemporaryDirectory() as folder:
                called = Program(program, pathlib.Path(folder), arguments.accelerator)
                for what, figures, holds, text in compare(called, name, seed, arguments.node):
                    print(f"{network}, seed {seed}, {what}: {text.format(figures)}{'' if holds else '  WRONG'}", flush=True)
                    wrong += not holds
    print(f"{wrong} do not hold")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
