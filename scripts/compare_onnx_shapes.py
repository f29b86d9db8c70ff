#!/usr/bin/env python3
"""Compares what the program reads from ONNX files with what ONNX Runtime makes of them.

usage: compare_onnx_shapes.py [--dovetail PROGRAM] [--node FOLDER] FILE.onnx...

Each file is read and written again by 'dovetail export', whose file names the size of every layer's output.
ONNX Runtime then runs the file itself, on ones and with all its tensors as outputs, and the output of the node
that each layer is called by must have the same sizes, but for those of 1 and for their order. Prints a line a
file, and one for each layer that differs; status 1 if any does. Files that either side refuses are named; those that
ONNX Runtime does not know are compared with the sizes that stand in them.

Needs the Python package onnx (Debian: python3-onnx), without which it says so and compares nothing, with status 0,
and ONNX Runtime: the Python package onnxruntime (not in Debian), or the npm package onnxruntime-node, installed in
the folder that --node names (npm install --ignore-scripts onnxruntime-node). Without either it asks the file itself
(value_info) and the shape inference of the package onnx, which is weaker, and says so.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import onnx
except ImportError as missing:
    onnx, MISSING = None, missing.name
try:
    import onnxruntime
except ImportError:
    onnxruntime = None

WEAK = "the file or the onnx package"

# Runs a model on ones and prints the sizes of its outputs, in a folder with onnxruntime-node.
NODE_SCRIPT = """
const ort = require(process.argv[1] + '/node_modules/onnxruntime-node');
const arrays = {float32: Float32Array, float64: Float64Array, int64: BigInt64Array, int32: Int32Array,
                int8: Int8Array, uint8: Uint8Array, float16: Uint16Array};
(async () => {
  const session = await ort.InferenceSession.create(process.argv[2],
      {graphOptimizationLevel: 'disabled', logSeverityLevel: 3});
  const feeds = {};
  for (const [name, type, shape] of JSON.parse(process.argv[3])) {
    const data = new arrays[type](shape.reduce((a, b) => a * b, 1)).fill(type === 'int64' ? 1n : 1);
    feeds[name] = new ort.Tensor(type, data, shape);
  }
  const results = await session.run(feeds);
  console.log(JSON.stringify(Object.fromEntries(Object.entries(results).map(([k, v]) => [k, v.dims]))));
})().catch(error => { console.error(String(error.message || error)); process.exit(1); });
"""


def layer_name(node):
    """What the importer calls the layer of a node."""
    name = node.name or f"{node.op_type}_{node.output[0]}"
    return "".join("_" if c in " \"',;\\`" or not " " <= c <= "~" else c for c in name)[:200]


def essential(dims):
    return sorted(d for d in dims if d != 1)


def layer_sizes(program, file, folder):
    """The sizes of each layer's output, by its name; None and a reason if the file is refused."""
    written = os.path.join(folder, "written.onnx")
    run = subprocess.run([program, "export", "-n", file, "--onnx", written, "--weights", "zero"],
                         capture_output=True, text=True, check=False)
    if run.returncode != 0:
        return None, run.stderr.strip()
    model = onnx.shape_inference.infer_shapes(onnx.load(written))
    values = list(model.graph.value_info) + list(model.graph.output)
    return {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in values}, ""


def inputs_of(model):
    """Name, type and sizes of what is to be fed; a symbolic size is 1."""
    constants = {t.name for t in model.graph.initializer}
    for value in model.graph.input:
        kind = value.type.tensor_type
        if value.name not in constants:
            shape = [d.dim_value if d.dim_value > 0 else 1 for d in kind.shape.dim]
            yield value.name, str(onnx.mapping.TENSOR_TYPE_TO_NP_TYPE[kind.elem_type]), shape


def sizes_by_python(model, feeds):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    results = session.run(None, {name: np.ones(shape, kind) for name, kind, shape in feeds})
    return {output.name: list(np.shape(array)) for output, array in zip(session.get_outputs(), results)}


