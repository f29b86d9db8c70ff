#!/usr/bin/env python3
"""Compares what ONNX Runtime computes of exported networks with what the program itself computes of them.

usage: compare_onnx_outputs.py [--dovetail PROGRAM] [--node FOLDER] [--accelerator NAME] [--seeds N] [NETWORK...]

Of each network (a name, a YAML or an ONNX file; by default a few of the zoo at 96 x 96):
  float  the exported file's output is that of the float reference, to 1e-4 of its largest number (and of 1);
  again  of the exported file read and exported again, weights kept, the same;
  int8   of the file of --qdq, 99.9 % of the outputs are at most one step from what the int8 functional mode computes:
         with the runtime's floating point, node by node, and with whatever the runtime makes of the file;
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

# Runs a model on a file of float32 and writes its outputs one after another.
NODE_SCRIPT = """
const fs = require('fs');
const ort = require(process.argv[1] + '/node_modules/onnxruntime-node');
const [model, level, inputName, shape, inputFile, outputFile] = process.argv.slice(2);
(async () => {
  const session = await ort.InferenceSession.create(model, {graphOptimizationLevel: level, logSeverityLevel: 3});
  const bytes = fs.readFileSync(inputFile);
  const data = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const results = await session.run({[inputName]: new ort.Tensor('float32', data, JSON.parse(shape))});
  fs.writeFileSync(outputFile, Buffer.concat(
      session.outputNames.map(name => Buffer.from(new Float32Array(results[name].data).buffer))));
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


def tensors(folder, what):
    """The numbers of WHAT_0.pb, WHAT_1.pb, ... of test data."""
    found = []
    while (file := folder / f"{what}_{len(found)}.pb").exists():
        found.append(numpy_helper.to_array(onnx.TensorProto.FromString(file.read_bytes())))
    return found


def run_model(model, image, level, node_folder):
    """All outputs of a model, one after another."""
    if onnxruntime is not None and node_folder is None:
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = {"disabled": onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
                                            "all": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL}[level]
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        results = session.run(None, {session.get_inputs()[0].name: image})
        return np.concatenate([result.ravel() for result in results])
    name = onnx.load(str(model), load_external_data=False).graph.input[0].name
    with tempfile.TemporaryDirectory() as folder:
        fed, given = os.path.join(folder, "in"), os.path.join(folder, "out")
        image.astype("<f4").tofile(fed)
        run = subprocess.run(["node", "-e", NODE_SCRIPT, os.path.abspath(node_folder), str(model), level, name,
                              json.dumps(image.shape), fed, given], capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise RuntimeError(f"{model.name}: ONNX Runtime: {run.stderr.strip()}")
        return np.fromfile(given, dtype="<f4")


def output_steps(model):
    """The size of a step of each output number of a file of --qdq."""
    graph = onnx.load(str(model)).graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    givers = {output: node for node in graph.node for output in node.output}
    steps = []
    for output in graph.output:
        numbers = int(np.prod([dim.dim_value for dim in output.type.tensor_type.shape.dim]))
        scale = float(numpy_helper.to_array(constants[givers[output.name].input[1]]))
        steps.append(np.full(numbers, scale))
    return np.concatenate(steps)


def difference(found, expected):
    """The largest, of the largest number there is, or of 1."""
    return float(np.abs(found - expected).max() / max(1.0, np.abs(expected).max()))


def compare_float(program, network, seed, node_folder):
    folder = program.folder
    program.call("export", "-n", network, "--onnx", "real.onnx", "--test-data", "real", "--seed", seed)
    image = tensors(folder / "real", "input")[0]
    expected = np.concatenate([output.ravel() for output in tensors(folder / "real", "output")])
    found = run_model(folder / "real.onnx", image, "all", node_folder)
    yield "float", difference(found, expected), difference(found, expected) <= TOLERANCE, "largest difference {:.1e}"
    program.call("export", "-n", "real.onnx", "--onnx", "again.onnx")
    again = run_model(folder / "again.onnx", image, "all", node_folder)
    yield "again", difference(again, found), difference(again, found) <= 1e-6, "largest difference {:.1e}"


def compare_int8(program, network, seed, node_folder):
    folder = program.folder
    program.call("export", "-n", network, "--onnx", "int8.onnx", "--qdq", "--test-data", "int8", "--seed", seed)
    image = tensors(folder / "int8", "input")[0]
    expected = np.concatenate([output.ravel() for output in tensors(folder / "int8", "output")])
    for level, name in (("disabled", "int8, node by node"), ("all", "int8, optimised")):
        found = run_model(folder / "int8.onnx", image, level, node_folder)
        away = np.abs(np.rint((found - expected) / output_steps(folder / "int8.onnx")))
        within, same = float((away <= 1).mean()), float((away == 0).mean())
        yield (name, (same, within, int(away.max())), within >= SHARE,
               "{0[0]:.2%} the same, {0[1]:.2%} within a step, at most {0[2]} away")


def compare(program, network, seed, node_folder):
    """(what, figures, whether it holds, how to print the figures) of each comparison."""
    yield from compare_float(program, network, seed, node_folder)
    yield from compare_int8(program, network, seed, node_folder)
    wanted = program.figures(network)
    for file in ("real.onnx", "again.onnx", "int8.onnx"):
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
