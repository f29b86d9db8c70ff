#!/usr/bin/env python3
"""Writes the ONNX files that the importer is tested with, in the manner of the exporters people use.

usage: write_onnx_files.py [FOLDER]      FOLDER: where to (default: this script's)

Needs the onnx package (Debian: python3-onnx). Nothing here is made by Dovetail's own exporter. All
weights are zero: only shapes matter. Layer sizes are small and odd, so that a mix-up of height and
width or of inputs and outputs changes the counts; onnx_import_test.cpp has the counts by hand.
"""

import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.external_data_helper import set_external_data

INT64_MIN = -(2**63)


class Graph:
    """Nodes and initialisers of one file, in order."""

    def __init__(self):
        self.nodes, self.initializers = [], []

    def const(self, name, array):
        self.initializers.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def weight(self, name, *dims, dtype=np.float32):
        return self.const(name, np.zeros(dims, dtype))

    def add(self, op, inputs, output, name="", **attributes):
        self.nodes.append(helper.make_node(op, inputs, [output], name=name, **attributes))
        return output

    def constant(self, output, array, name=""):
        """A Constant node, as PyTorch leaves them between the others."""
        value = numpy_helper.from_array(np.asarray(array), "")
        return self.add("Constant", [], output, name, value=value)

    def batch_norm(self, x, output, channels, prefix, name=""):
        names = [self.weight(f"{prefix}.{part}", channels)
                 for part in ("weight", "bias", "running_mean", "running_var")]
        return self.add("BatchNormalization", [x] + names, output, name, epsilon=1e-5, momentum=0.9)


def value(name, dims, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, dims)


def model(graph, name, inputs, outputs, opset, ir_version, producer, version, domains=()):
    proto = helper.make_graph(graph.nodes, name, inputs, outputs, graph.initializers)
    imports = [helper.make_opsetid("", opset)] + [helper.make_opsetid(d, 1) for d in domains]
    result = helper.make_model(proto, opset_imports=imports, producer_name=producer,
                               producer_version=version)
    result.ir_version = ir_version
    return result


def torch_mobilenet_opset9():
    """PyTorch 1.1: numbered tensors, initialisers among the inputs, batch normalisation not folded,
    ReLU6 as Clip with attributes, x.mean([2, 3]), Dropout left in."""
    g = Graph()
    g.add("Conv", ["input.1", g.weight("features.0.0.weight", 8, 3, 3, 3)], "30",
          kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], dilations=[1, 1], group=1)
    g.batch_norm("30", "31", 8, "features.0.1")
    g.add("Clip", ["31"], "32", min=0.0, max=6.0)
    g.add("Conv", ["32", g.weight("features.1.0.weight", 24, 8, 1, 1)], "33",
          kernel_shape=[1, 1], strides=[1, 1], pads=[0, 0, 0, 0], dilations=[1, 1], group=1)
    g.batch_norm("33", "34", 24, "features.1.1")
    g.add("Clip", ["34"], "35", min=0.0, max=6.0)
    g.add("Conv", ["35", g.weight("features.1.3.weight", 24, 1, 3, 3)], "36",
          kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1], dilations=[1, 1], group=24)
    g.batch_norm("36", "37", 24, "features.1.4")
    g.add("Clip", ["37"], "38", min=0.0, max=6.0)
    g.add("Conv", ["38", g.weight("features.1.6.weight", 8, 24, 1, 1)], "39",
          kernel_shape=[1, 1], strides=[1, 1], pads=[0, 0, 0, 0], dilations=[1, 1], group=1)
    g.batch_norm("39", "40", 8, "features.1.7")
    g.add("Add", ["32", "40"], "41")
    g.add("ReduceMean", ["41"], "42", axes=[2, 3], keepdims=0)
    g.add("Dropout", ["42"], "43", ratio=0.2)
    g.add("Gemm", ["43", g.weight("classifier.1.weight", 5, 8), g.weight("classifier.1.bias", 5)],
          "44", alpha=1.0, beta=1.0, transB=1)
    inputs = [value("input.1", [1, 3, 20, 28])]
    inputs += [value(t.name, list(t.dims)) for t in g.initializers]
    return model(g, "torch-jit-export", inputs, [value("44", [1, 5])], 9, 4, "pytorch", "1.1")


