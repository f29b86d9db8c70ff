#!/usr/bin/env python3
"""Compares what the program reads from ONNX files with what ONNX Runtime makes of them.

usage: compare_onnx_shapes.py [--dovetail PROGRAM] FILE.onnx...

Each file is read and written again by 'dovetail export', whose file names the size of every layer's output.
ONNX Runtime then runs the file itself, on ones and with all its tensors as outputs, and the output of the node
that each layer is called by must have the same sizes, but for those of 1 and for their order. Prints a line a
file, and one for each layer that differs; status 1 if any does. Files that either side refuses are named.

Needs the Python packages onnx (Debian: python3-onnx) and onnxruntime (not in Debian); without them it says so and
compares nothing, with status 0.
"""

import argparse
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import onnx
    import onnxruntime
except ImportError as missing:
    onnxruntime, MISSING = None, missing.name

NUMBERS = {"tensor(float)": "float32", "tensor(double)": "float64", "tensor(float16)": "float16",
           "tensor(int64)": "int64", "tensor(int32)": "int32", "tensor(int8)": "int8", "tensor(uint8)": "uint8"}


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


def runtime_sizes(file):
    """The sizes of the first output of each node, by the layer's name, as ONNX Runtime computes them."""
    model = onnx.load(file)
    constants = {t.name for t in model.graph.initializer}
    outputs = {node.output[0]: layer_name(node) for node in model.graph.node if node.output and node.output[0]}
    known = {output.name for output in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in outputs if name not in known)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    feeds = {}
    for value in session.get_inputs():
        if value.name in constants:
            continue
        shape = [d if isinstance(d, int) and d > 0 else 1 for d in value.shape]
        feeds[value.name] = np.ones(shape, NUMBERS[value.type])
    batch = max([int(next(iter(feeds.values())).shape[0])] if feeds else [1])
    names = list(outputs)
    sizes = {}
    for name, array in zip(names, session.run(names, feeds)):
        shape = list(np.shape(array))
        if shape and shape[0] == batch:
            shape[0] = 1  # the importer reads one image
        sizes[outputs[name]] = shape
    return sizes


def compare(program, file):
    """The lines that tell how the file compares, and whether a layer differs."""
    with tempfile.TemporaryDirectory() as folder:
        layers, reason = layer_sizes(program, file, folder)
    if layers is None:
        return [f"{file}: refused by the importer: {reason}"], False
    try:
        runtime = runtime_sizes(file)
    except Exception as error:  # of many kinds, none of which is documented
        return [f"{file}: refused by ONNX Runtime: {str(error).splitlines()[0]}"], False
    both = sorted(layers.keys() & runtime.keys())
    wrong = [f"  {name}: {layers[name]}, ONNX Runtime has {runtime[name]}" for name in both
             if essential(layers[name]) != essential(runtime[name])]
    return [f"{file}: {len(both)} of {len(layers)} tensors compared, {len(wrong)} differ"] + wrong, bool(wrong)


def main():
    parser = argparse.ArgumentParser(description="Compares what is read from ONNX files with ONNX Runtime.")
    parser.add_argument("files", nargs="+", metavar="FILE.onnx")
    parser.add_argument("--dovetail", default="dovetail", help="the program (default: dovetail)")
    arguments = parser.parse_args()
    if onnxruntime is None:
        print(f"compare_onnx_shapes.py: skipped, the Python package {MISSING} is not installed")
        return 0
    different = False
    for file in arguments.files:
        lines, wrong = compare(arguments.dovetail, file)
        print("\n".join(lines))
        different = different or wrong
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