def sizes_by_node(model, feeds, node_folder):
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "model.onnx")
        onnx.save(model, file)
        run = subprocess.run(["node", "-e", NODE_SCRIPT, os.path.abspath(node_folder), file, json.dumps(feeds)],
                             capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(run.stderr.strip() or "node failed")
    return json.loads(run.stdout.splitlines()[-1])


def sizes_by_inference(model):
    """As the file says them, or the onnx package infers them."""
    try:
        inferred = onnx.shape_inference.infer_shapes(model)
    except Exception:  # operators of a domain that it has never heard of
        inferred = model
    sizes = {}
    for value in list(inferred.graph.value_info) + list(inferred.graph.output):
        dims = value.type.tensor_type.shape.dim
        if value.type.tensor_type.HasField("shape") and all(d.dim_value > 0 for d in dims[1:]):
            sizes[value.name] = [d.dim_value or 1 for d in dims]
    return sizes


def runtime_sizes(file, node_folder, infer=False):
    """The sizes of the first output of each node, by the layer's name, as ONNX Runtime computes them."""
    model = onnx.load(file)
    outputs = {node.output[0]: layer_name(node) for node in model.graph.node if node.output and node.output[0]}
    feeds = list(inputs_of(model))
    if infer or (node_folder is None and onnxruntime is None):
        found = sizes_by_inference(model)
    else:
        known = {output.name for output in model.graph.output}
        model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in outputs if name not in known)
        found = sizes_by_node(model, feeds, node_folder) if node_folder else sizes_by_python(model, feeds)
    batch = feeds[0][2][0] if feeds and feeds[0][2] else 1
    sizes = {}
    for name, layer in outputs.items():
        if name not in found:
            continue
        shape = list(found[name])
        if shape and shape[0] == batch:
            shape[0] = 1  # the importer reads one image
        sizes[layer] = shape
    return sizes


def compare(program, file, node_folder, oracle):
    """The lines that tell how the file compares, and whether a layer differs."""
    with tempfile.TemporaryDirectory() as folder:
        layers, reason = layer_sizes(program, file, folder)
    if layers is None:
        return [f"{file}: cannot be read and written again: {reason}"], False
    notes = []
    try:
        runtime = runtime_sizes(file, node_folder)
    except Exception as error:  # of many kinds, none of which is documented
        notes = [f"{file}: refused by {oracle}: {str(error).splitlines()[0]}"]
        if oracle == WEAK:
            return notes, False
        try:  # operators that the runtime does not know may have their sizes in the file
            runtime, oracle = runtime_sizes(file, None, infer=True), WEAK
        except Exception:
            return notes, False
    both = sorted(layers.keys() & runtime.keys())
    wrong = [f"  {name}: {layers[name]}, {oracle} has {runtime[name]}" for name in both
             if essential(layers[name]) != essential(runtime[name])]
    return notes + [f"{file}: {len(both)} of {len(layers)} tensors compared, {len(wrong)} differ" +
                    (f" (with {oracle})" if notes else "")] + wrong, bool(wrong)


def main():
    parser = argparse.ArgumentParser(description="Compares what is read from ONNX files with ONNX Runtime.")
    parser.add_argument("files", nargs="+", metavar="FILE.onnx")
    parser.add_argument("--dovetail", default="dovetail", help="the program (default: dovetail)")
    parser.add_argument("--node", metavar="FOLDER", help="where npm has installed onnxruntime-node")
    arguments = parser.parse_args()
    if onnx is None:
        print(f"compare_onnx_shapes.py: skipped, the Python package {MISSING} is not installed")
        return 0
    oracle = "ONNX Runtime"
    if arguments.node is None and onnxruntime is None:
        oracle = WEAK
        print("compare_onnx_shapes.py: ONNX Runtime is not installed; compared with value_info and shape inference")
    different = False
    for file in arguments.files:
        lines, wrong = compare(arguments.dovetail, file, arguments.node, oracle)
        print("\n".join(lines))
        different = different or wrong
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
