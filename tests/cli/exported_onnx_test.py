#!/usr/bin/env python3
"""Checks exported ONNX files with the onnx package, which is no part of the program that wrote them.

usage: exported_onnx_test.py DOVETAIL ONNX_FILES     the program, and tests/models/network/onnx/onnx_files

For some networks: the checker with strict shape inference, multiply-accumulates counted here from
the inferred shapes against those that `dovetail simulate` reports, and that all weights are finite
numbers. And that the committed files of other exporters are what their script writes.
"""

import json
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import numpy_helper, shape_inference

NETWORKS = ["mobilenetv3_small_0.75_224", "efficientnet_lite0_224", "mobilenet_edgetpu_v2_xs_224",
            "tinynet_e_106", "resnet_18"]


def count_macs(model):
    """Multiply-accumulates of Conv and Gemm by the shapes that ONNX infers."""
    inferred = shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim]
              for v in list(inferred.graph.value_info) + list(inferred.graph.output)}
    weights = {t.name: list(t.dims) for t in model.graph.initializer}
    macs = 0
    for node in model.graph.node:
        if node.op_type in ("Conv", "Gemm"):
            outputs = math.prod(shapes[node.output[0]])
            macs += outputs * math.prod(weights[node.input[1]][1:])
    return macs


def check_export(dovetail, name, folder, options):
    file = folder / f"{name}.onnx"
    run = [dovetail, "-q"]
    subprocess.run(run + ["export", "-n", name, "--onnx", file] + options, check=True)
    onnx.checker.check_model(str(file), full_check=True)
    model = onnx.load(str(file))
    for tensor in model.graph.initializer:
        if not np.isfinite(numpy_helper.to_array(tensor)).all():
            return [f"{name}: {tensor.name} has numbers that are not finite"]
    report = folder / "report.json"
    subprocess.run(run + ["simulate", "-n", file, "-a", "nahas_baseline", "--json", report],
                   check=True)
    reported, counted = json.loads(report.read_text())["macs"], count_macs(model)
    return [] if reported == counted else [f"{name}: {reported} MACs reported, {counted} counted"]


def fields(message):
    """(number, content) of the fields of a protobuf message that have a length; others are passed over."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = varint()
        if tag & 7 == 2:
            length = varint()
            yield tag >> 3, message[at:at + length]
            at += length
        elif tag & 7 == 0:
            varint()
        else:
            at += 4 if tag & 7 == 5 else 8


def check_costs(dovetail, folder):
    """metadata_props of nodes (field 9, since ONNX 1.16) and of the model, as viewers read them."""
    file = folder / "costs.onnx"
    subprocess.run([dovetail, "-q", "export", "-n", NETWORKS[0], "--onnx", file, "--weights", "zero", "-a", "nahas_baseline",
                    "--costs"], check=True)
    onnx.checker.check_model(str(file), full_check=True)
    model = onnx.load(str(file))
    total = {entry.key: entry.value for entry in model.metadata_props}
    sums = dict.fromkeys(("dovetail.cycles", "dovetail.macs"), 0)
    for node in model.graph.node:
        entries = dict((dict(fields(entry))[1].decode(), dict(fields(entry))[2].decode())
                       for number, entry in fields(node.SerializeToString()) if number == 9)
        for key in sums:
            sums[key] += int(entries.get(key, 0))
    wrong = {key: value for key, value in sums.items() if value == 0 or str(value) != total[key]}
    return [f"costs of nodes: {wrong}, the model has {total}"] if wrong else []


def check_committed(committed, script, folder):
    subprocess.run([sys.executable, "-B", committed / script, folder], check=True)
    return [f"{file.name} is not what {script} writes"
            for file in sorted(folder.iterdir())
            if file.read_bytes() != (committed / file.name).read_bytes()]


def main(arguments):
    dovetail, committed = arguments[0], pathlib.Path(arguments[1])
    messages = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for i, network in enumerate(NETWORKS):
            options = ["--external-data"] if i % 2 else ["--weights", "zero"] if i % 3 else []
            messages += check_export(dovetail, network, folder, options)
        messages += check_costs(dovetail, folder)
    cases = committed.parent / "onnx_cases"
    for files, script in ((committed, "write_onnx_files.py"), (cases, "write_onnx_cases.py")):
        with tempfile.TemporaryDirectory() as name:
            messages += check_committed(files, script, pathlib.Path(name))
    print("\n".join(messages) or f"{len(NETWORKS)} networks: valid, counts agree")
    return 1 if messages else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