def torch_padding(g, prefix, pad):
    """The nodes that PyTorch writes for F.pad with computed widths, from operator set 11 on."""
    pads = g.constant(f"{prefix}_pad", np.array(pad, np.int64))
    extension = g.constant(f"{prefix}_extension", np.array([8 - len(pad)], np.int64))
    zeros = g.add("ConstantOfShape", [extension], f"{prefix}_zeros",
                  value=numpy_helper.from_array(np.array([0], np.int64)))
    joined = g.add("Concat", [pads, zeros], f"{prefix}_joined", axis=0)
    pairs = g.add("Reshape", [joined, g.constant(f"{prefix}_two", np.array([-1, 2], np.int64))],
                  f"{prefix}_pairs")
    bounds = [g.constant(f"{prefix}_{name}", np.array([number], np.int64))
              for name, number in (("from", -1), ("to", INT64_MIN), ("axis", 0), ("step", -1))]
    reverse = g.add("Slice", [pairs] + bounds, f"{prefix}_reverse")
    columns = g.add("Transpose", [reverse], f"{prefix}_columns", perm=[1, 0])
    flat = g.add("Reshape", [columns, g.constant(f"{prefix}_one", np.array([-1], np.int64))],
                 f"{prefix}_flat")
    return g.add("Cast", [flat], f"{prefix}_pads", to=TensorProto.INT64)


