#!/usr/bin/env python3
"""What exported ONNX files compute, by NumPy, is what the program says that they do; and weights go through import
and export, of its own files and of others.

usage: exported_numbers_test.py DOVETAIL

scripts/compare_onnx_outputs.py does the same with whole networks in ONNX Runtime.
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

NETWORK = """schema: dovetail.network/1
name: {name}
input: {{height: 13, width: 10, channels: 3}}
blocks: [{blocks}]
"""
# Every block, activation and pool of the grammar.
NETWORKS = {
    "inverted_residuals": ["conv k=3 s=2 c=8 act=relu", "mb k=5 e=3 c=8 act=relu6", "mb k=3 s=2 e=3 c=16 act=relu", "pool",
                           "fc c=10"],
    "squeeze_and_excite": ["conv k=3 s=2 c=8 act=hswish", "mb k=3 e=2 c=8 act=hswish se=0.5 se_gate=hsigmoid", "pool",
                           "fc c=10"],
    "swish": ["conv k=3 c=8 act=swish", "ds k=3 c=8 act=swish se=0.5", "fused k=3 s=2 e=2 c=8 act=swish g=2", "pool",
              "fc c=10 act=sigmoid"],
    "resnet": ["conv k=3 s=2 c=8 act=relu", "basic c=8 act=relu", "bottleneck c=16 h=8 s=2 act=relu", "pool", "fc c=10"],
    "pools": ["maxpool k=3 s=2", "dw k=3 d=2 act=hsigmoid", "conv k=1 c=8 act=relu", "avgpool k=2", "avgpool k=3 s=2",
              "pool", "fc c=10"],
    "flattened": ["conv k=3 s=2 c=6 act=relu bias=yes bn=no", "fc c=12 flatten=yes act=relu", "fc c=4 bias=no"],
}


def windows(x, kernel, strides, pads, dilations, fill):
    """Batch, channels, places of the kernel, output rows, output columns."""
    x = np.pad(x, ((0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])), constant_values=fill)
    rows = (x.shape[2] - dilations[0] * (kernel[0] - 1) - 1) // strides[0] + 1
    cols = (x.shape[3] - dilations[1] * (kernel[1] - 1) - 1) // strides[1] + 1
    return np.stack([x[:, :, ky * dilations[0]:, kx * dilations[1]:][:, :, ::strides[0], ::strides[1]][:, :, :rows, :cols]
                     for ky in range(kernel[0]) for kx in range(kernel[1])], 2)


def window_of(attributes, kernel):
    return (kernel, attributes.get("strides", [1, 1]), attributes.get("pads", [0] * 4), attributes.get("dilations", [1, 1]))


def convolution(attributes, x, weight, bias=None):
    groups = attributes.get("group", 1)
    places = windows(x, *window_of(attributes, weight.shape[2:]), 0)
    places = places.reshape(x.shape[0], groups, -1, *places.shape[2:])
    weight = weight.reshape(groups, weight.shape[0] // groups, weight.shape[1], -1)
    out = np.einsum("ngckyx,gock->ngoyx", places, weight).reshape(x.shape[0], -1, *places.shape[4:])
    return out if bias is None else out + bias[:, None, None]


def average(attributes, x):
    window = window_of(attributes, attributes["kernel_shape"])
    return windows(x, *window, 0).sum(2) / windows(np.ones_like(x), *window, 0).sum(2)


def each_channel(numbers, rank):
    return numbers.reshape([-1] + [1] * (rank - 2))


def quantise(attributes, x, scale, zero):
    return np.clip(np.rint(x / scale) + zero, -128, 127).astype(np.int8)


def dequantise(attributes, x, scale, zero=None):
    if scale.ndim and scale.size > 1:
        scale = scale.reshape([-1] + [1] * (x.ndim - 1))
        zero = None if zero is None else zero.reshape(scale.shape)
    return (x.astype(scale.dtype) - (0 if zero is None else zero)) * scale


def gemm(attributes, a, b, c=0):
    b = b.T if attributes.get("transB", 0) else b
    return attributes.get("alpha", 1.0) * (a @ b) + attributes.get("beta", 1.0) * c


def batch_norm(attributes, x, scale, shift, mean, variance):
    factor = scale / np.sqrt(variance + attributes.get("epsilon", 1e-5))
    return (x - each_channel(mean, x.ndim)) * each_channel(factor, x.ndim) + each_channel(shift, x.ndim)


def hard_sigmoid(attributes, x):
    return np.clip(attributes.get("alpha", 0.2) * x + attributes.get("beta", 0.5), 0, 1)


def reshape(attributes, x, shape):
    return x.reshape([x.shape[i] if size == 0 else size for i, size in enumerate(shape)])


OPERATORS = {
    "Conv": convolution, "Gemm": gemm, "BatchNormalization": batch_norm, "HardSigmoid": hard_sigmoid, "Reshape": reshape,
    "QuantizeLinear": quantise, "DequantizeLinear": dequantise, "AveragePool": average,
    "MatMul": lambda a, x, y: x @ y, "Add": lambda a, x, y: x + y, "Sub": lambda a, x, y: x - y,
    "Mul": lambda a, x, y: x * y, "Div": lambda a, x, y: x / y, "Relu": lambda a, x: np.maximum(x, 0),
    "Clip": lambda a, x, low, high: np.clip(x, low, high), "Sigmoid": lambda a, x: 1 / (1 + np.exp(-x)),
    "MaxPool": lambda a, x: windows(x, *window_of(a, a["kernel_shape"]), -np.inf).max(2),
    "GlobalAveragePool": lambda a, x: x.mean((2, 3), keepdims=True), "Identity": lambda a, x: x,
    "Flatten": lambda a, x: x.reshape(x.shape[0], -1), "Concat": lambda a, *x: np.concatenate(x, a["axis"]),
    "Transpose": lambda a, x: x.transpose(a["perm"]),
}


def run(file, image, real=np.float64):
    """The outputs of a model, and the tensors that it was made of, in floating point of this type."""
    graph = onnx.load(str(file)).graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    values = {name: value.astype(real) if value.dtype.kind == "f" else value for name, value in values.items()}
    values[graph.input[0].name] = image.astype(real)
    for node in graph.node:
        attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
        if node.op_type == "Constant":
            values[node.output[0]] = numpy_helper.to_array(attributes["value"]).astype(real)
            continue
        inputs = [values[name] for name in node.input]
        values[node.output[0]] = OPERATORS[node.op_type](attributes, *inputs)
    return [values[output.name] for output in graph.output], values


class Tester:
    def __init__(self, dovetail, folder):
        self.dovetail, self.folder, self.messages = dovetail, folder, []

    def call(self, *words, status=0):
        done = subprocess.run([self.dovetail, *map(str, words)], cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode != status:
            self.messages.append(f"{words}: exit status {done.returncode}: {done.stderr}")
        return done

    def require(self, holds, what):
        if not holds:
            self.messages.append(what)

    def tensor(self, name):
        return numpy_helper.to_array(TensorProto.FromString((self.folder / name).read_bytes()))

    def own_network(self, name, blocks):
        """Float and int8 as the program computes them, and the weights kept."""
        (self.folder / "net.yaml").write_text(NETWORK.format(name=name, blocks=", ".join(blocks)))
        self.call("export", "-n", "net.yaml", "--onnx", "real.onnx", "--test-data", "real", "--seed", 3)
        image, expected = self.tensor("real/input_0.pb"), self.tensor("real/output_0.pb")
        found = run(self.folder / "real.onnx", image)[0][0]
        self.require(found.shape == expected.shape and np.abs(found - expected).max() < 1e-5,
                     f"{name}: float: {np.abs(found - expected).max()} away")
        self.require(np.abs(expected).max() > 1e-3, f"{name}: all is nearly 0")
        self.call("export", "-n", "real.onnx", "--onnx", "again.onnx")
        again = run(self.folder / "again.onnx", image)[0][0]
        self.require(np.array_equal(again, found), f"{name}: weights are not kept")

        self.call("export", "-n", "real.onnx", "--onnx", "int8.onnx", "--qdq", "--test-data", "int8", "--seed", 3)
        image, expected = self.tensor("int8/input_0.pb"), self.tensor("int8/output_0.pb")
        (found, *_), values = run(self.folder / "int8.onnx", image)
        output = onnx.load(str(self.folder / "int8.onnx")).graph.node[-1]
        scale = float(values[output.input[1]])
        steps = np.abs(np.rint((found - expected) / scale))
        self.require(steps.max() <= 1, f"{name}: int8: {steps.max()} steps away")
        self.require(np.abs(found).max() > 20 * scale, f"{name}: int8: nearly all is 0")
        real = run(self.folder / "real.onnx", image)[0][0]
        alike = float((found * real).sum() / np.linalg.norm(found) / np.linalg.norm(real))
        self.require(alike > 0.95, f"{name}: int8 is not near float: {alike}")
        layers = [self.call("simulate", "-n", file, "-a", "nahas_baseline").stdout.split("\n", 1)[1]
                  for file in ("net.yaml", "int8.onnx")]
        self.require(layers[0] == layers[1], f"{name}: int8 is another network when read again")

        self.call("export", "-n", "real.onnx", "--onnx", "shift.onnx", "--qdq", "--power-of-two-scales", "--test-data",
                  "shift", "--seed", 3)
        for real in (np.float32, np.float64):
            found = run(self.folder / "shift.onnx", self.tensor("shift/input_0.pb"), real)[0][0]
            self.require(np.array_equal(found, self.tensor("shift/output_0.pb")), f"{name}: {real.__name__} rounds")

    def foreign_network(self, model, image, name):
        """A model that another exporter might write: its numbers are kept."""
        onnx.checker.check_model(model)
        onnx.save(model, str(self.folder / "foreign.onnx"))
        done = self.call("export", "-n", "foreign.onnx", "--onnx", "again.onnx")
        expected, found = (run(self.folder / file, image)[0][0] for file in ("foreign.onnx", "again.onnx"))
        away = np.abs(found.ravel() - expected.ravel()).max()
        self.require(away < 2e-5 * np.abs(expected).max(), f"{name}: {away} away, of {np.abs(expected).max()}")
        return done.stdout


def model_of(nodes, tensors, outputs, output_shape, opset=13):
    graph = helper.make_graph(nodes, "graph", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 6])],
                              [helper.make_tensor_value_info(outputs, TensorProto.FLOAT, output_shape)],
                              [numpy_helper.from_array(value, key) for key, value in tensors.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=7)


def foreign_models(rng):
    """(name, model): each with numbers in places that the layers here do not have."""
    real = lambda *shape: rng.normal(size=shape).astype(np.float32)
    positive = lambda *shape: (0.5 + rng.random(shape)).astype(np.float32)
    node = helper.make_node
    conv = node("Conv", ["x", "w", "b"], ["c"], pads=[1, 1, 1, 1])
    weights = {"w": real(5, 3, 3, 3), "b": real(5)}
    norm = {"s": real(5), "h": real(5), "m": real(5), "v": positive(5)}
    map_shape, full = [1, 5, 8, 6], real(5 * 8 * 6, 4)
    yield "another epsilon", model_of(
        [conv, node("BatchNormalization", ["c", "s", "h", "m", "v"], ["n"], epsilon=1e-3), node("Relu", ["n"], ["y"])],
        {**weights, **norm}, "y", map_shape)
    yield "scale, shift and two normalisations", model_of(
        [conv, node("Mul", ["c", "k"], ["d"]), node("Sub", ["d", "t"], ["e"]),
         node("BatchNormalization", ["e", "s", "h", "m", "v"], ["n"]), node("Div", ["n", "k"], ["o"]),
         node("BatchNormalization", ["o", "h", "s", "m", "v"], ["p"], epsilon=1e-2), node("Mul", ["p", "two"], ["y"])],
        {**weights, **norm, "k": positive(5, 1, 1), "t": real(1, 5, 1, 1), "two": np.float32(2.5)}, "y", map_shape)
    yield "normalisation that is a layer", model_of(
        [node("Relu", ["x"], ["r"]), node("BatchNormalization", ["r", "s", "h", "m", "v"], ["y"])],
        {key: value[:3] for key, value in norm.items()}, "y", [1, 3, 8, 6])
    yield "products of matrices, scaled and turned", model_of(
        [conv, node("Flatten", ["c"], ["f"]), node("MatMul", ["f", "g"], ["p"]), node("Add", ["p", "a"], ["q"]),
         node("Gemm", ["q", "i", "j"], ["y"], alpha=0.5, beta=2.0)],
        {**weights, "g": full, "a": real(4), "i": real(4, 6), "j": real(6)}, "y", [1, 6])
    yield "channels last when flattened", model_of(
        [conv, node("Transpose", ["c"], ["l"], perm=[0, 2, 3, 1]), node("Flatten", ["l"], ["f"]),
         node("Gemm", ["f", "g"], ["y"], transB=1)],
        {**weights, "g": np.ascontiguousarray(full.T)}, "y", [1, 4])
    half = numpy_helper.from_array(real(5, 3, 1, 1).astype(np.float32), "value")
    yield "weights that nodes give", model_of(
        [node("Constant", [], ["k"], value=half), node("Transpose", ["turned"], ["t"], perm=[1, 0, 2, 3]),
         node("Conv", ["x", "k"], ["c"]), node("Conv", ["c", "t"], ["d"]), node("Identity", ["d"], ["y"])],
        {"turned": real(5, 7, 3, 3)}, "y", [1, 7, 6, 4])


def check_foreign(tester, rng):
    image = rng.normal(size=(1, 3, 8, 6)).astype(np.float32)
    for name, model in foreign_models(rng):
        tester.foreign_network(model, image, name)
    node = helper.make_node
    weights = {"w": rng.normal(size=(5, 3, 1, 1)).astype(np.float32)}
    lost = model_of([node("Mul", ["x", "k"], ["s"]), node("Conv", ["s", "w"], ["c"]), node("LeakyRelu", ["c"], ["y"], name="leak")],
                    {**weights, "k": np.float32(0.1)}, "y", [1, 5, 8, 6])
    onnx.save(lost, str(tester.folder / "lost.onnx"))
    said = tester.call("export", "-n", "lost.onnx", "--onnx", "out.onnx", status=2).stderr
    tester.require("node 'leak' (LeakyRelu)" in said and "node 's' (Mul)" in said and "--weights" in said, f"lost: {said}")
    tester.require(not (tester.folder / "out.onnx").exists(), "a file of lost numbers is written")
    tester.call("export", "-n", "lost.onnx", "--onnx", "out.onnx", "--weights", "random")
    ended = model_of([node("Conv", ["x", "w"], ["c"]), node("GlobalAveragePool", ["c"], ["p"]), node("Flatten", ["p"], ["f"]),
                      node("Softmax", ["f"], ["y"], name="prob")], weights, "y", [1, 5])
    onnx.save(ended, str(tester.folder / "ended.onnx"))
    said = tester.call("export", "-n", "ended.onnx", "--onnx", "out.onnx").stdout
    tester.require("node 'prob' (Softmax)" in said, f"left out: {said}")


def main(dovetail):
    with tempfile.TemporaryDirectory() as folder:
        tester = Tester(dovetail, pathlib.Path(folder))
        for name, blocks in NETWORKS.items():
            tester.own_network(name, blocks)
        check_foreign(tester, np.random.default_rng(8))
        tester.require("allowed of a network that is read from an ONNX file" in tester.call(
            "export", "-n", "net.yaml", "--onnx", "out.onnx", "--weights", "own", status=2).stderr, "own of a YAML")
    print("\n".join(tester.messages) or f"{len(NETWORKS)} networks, and those of others: the same numbers")
    return 1 if tester.messages else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