def timm_efficientnet_opset11():
    """timm through PyTorch 1.8: batch normalisation folded, swish as Sigmoid and Mul, TensorFlow's
    padding by Pad and a chain of constants, squeeze-and-excite by two 1x1 convolutions, a symbolic
    batch."""
    g = Graph()

    def conv(x, prefix, outputs, inputs, kernel, stride=1, group=1):
        names = [x, g.weight(f"{prefix}.weight", outputs, inputs // group, kernel, kernel),
                 g.weight(f"{prefix}.bias", outputs)]
        half = kernel // 2 if stride == 1 else 0
        return g.add("Conv", names, f"{prefix}_out", f"Conv_{prefix}",
                     kernel_shape=[kernel, kernel], strides=[stride, stride], pads=[half] * 4,
                     dilations=[1, 1], group=group)

    def swish(x):
        gate = g.add("Sigmoid", [x], f"{x}_sigmoid")
        return g.add("Mul", [x, gate], f"{x}_swish")

    padded = g.add("Pad", ["input0", torch_padding(g, "stem", [0, 1, 0, 1])], "stem_padded",
                   mode="constant")
    stem = swish(conv(padded, "conv_stem", 8, 3, 3, stride=2))
    wide = swish(conv(stem, "expand", 32, 8, 1))
    deep = swish(conv(wide, "dw", 32, 32, 5, group=32))
    pooled = g.add("GlobalAveragePool", [deep], "se_pooled", "GlobalAveragePool_se")
    reduced = swish(conv(pooled, "se_reduce", 2, 32, 1))
    gate = g.add("Sigmoid", [conv(reduced, "se_expand", 32, 2, 1)], "se_gate")
    scaled = g.add("Mul", [deep, gate], "se_scaled", "Mul_se")
    narrow = conv(scaled, "project", 8, 32, 1)
    total = g.add("Add", [narrow, stem], "block_out", "Add_block")
    last = g.add("GlobalAveragePool", [total], "pooled", "GlobalAveragePool_head")
    flat = g.add("Flatten", [last], "flat", axis=1)
    g.add("Gemm", [flat, g.weight("classifier.weight", 10, 8), g.weight("classifier.bias", 10)],
          "output0", "Gemm_classifier", alpha=1.0, beta=1.0, transB=1)
    return model(g, "torch-jit-export", [value("input0", ["batch_size", 3, 22, 30])],
                 [value("output0", ["batch_size", 10])], 11, 6, "pytorch", "1.8")


def torch_mobilenet_v3_opset13():
    """torchvision's MobileNetV3: h-swish as HardSigmoid and Mul, once written out as
    x * relu6(x + 3) / 6, h-sigmoid gates, x.view(x.size(0), -1) as shape arithmetic."""
    g = Graph()

    def hardswish(x):
        gate = g.add("HardSigmoid", [x], f"{x}_hard", alpha=1 / 6, beta=0.5)
        return g.add("Mul", [x, gate], f"{x}_hswish")

    def conv(x, prefix, outputs, inputs, kernel, stride=1, group=1):
        pads = [kernel // 2] * 4
        names = [x, g.weight(f"{prefix}.weight", outputs, inputs // group, kernel, kernel),
                 g.weight(f"{prefix}.bias", outputs)]
        return g.add("Conv", names, f"{prefix}_out", f"Conv_{prefix}",
                     kernel_shape=[kernel, kernel], strides=[stride, stride], pads=pads,
                     dilations=[1, 1], group=group)

    stem = hardswish(conv("input", "stem", 16, 3, 3, stride=2))
    deep = g.add("Relu", [conv(stem, "dw", 16, 16, 5, stride=2, group=16)], "dw_relu")
    pooled = g.add("GlobalAveragePool", [deep], "se_pooled")
    reduced = g.add("Relu", [conv(pooled, "fc1", 8, 16, 1)], "fc1_relu")
    gate = g.add("HardSigmoid", [conv(reduced, "fc2", 16, 8, 1)], "fc2_gate", alpha=1 / 6, beta=0.5)
    scaled = g.add("Mul", [gate, deep], "se_scaled", "Mul_se")
    wide = conv(scaled, "last", 24, 16, 1)
    three, six = g.const("three", np.float32(3)), g.const("six", np.float32(6))
    shifted = g.add("Add", [wide, three], "shifted")
    clipped = g.add("Clip", [shifted, g.const("zero", np.float32(0)), six], "clipped")
    product = g.add("Mul", [wide, clipped], "product")
    last = g.add("Div", [product, six], "last_hswish")
    features = g.add("GlobalAveragePool", [last], "features")
    shape = g.add("Shape", [features], "shape")
    batch = g.add("Gather", [shape, g.constant("first", np.array(0, np.int64))], "batch", axis=0)
    row = g.add("Unsqueeze", [batch, g.constant("axis0", np.array([0], np.int64))], "batch_row")
    rest = g.constant("rest", np.array([-1], np.int64))
    target = g.add("Concat", [row, rest], "target", axis=0)
    flat = g.add("Reshape", [features, target], "flat")
    hidden = g.add("Gemm", [flat, g.weight("head0.weight", 32, 24), g.weight("head0.bias", 32)],
                   "hidden", transB=1)
    active = hardswish(hidden)
    g.add("Gemm", [active, g.weight("head3.weight", 7, 32), g.weight("head3.bias", 7)], "output",
          transB=1)
    return model(g, "torch-jit-export", [value("input", ["batch", 3, 24, 40])],
                 [value("output", ["batch", 7])], 13, 7, "pytorch", "1.12")


def torch_branches_opset17():
    """PyTorch 2.0, names of modules: max pooling with ceil_mode, a grouped and a dilated branch
    joined by Concat, batch normalisation before the convolution (DenseNet), an average pool."""
    g = Graph()

    def conv(x, module, outputs, inputs, kernel, bias=True, **attributes):
        names = [x, g.weight(f"{module}.weight", outputs, inputs // attributes.get("group", 1),
                             *kernel)]
        if bias:
            names.append(g.weight(f"{module}.bias", outputs))
        path = "/" + module.replace(".", "/")
        return g.add("Conv", names, f"{path}/Conv_output_0", f"{path}/Conv",
                     kernel_shape=list(kernel), **attributes)

    stem = conv("x", "stem", 12, 3, (7, 7), strides=[2, 2], pads=[3, 3, 3, 3])
    relu = g.add("Relu", [stem], "/relu/Relu_output_0", "/relu/Relu")
    pool = g.add("MaxPool", [relu], "/pool/MaxPool_output_0", "/pool/MaxPool", ceil_mode=1,
                 kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 0, 0])
    grouped = conv(pool, "branch.0", 8, 12, (3, 1), pads=[1, 0, 1, 0], group=4)
    dilated = conv(pool, "branch.1", 6, 12, (3, 3), pads=[2, 2, 2, 2], dilations=[2, 2])
    joined = g.add("Concat", [pool, grouped, dilated], "/Concat_output_0", "/Concat", axis=1)
    normal = g.batch_norm(joined, "/norm/BatchNormalization_output_0", 26, "norm",
                          "/norm/BatchNormalization")
    active = g.add("Relu", [normal], "/relu_1/Relu_output_0", "/relu_1/Relu")
    thin = conv(active, "conv", 10, 26, (1, 1), bias=False)
    small = g.add("AveragePool", [thin], "/avg/AveragePool_output_0", "/avg/AveragePool",
                  kernel_shape=[2, 2], strides=[2, 2], ceil_mode=0, count_include_pad=1)
    both = g.add("Relu", [small], "/relu_2/Relu_output_0", "/relu_2/Relu")
    mean = g.add("ReduceMean", [both], "/ReduceMean_output_0", "/ReduceMean", axes=[-1, -2],
                 keepdims=1)
    flat = g.add("Flatten", [mean], "/Flatten_output_0", "/Flatten", axis=1)
    g.add("Gemm", [flat, g.weight("fc.weight", 4, 10), g.weight("fc.bias", 4)], "y", "/fc/Gemm",
          transB=1)
    return model(g, "main_graph", [value("x", [1, 3, 32, 30])], [value("y", [1, 4])], 17, 8,
                 "pytorch", "2.0.1")


def tf2onnx_keras_opset13():
    """Keras through tf2onnx: channels last outside and first inside, input scaled by constants,
    ZeroPadding2D, batch normalisation as Mul and Add of constants, GlobalAveragePooling2D as Mean
    over channels-last axes, Dense as MatMul and Add, Softmax."""
    g = Graph()
    path = "model/"
    scale = g.const("truediv/y", np.float32(127.5))
    one = g.const("sub/y", np.float32(1))
    x = g.add("Div", ["input_1", scale], path + "truediv:0", path + "truediv")
    x = g.add("Sub", [x, one], path + "sub:0", path + "sub")
    pads = g.const("zero_pad/pads", np.array([0, 0, 0, 0, 0, 1, 1, 0], np.int64))
    x = g.add("Pad", [x, pads], path + "zero_pad/Pad:0", path + "zero_pad/Pad")
    x = g.add("Transpose", [x], path + "Conv1/Conv2D__6:0", path + "Conv1/Conv2D__6",
              perm=[0, 3, 1, 2])
    x = g.add("Conv", [x, g.weight("Conv1/weights", 8, 3, 3, 3)], path + "Conv1/Conv2D:0",
              path + "Conv1/Conv2D", strides=[2, 2], kernel_shape=[3, 3], auto_pad="VALID",
              dilations=[1, 1], group=1)
    x = g.add("Mul", [x, g.weight("bn_Conv1/scale", 1, 8, 1, 1)], path + "bn_Conv1/mul:0",
              path + "bn_Conv1/mul")
    x = g.add("Add", [x, g.weight("bn_Conv1/shift", 1, 8, 1, 1)], path + "bn_Conv1/add:0",
              path + "bn_Conv1/add")
    low, high = g.const("Relu6/min", np.float32(0)), g.const("Relu6/max", np.float32(6))
    x = g.add("Clip", [x, low, high], path + "Conv1_relu/Relu6:0", path + "Conv1_relu/Relu6")
    # the kernel of a depthwise convolution, reshaped from TensorFlow's order in the graph
    kernel = g.add("Transpose", [g.weight("depthwise/kernel", 3, 3, 1, 8)], "depthwise/transposed",
                   perm=[3, 2, 0, 1])
    x = g.add("Conv", [x, kernel], path + "depthwise:0", path + "depthwise/depthwise",
              strides=[2, 2], kernel_shape=[3, 3], auto_pad="SAME_UPPER", group=8)
    x = g.batch_norm(x, path + "bn_dw:0", 8, "bn_dw", path + "bn_dw/FusedBatchNormV3")
    x = g.add("Clip", [x, low, high], path + "dw_relu/Relu6:0", path + "dw_relu/Relu6")
    x = g.add("Conv", [x, g.weight("project/weights", 14, 8, 1, 1), g.weight("project/bias", 14)],
              path + "project/BiasAdd:0", path + "project/BiasAdd", kernel_shape=[1, 1])
    x = g.add("Transpose", [x], path + "project/BiasAdd__20:0", path + "project/BiasAdd__20",
              perm=[0, 2, 3, 1])
    x = g.add("ReduceMean", [x], path + "gap/Mean:0", path + "gap/Mean", axes=[1, 2], keepdims=0)
    shape = g.const("reshape/shape", np.array([-1, 14], np.int64))
    x = g.add("Reshape", [x, shape], path + "reshape:0", path + "reshape/Reshape")
    x = g.add("MatMul", [x, g.weight("dense/kernel", 14, 6)], path + "dense/MatMul:0",
              path + "dense/MatMul")
    x = g.add("Add", [x, g.weight("dense/bias", 6)], path + "dense/BiasAdd:0",
              path + "dense/BiasAdd")
    g.add("Softmax", [x], "predictions", path + "predictions/Softmax", axis=-1)
    return model(g, "tf2onnx", [value("input_1", ["unk__40", 36, 28, 3])],
                 [value("predictions", ["unk__41", 6])], 13, 7, "tf2onnx", "1.14.0")


def tf2onnx_mobilenet_v3_opset9():
    """Keras' MobileNetV3 through an old tf2onnx: unequal pads as an attribute, h-swish and h-sigmoid
    from Clip with attributes and a factor, squeeze-and-excite on a mean that keeps its dimensions,
    pooling with a window of the whole map, Squeeze with an attribute."""
    g = Graph()
    three, sixth = g.const("add/y", np.float32(3)), g.const("mul/y", np.float32(1 / 6))

    def conv(x, path, outputs, inputs, kernel, pads, stride=1, group=1):
        weight = g.weight(path + "/weights", outputs, inputs // group, kernel, kernel)
        return g.add("Conv", [x, weight, g.weight(path + "/bias", outputs)], path + "/BiasAdd:0",
                     path + "/BiasAdd", kernel_shape=[kernel, kernel], strides=[stride, stride],
                     pads=pads, group=group, dilations=[1, 1])

    def hard_sigmoid(x, path):
        x = g.add("Add", [x, three], path + "/add:0", path + "/add")
        x = g.add("Clip", [x], path + "/Relu6:0", path + "/Relu6", min=0.0, max=6.0)
        return g.add("Mul", [x, sixth], path + "/mul:0", path + "/mul")

    def hard_swish(x, path):
        return g.add("Mul", [hard_sigmoid(x, path), x], path + "/mul_1:0", path + "/mul_1")

    x = g.add("Transpose", ["input_1:0"], "stem__5:0", "stem__5", perm=[0, 3, 1, 2])
    x = hard_swish(conv(x, "stem", 16, 3, 3, [0, 0, 1, 1], 2), "stem/act")
    x = conv(x, "dw", 16, 16, 5, [1, 1, 2, 2], 2, group=16)
    x = g.add("Relu", [x], "dw/Relu:0", "dw/Relu")
    gate = g.add("ReduceMean", [x], "se/Mean:0", "se/Mean", axes=[2, 3], keepdims=1)
    gate = conv(gate, "se/reduce", 8, 16, 1, [0, 0, 0, 0])
    gate = g.add("Relu", [gate], "se/Relu:0", "se/Relu")
    gate = hard_sigmoid(conv(gate, "se/expand", 16, 8, 1, [0, 0, 0, 0]), "se/gate")
    x = g.add("Mul", [gate, x], "se/Mul:0", "se/Mul")
    x = hard_swish(conv(x, "project", 20, 16, 1, [0, 0, 0, 0]), "project/act")
    x = g.add("AveragePool", [x], "pool:0", "pool", kernel_shape=[7, 5], pads=[0, 0, 0, 0],
              strides=[1, 1])
    x = g.add("Squeeze", [x], "squeeze:0", "squeeze", axes=[2, 3])
    x = g.add("MatMul", [x, g.weight("dense/kernel", 20, 6)], "dense/MatMul:0", "dense/MatMul")
    x = g.add("Add", [x, g.weight("dense/bias", 6)], "dense/BiasAdd:0", "dense/BiasAdd")
    g.add("Softmax", [x], "probabilities:0", "Softmax", axis=1)
    return model(g, "tf2onnx", [value("input_1:0", ["unk__1", 28, 20, 3])],
                 [value("probabilities:0", ["unk__2", 6])], 9, 4, "tf2onnx", "1.5.0")


def tf2onnx_efficientnet_opset11():
    """Keras' EfficientNet through tf2onnx: swish as Sigmoid and Mul, batch normalisation that is
    not folded, squeeze-and-excite whose mean is reshaped to a map of one position, SAME padding
    of both kinds, Dropout as Identity."""
    g = Graph()

    def conv(x, path, outputs, inputs, kernel, bias=False, **attributes):
        group = attributes.get("group", 1)
        weights = [g.weight(path + "/weights", outputs, inputs // group, kernel, kernel)]
        if bias:
            weights.append(g.weight(path + "/bias", outputs))
        return g.add("Conv", [x] + weights, path + ":0", path, kernel_shape=[kernel, kernel],
                     **attributes)

    def swish(x, path):
        gate = g.add("Sigmoid", [x], path + "/Sigmoid:0", path + "/Sigmoid")
        return g.add("Mul", [x, gate], path + "/mul:0", path + "/mul")

    x = g.add("Transpose", ["input_1"], "transposed", "stem__9", perm=[0, 3, 1, 2])
    x = conv(x, "stem_conv", 12, 3, 3, strides=[2, 2], auto_pad="SAME_UPPER")
    x = stem = swish(g.batch_norm(x, "stem_bn:0", 12, "stem_bn", "stem_bn"), "stem_swish")
    x = conv(x, "expand", 24, 12, 1, auto_pad="VALID")
    x = swish(g.batch_norm(x, "expand_bn:0", 24, "expand_bn", "expand_bn"), "expand_swish")
    x = conv(x, "dw", 24, 24, 4, group=24, auto_pad="SAME_LOWER")
    x = swish(g.batch_norm(x, "dw_bn:0", 24, "dw_bn", "dw_bn"), "dw_swish")
    gate = g.add("GlobalAveragePool", [x], "se_mean:0", "se_mean")
    gate = g.add("Squeeze", [gate], "se_squeeze:0", "se_squeeze", axes=[2, 3])
    shape = g.const("se_shape", np.array([-1, 24, 1, 1], np.int64))
    gate = g.add("Reshape", [gate, shape], "se_reshape:0", "se_reshape")
    gate = swish(conv(gate, "se_reduce", 3, 24, 1, True), "se_swish")
    gate = conv(gate, "se_expand", 24, 3, 1, True)
    gate = g.add("Sigmoid", [gate], "se_sigmoid:0", "se_sigmoid")
    x = g.add("Mul", [x, gate], "se_excite:0", "se_excite")
    x = g.batch_norm(conv(x, "project", 12, 24, 1), "project_bn:0", 12, "project_bn", "project_bn")
    x = g.add("Identity", [x], "drop:0", "drop")
    x = g.add("Add", [x, stem], "add:0", "add")
    x = g.add("Transpose", [x], "last", "last__30", perm=[0, 2, 3, 1])
    x = g.add("ReduceMean", [x], "avg_pool/Mean:0", "avg_pool/Mean", axes=[1, 2], keepdims=0)
    x = g.add("MatMul", [x, g.weight("dense/kernel", 12, 7)], "dense/MatMul:0", "dense/MatMul")
    g.add("Add", [x, g.weight("dense/bias", 7)], "scores", "dense/BiasAdd")
    return model(g, "tf2onnx", [value("input_1", ["unk__55", 26, 22, 3])],
                 [value("scores", ["unk__56", 7])], 11, 6, "tf2onnx", "1.8.4")


def timm_efficientnet_opset17():
    """timm through PyTorch 2.1: TensorFlow's padding as unequal pads after constant folding, SiLU as
    Sigmoid and Mul, squeeze-and-excite on a ReduceMean that keeps its dimensions, a fused block,
    HardSwish as an operator of its own, a symbolic batch that goes on through the graph."""
    g = Graph()

    def conv(x, path, outputs, inputs, kernel, pads, stride=1, group=1):
        weight = g.weight(path + ".weight", outputs, inputs // group, kernel, kernel)
        name = "/" + path.replace(".", "/") + "/Conv"
        return g.add("Conv", [x, weight, g.weight(path + ".bias", outputs)], name + "_output_0",
                     name, dilations=[1, 1], group=group, kernel_shape=[kernel, kernel], pads=pads,
                     strides=[stride, stride])

    def silu(x, path):
        gate = g.add("Sigmoid", [x], path + "/Sigmoid_output_0", path + "/Sigmoid")
        return g.add("Mul", [x, gate], path + "/Mul_output_0", path + "/Mul")

    x = silu(conv("x", "conv_stem", 8, 3, 3, [0, 0, 1, 1], 2), "/bn1/act")
    x = silu(conv(x, "blocks.0.conv_exp", 32, 8, 3, [0, 1, 1, 1], 2), "/blocks.0/act")
    x = inner = conv(x, "blocks.0.conv_pwl", 16, 32, 1, [0, 0, 0, 0])
    x = silu(conv(x, "blocks.1.conv_pw", 48, 16, 1, [0, 0, 0, 0]), "/blocks.1/act1")
    x = silu(conv(x, "blocks.1.conv_dw", 48, 48, 5, [2, 2, 2, 2], group=48), "/blocks.1/act2")
    gate = g.add("ReduceMean", [x], "/blocks.1/se/ReduceMean_output_0", "/blocks.1/se/ReduceMean",
                 axes=[2, 3], keepdims=1)
    gate = silu(conv(gate, "blocks.1.se.conv_reduce", 4, 48, 1, [0, 0, 0, 0]), "/blocks.1/se/act1")
    gate = conv(gate, "blocks.1.se.conv_expand", 48, 4, 1, [0, 0, 0, 0])
    gate = g.add("Sigmoid", [gate], "/blocks.1/se/gate_output_0", "/blocks.1/se/gate/Sigmoid")
    x = g.add("Mul", [x, gate], "/blocks.1/se/Mul_output_0", "/blocks.1/se/Mul")
    x = conv(x, "blocks.1.conv_pwl", 16, 48, 1, [0, 0, 0, 0])
    x = g.add("Add", [x, inner], "/blocks.1/Add_output_0", "/blocks.1/Add")
    x = conv(x, "conv_head", 40, 16, 1, [0, 0, 0, 0])
    x = g.add("HardSwish", [x], "/act2/HardSwish_output_0", "/act2/HardSwish")
    x = g.add("GlobalAveragePool", [x], "/pool_output_0", "/global_pool/pool/GlobalAveragePool")
    x = g.add("Flatten", [x], "/flatten_output_0", "/global_pool/flatten/Flatten", axis=1)
    g.add("Gemm", [x, g.weight("classifier.weight", 9, 40), g.weight("classifier.bias", 9)],
          "logits", "/classifier/Gemm", alpha=1.0, beta=1.0, transB=1)
    return model(g, "main_graph", [value("x", ["batch", 3, 30, 26])],
                 [value("logits", ["batch", 9])], 17, 8, "pytorch", "2.1.0")


def qdq_resnet_opset13():
    """ONNX Runtime's quantiser, QDQ format: every tensor goes through QuantizeLinear and
    DequantizeLinear, weights are int8 with a scale for each channel, biases int32."""
    g = Graph()
    g.const("s", np.float32(0.1))
    g.const("zu", np.uint8(0))

    def qdq(x):
        quantized = g.add("QuantizeLinear", [x, "s", "zu"], f"{x}_QuantizeLinear_Output",
                          f"{x}_QuantizeLinear")
        return g.add("DequantizeLinear", [quantized, "s", "zu"], f"{x}_DequantizeLinear_Output",
                     f"{x}_DequantizeLinear")

    def parameters(prefix, *dims):
        weight = g.weight(f"{prefix}.weight_quantized", *dims, dtype=np.int8)
        scales = g.const(f"{prefix}.weight_scale", np.ones(dims[0], np.float32))
        zeros = g.weight(f"{prefix}.weight_zero_point", dims[0], dtype=np.int8)
        real = g.add("DequantizeLinear", [weight, scales, zeros], f"{prefix}.weight_dequantized",
                     f"{prefix}.weight_DequantizeLinear", axis=0)
        bias = g.weight(f"{prefix}.bias_quantized", dims[0], dtype=np.int32)
        zero = g.weight(f"{prefix}.bias_zero_point", dims[0], dtype=np.int32)
        return [real, g.add("DequantizeLinear", [bias, scales, zero], f"{prefix}.bias",
                            f"{prefix}.bias_DequantizeLinear", axis=0)]

    def conv(x, prefix, outputs, inputs, kernel, stride=1):
        return g.add("Conv", [qdq(x)] + parameters(prefix, outputs, inputs, kernel, kernel),
                     f"{prefix}_out", prefix, kernel_shape=[kernel, kernel],
                     strides=[stride, stride], pads=[kernel // 2] * 4)

    stem = g.add("Relu", [conv("data", "conv1", 8, 3, 7, 2)], "relu1")
    pool = g.add("MaxPool", [qdq(stem)], "pool", "maxpool", kernel_shape=[3, 3], strides=[2, 2],
                 pads=[1, 1, 1, 1])
    first = g.add("Relu", [conv(pool, "layer1.conv1", 8, 8, 3)], "relu2")
    second = conv(first, "layer1.conv2", 8, 8, 3)
    shortcut = g.add("DequantizeLinear", ["pool_QuantizeLinear_Output", "s", "zu"], "pool_again")
    total = g.add("Add", [qdq(second), shortcut], "add", "layer1.add")
    active = g.add("Relu", [total], "relu3")
    mean = g.add("GlobalAveragePool", [qdq(active)], "mean", "avgpool")
    flat = g.add("Flatten", [qdq(mean)], "flat", axis=1)
    g.add("Gemm", [qdq(flat)] + parameters("fc", 9, 8), "logits", "fc", transB=1)
    qdq("logits")
    return model(g, "quantized", [value("data", ["N", 3, 32, 48])],
                 [value("logits_DequantizeLinear_Output", ["N", 9])], 13, 7, "onnx.quantize",
                 "0.1.0")


def qlinear_mobilenet_opset11():
    """ONNX Runtime's quantiser, operator format: QLinearConv, and operators of com.microsoft."""
    g = Graph()
    g.const("s", np.float32(0.1))
    g.const("z", np.uint8(128))
    g.const("sw", np.float32(0.1))
    g.const("zw", np.int8(0))
    microsoft = "com.microsoft"

    def conv(x, prefix, outputs, inputs, kernel, stride=1, group=1):
        weight = g.weight(f"{prefix}_W", outputs, inputs // group, kernel, kernel, dtype=np.int8)
        bias = g.weight(f"{prefix}_B", outputs, dtype=np.int32)
        return g.add("QLinearConv", [x, "s", "z", weight, "sw", "zw", "s", "z", bias],
                     f"{prefix}_quantized", f"{prefix}_quant", kernel_shape=[kernel, kernel],
                     strides=[stride, stride], pads=[kernel // 2] * 4, group=group)

    x = g.add("QuantizeLinear", ["image", "s", "z"], "image_quantized", "image_QuantizeLinear")
    stem = conv(x, "stem", 8, 1, 3, 2)
    deep = conv(stem, "dw", 8, 8, 3, group=8)
    thin = conv(deep, "pw", 8, 8, 1)
    total = g.add("QLinearAdd", [thin, "s", "z", stem, "s", "z", "s", "z"], "add_quantized", "add",
                  domain=microsoft)
    both = g.add("QLinearConcat", ["s", "z", total, "s", "z", stem, "s", "z"], "cat_quantized",
                 "cat", domain=microsoft, axis=1)
    mean = g.add("QLinearGlobalAveragePool", [both, "s", "z", "s", "z"], "mean_quantized", "mean",
                 domain=microsoft, channels_last=0)
    shape = g.const("shape", np.array([-1, 16], np.int64))
    flat = g.add("Reshape", [mean, shape], "flat_quantized", "reshape")
    weight = g.weight("fc_W", 16, 12, dtype=np.int8)
    hidden = g.add("QLinearMatMul", [flat, "s", "z", weight, "sw", "zw", "s", "z"],
                   "fc_quantized", "fc")
    last = g.weight("last_W", 3, 12, dtype=np.int8)
    bias = g.weight("last_B", 3, dtype=np.int32)
    scores = g.add("QGemm", [hidden, "s", "z", last, "sw", "zw", bias, "s", "z"],
                   "scores_quantized", "last", domain=microsoft, transB=1)
    g.add("DequantizeLinear", [scores, "s", "z"], "scores", "scores_DequantizeLinear")
    return model(g, "quantized", [value("image", ["batch", 1, 26, 18])],
                 [value("scores", ["batch", 3])], 11, 6, "onnx.quantize", "0.1.0", [microsoft])


def mlp_opset9():
    """A multilayer perceptron of MatMul with Add, and of Gemm with either order of the weight."""
    g = Graph()
    x = g.add("MatMul", ["x", g.weight("w1", 20, 33)], "h1", "fc1")
    x = g.add("Add", [x, g.weight("b1", 33)], "h1b", "fc1_bias")
    x = g.add("Relu", [x], "h1r")
    x = g.add("Gemm", [x, g.weight("w2", 33, 17), g.weight("b2", 17)], "h2", "fc2", transB=0)
    x = g.add("Sigmoid", [x], "h2s")
    g.add("Gemm", [x, g.weight("w3", 5, 17), g.weight("b3", 1, 5)], "y", "fc3", transB=1)
    return model(g, "mlp", [value("x", ["N", 20])], [value("y", ["N", 5])], 9, 4, "skl2onnx", "1.9")


def tokens_opset14():
    """Positions and channels (batch, tokens, features): MatMul with constants, a residual sum,
    h-swish as an operator of its own, the mean over tokens."""
    g = Graph()
    x = g.add("MatMul", ["tokens", g.weight("w1", 24, 40)], "t1", "up")
    x = g.add("Add", [x, g.weight("b1", 40)], "t1b", "up_bias")
    x = g.add("HardSwish", [x], "t1s", "act")
    x = g.add("MatMul", [x, g.weight("w2", 40, 24)], "t2", "down")
    x = g.add("Add", [x, "tokens"], "t3", "residual")
    x = g.add("ReduceMean", [x], "mean", "mean", axes=[1], keepdims=0)
    g.add("Gemm", [x, g.weight("w3", 24, 6), g.weight("b3", 6)], "y", "head")
    return model(g, "tokens", [value("tokens", [1, 15, 24])], [value("y", [1, 6])], 14, 7,
                 "pytorch", "1.13")


def external_opset18():
    """PyTorch 2.6: operator set 18 (axes of ReduceMean are an input) and everything, also the axes
    and the shape, in a file of external data beside the model."""
    g = Graph()
    x = g.add("Conv", ["x", g.weight("conv.weight", 6, 3, 3, 3), g.weight("conv.bias", 6)],
              "conv2d", "node_conv2d", strides=[1, 1], pads=[0, 0, 0, 0], dilations=[1, 1], group=1,
              auto_pad="NOTSET")
    x = g.add("Relu", [x], "relu", "node_relu")
    x = g.add("ReduceMean", [x, g.const("axes", np.array([-1, -2], np.int64))], "mean",
              "node_mean", keepdims=1, noop_with_empty_axes=0)
    x = g.add("Reshape", [x, g.const("shape", np.array([1, 6], np.int64))], "view", "node_view",
              allowzero=1)
    g.add("Gemm", [x, g.weight("fc.weight", 2, 6), g.weight("fc.bias", 2)], "y", "node_linear",
          transB=1)
    result = model(g, "main_graph", [value("x", [1, 3, 9, 7])], [value("y", [1, 2])], 18, 8,
                   "pytorch", "2.6.0")
    data, offset = b"", 0
    for tensor in result.graph.initializer:
        size = len(tensor.raw_data)
        data += tensor.raw_data
        set_external_data(tensor, "external_opset18.onnx.data", offset, size)
        tensor.ClearField("raw_data")
        offset += size
    return result, data


def main(arguments):
    folder = pathlib.Path(arguments[0] if arguments else __file__).resolve()
    folder = folder if arguments else folder.parent
    makers = [torch_mobilenet_opset9, timm_efficientnet_opset11, torch_mobilenet_v3_opset13,
              torch_branches_opset17, tf2onnx_keras_opset13, tf2onnx_mobilenet_v3_opset9,
              tf2onnx_efficientnet_opset11, timm_efficientnet_opset17, qdq_resnet_opset13,
              qlinear_mobilenet_opset11, mlp_opset9, tokens_opset14]
    for make in makers:
        proto = make()
        onnx.checker.check_model(proto, full_check=True)
        (folder / f"{make.__name__}.onnx").write_bytes(proto.SerializeToString())
    proto, data = external_opset18()  # newer than the checker of Debian 12
    (folder / "external_opset18.onnx").write_bytes(proto.SerializeToString())
    (folder / "external_opset18.onnx.data").write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
