#!/usr/bin/env python3
"""Writes the smallest ONNX files of each form that popular code and exporters write.

usage: write_onnx_cases.py [FOLDER]      FOLDER: where to (default: this script's)

Needs the onnx package (Debian: python3-onnx). All weights are zero, or not there: only shapes matter.
onnx_cases_test.cpp has the multiply-accumulates and parameters of each, worked out by hand.
"""

import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

N = helper.make_node
I64 = np.int64


def zeros(name, *shape, dtype=np.float32):
    return numpy_helper.from_array(np.zeros(shape, dtype), name)


def const(name, value, dtype=np.float32):
    return numpy_helper.from_array(np.array(value, dtype), name)


def graph(nodes, inits, out, x=(1, 3, 8, 8), opset=13, ir=7, listed=False, domains=(), kind=1):
    """`listed`: initialisers are inputs, too. `out`: sizes of y, or of several outputs by name."""
    inputs = [helper.make_tensor_value_info("x", 1, list(x))]
    if listed:
        inputs += [helper.make_tensor_value_info(t.name, t.data_type, list(t.dims)) for t in inits]
    outputs = out if isinstance(out, dict) else {"y": out}
    outputs = [helper.make_tensor_value_info(n, kind, list(s)) for n, s in outputs.items()]
    imports = [helper.make_opsetid("", opset)] + [helper.make_opsetid(d, 1) for d in domains]
    model = helper.make_model(helper.make_graph(nodes, "g", inputs, outputs, list(inits)),
                              opset_imports=imports)
    model.ir_version = ir
    return model


def conv(src, weight, dst, pad=1, **attributes):
    return N("Conv", [src, weight], [dst], pads=[pad] * 4, **attributes)


STEM = [conv("x", "w", "t")]  # 3 to 4 channels, 3 x 3
W = zeros("w", 4, 3, 3, 3)
FC = [zeros("fw", 10, 256), zeros("fb", 10)]  # of the whole map
FC4 = [zeros("fw", 10, 4), zeros("fb", 10)]   # of one position


def dense(src, dst="y"):
    return [N("Gemm", [src, "fw", "fb"], [dst], transB=1)]


def to_map(nodes, *inits, **options):
    """The stem, `nodes` from t to y, and a map of the same size."""
    return graph(STEM + nodes, [W, *inits], (1, 4, 8, 8), **options)


def ir3():
    """Caffe2, CNTK and PyTorch before 1.3."""
    return graph([conv("x", "w", "y")], [W], (1, 4, 8, 8), opset=8, ir=3, listed=True)


def two_means(keep):
    nodes = STEM + [N("ReduceMean", ["t"], ["m"], axes=[3], keepdims=keep),
                    N("ReduceMean", ["m"], ["p"], axes=[2], keepdims=keep),
                    N("Flatten", ["p"], ["f"])]
    return graph(nodes + dense("f"), [W] + FC4, (1, 10))


def sum_pool():
    nodes = STEM + [N("ReduceSum", ["t", "axes"], ["m"], keepdims=0), N("Div", ["m", "n"], ["p"])]
    return graph(nodes + dense("p"), [W, const("axes", [2, 3], I64), const("n", 64.0)] + FC4, (1, 10))


def once_for_all():
    """h-swish, squeeze-and-excite and pool as the pytorch_modules.py of once-for-all gives them."""
    def number(name, value):
        return N("Constant", [], [name], value=const(name, value))
    nodes = [N("Conv", ["x", "w"], ["t"]), number("c3", 3.0), N("Add", ["t", "c3"], ["a"]),
             N("Clip", ["a"], ["b"], min=0.0, max=6.0), N("Mul", ["t", "b"], ["c"]),
             number("c6", 6.0), N("Div", ["c", "c6"], ["d"]),
             N("ReduceMean", ["d"], ["m1"], axes=[3]), N("ReduceMean", ["m1"], ["m2"], axes=[2]),
             N("Conv", ["m2", "sw", "sb"], ["s1"]), N("Relu", ["s1"], ["s2"]),
             N("Conv", ["s2", "ew", "eb"], ["s3"]), number("k3", 3.0),
             N("Add", ["s3", "k3"], ["s4"]), N("Clip", ["s4"], ["s5"], min=0.0, max=6.0),
             number("k6", 6.0), N("Div", ["s5", "k6"], ["s6"]), N("Mul", ["d", "s6"], ["e"]),
             N("Conv", ["e", "pw"], ["f"]), N("ReduceMean", ["f"], ["g1"], axes=[3]),
             N("ReduceMean", ["g1"], ["g2"], axes=[2]), N("Reshape", ["g2", "rs"], ["r"])]
    inits = [zeros("w", 4, 3, 1, 1), zeros("sw", 2, 4, 1, 1), zeros("sb", 2), zeros("ew", 4, 2, 1, 1),
             zeros("eb", 4), zeros("pw", 16, 4, 1, 1), const("rs", [1, -1], I64),
             zeros("fw", 10, 16), zeros("fb", 10)]
    return graph(nodes + dense("r"), inits, (1, 10), opset=9, ir=4)


def relu6_as_max_and_min():
    return to_map([N("Max", ["t", "lo"], ["m"]), N("Min", ["m", "hi"], ["y"])], const("lo", 0.0),
                  const("hi", 6.0))


def flatten_from_the_end():
    return graph([N("Flatten", ["x"], ["f"], axis=-1), N("MatMul", ["f", "fw"], ["y"])],
                 [zeros("fw", 4, 10)], (1, 10), x=(1, 4))


def gemm_turned():
    """y = (x')' w' by transA and transB."""
    nodes = [N("Transpose", ["x"], ["t"], perm=[1, 0]), N("Gemm", ["t", "fw"], ["y"], transA=1, transB=1)]
    return graph(nodes, [zeros("fw", 10, 4)], (1, 10), x=(1, 4))


def matmul_constant_first():
    """A 1x1 convolution as W x of channels and positions."""
    nodes = STEM + [N("Reshape", ["t", "flat"], ["a"]), N("MatMul", ["v", "a"], ["b"]),
                    N("Reshape", ["b", "map"], ["y"])]
    return graph(nodes, [W, zeros("v", 6, 4), const("flat", [1, 4, 64], I64),
                         const("map", [1, 6, 8, 8], I64)], (1, 6, 8, 8))


def slice_of_all():
    return to_map([N("Slice", ["t", "st", "en", "ax"], ["y"])], const("st", [0], I64),
                  const("en", [4], I64), const("ax", [1], I64))


def slice_to_the_end():
    """t[:, 2:], whose end PyTorch writes as the largest integer there is."""
    nodes = STEM + [N("Slice", ["t", "st", "en", "ax"], ["a"]), conv("a", "v", "y")]
    return graph(nodes, [W, zeros("v", 2, 2, 3, 3), const("st", [2], I64), const("en", [2**63 - 1], I64),
                         const("ax", [1], I64)], (1, 2, 8, 8))


def split_and_concat():
    """Two halves, one through a convolution, joined: a block of ShuffleNet V2 before its shuffle."""
    nodes = STEM + [N("Split", ["t"], ["a", "b"], axis=1), conv("b", "v", "c"),
                    N("Concat", ["a", "c"], ["y"], axis=1)]
    return graph(nodes, [W, zeros("v", 2, 2, 3, 3)], (1, 4, 8, 8))


def channel_shuffle():
    nodes = STEM + [N("Reshape", ["t", "cut"], ["a"]), N("Transpose", ["a"], ["b"], perm=[0, 2, 1, 3, 4]),
                    N("Reshape", ["b", "map"], ["c"]), conv("c", "v", "y", group=2)]
    return graph(nodes, [W, zeros("v", 4, 2, 3, 3), const("cut", [0, 2, 2, 8, 8], I64),
                         const("map", [0, -1, 8, 8], I64)], (1, 4, 8, 8))


def gather_heads():
    """Two outputs, each one number of a fully connected layer."""
    nodes = STEM + [N("Flatten", ["t"], ["f"]), N("MatMul", ["f", "fw"], ["m"]),
                    N("Gather", ["m", "i0"], ["y0"], axis=1), N("Gather", ["m", "i1"], ["s"], axis=1),
                    N("Sigmoid", ["s"], ["y1"])]
    return graph(nodes, [W, zeros("fw", 256, 2), const("i0", 0, I64), const("i1", 1, I64)],
                 {"y0": (1,), "y1": (1,)}, opset=9, ir=4)


def stripped():
    weights = TensorProto(name="w", data_type=1)
    weights.dims.extend([4, 3, 3, 3])
    return graph([conv("x", "w", "y")], [weights], (1, 4, 8, 8))


def integer_requantised():
    """NEMO: scale and shift a channel, division, floor and the range of eight bits."""
    nodes = [N("Mul", ["t", "k"], ["a"]), N("Add", ["a", "l"], ["b"]), N("Div", ["b", "d"], ["c"]),
             N("Floor", ["c"], ["e"]), N("Clip", ["e"], ["y"], min=0.0, max=255.0)]
    return to_map(nodes, const("k", np.ones((1, 4, 1, 1))), zeros("l", 1, 4, 1, 1), const("d", 1024.0),
                  opset=10, ir=4)


def requant_shift():
    """Deeploy: the same as one operator outside the standard."""
    shift = N("RequantShift", ["t", "mul", "add"], ["y"], div=const("", 256.0),
              n_levels_out=const("", [256.0]), signed=const("", [0.0]))
    return to_map([shift], zeros("mul", 4, 1, 1), zeros("add", 4, 1, 1), opset=10, ir=5)


def brevitas():
    quant = [N("Quant", [name, "s", "z", "b"], [out], domain="qonnx.custom_op.general", signed=1, narrow=0,
               rounding_mode="ROUND") for name, out in (("x", "xq"), ("w", "wq"))]
    nodes = quant + [conv("xq", "wq", "t"), N("Relu", ["t"], ["y"])]
    return graph(nodes, [W, const("s", 0.125), const("z", 0.0), const("b", 4.0)], (1, 4, 8, 8), opset=11,
                 domains=["qonnx.custom_op.general"])


def channels_last():
    """QONNX: the whole network with channels last."""
    domain = "qonnx.custom_op.channels_last"
    nodes = [N("Conv", ["x", "w"], ["t"], pads=[1] * 4, kernel_shape=[3, 3], domain=domain),
             N("LeakyRelu", ["t"], ["r"], alpha=0.1),
             N("MaxPool", ["r"], ["y"], kernel_shape=[2, 2], strides=[2, 2], domain=domain)]
    return graph(nodes, [zeros("w", 4, 3, 3, 3)], (1, 4, 4, 4), x=(1, 8, 8, 3), opset=11, domains=[domain])


def dynamic_quantisation():
    """ONNX Runtime's quantize_dynamic."""
    nodes = [N("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]),
             N("ConvInteger", ["q", "w8", "z", "wz"], ["i"], pads=[1] * 4),
             N("Cast", ["i"], ["f"], to=1), N("Mul", ["s", "ws"], ["k"]), N("Mul", ["f", "k"], ["g"]),
             N("Add", ["g", "bias"], ["y"])]
    return graph(nodes, [zeros("w8", 4, 3, 3, 3, dtype=np.int8), const("wz", 0, np.int8),
                         const("ws", 0.5), zeros("bias", 1, 4, 1, 1)], (1, 4, 8, 8), opset=11)


def int8_conv():
    model = graph([conv("x", "w", "y")], [zeros("w", 4, 3, 3, 3, dtype=np.int8)], (1, 4, 8, 8))
    for value in list(model.graph.input) + list(model.graph.output):
        value.type.tensor_type.elem_type = TensorProto.INT8
    return model


def fused_conv():
    node = N("FusedConv", ["x", "w"], ["y"], pads=[1] * 4, kernel_shape=[3, 3], activation="Relu",
             domain="com.microsoft")
    return graph([node], [W], (1, 4, 8, 8), domains=["com.microsoft"])


def if_constant():
    value = helper.make_tensor_value_info
    yes = helper.make_graph([N("Flatten", ["t"], ["q"])], "a", [], [value("q", 1, [1, 256])])
    no = helper.make_graph([N("Identity", ["t"], ["q2"])], "b", [], [value("q2", 1, None)])
    nodes = STEM + [N("If", ["cond"], ["r"], then_branch=yes, else_branch=no)]
    return graph(nodes + dense("r"), [W, const("cond", True, np.bool_)] + FC, (1, 10))


def if_of_a_shape():
    """PyTorch's squeeze of a dimension that may or may not be 1."""
    value = helper.make_tensor_value_info
    yes = helper.make_graph([N("Squeeze", ["p", "ax"], ["q"])], "a", [], [value("q", 1, None)])
    no = helper.make_graph([N("Identity", ["p"], ["q2"])], "b", [], [value("q2", 1, None)])
    nodes = STEM + [N("GlobalAveragePool", ["t"], ["p"]), N("Shape", ["p"], ["s"]),
                    N("Gather", ["s", "two"], ["d"]), N("Equal", ["d", "one"], ["cond"]),
                    N("If", ["cond"], ["r"], then_branch=yes, else_branch=no)]
    return graph(nodes + dense("r"), [W, const("two", 2, I64), const("one", 1, I64),
                                      const("ax", [2, 3], I64)] + FC4, (1, 10))


def opset6():
    """Operands aligned by an attribute, sizes as attributes, Dropout with a mask."""
    nodes = [N("Conv", ["x", "w"], ["t"], pads=[1] * 4), N("Add", ["t", "b"], ["s"], broadcast=1, axis=1),
             N("BatchNormalization", ["s", "g", "g", "g", "g"], ["n"], is_test=1), N("Relu", ["n"], ["r"]),
             N("Dropout", ["r"], ["d", "mask"], is_test=1), N("Flatten", ["d"], ["f"]),
             N("Gemm", ["f", "fw", "fb"], ["y"], transB=1, broadcast=1)]
    return graph(nodes, [W, zeros("b", 4), zeros("g", 4)] + FC, (1, 10), opset=6, ir=3, listed=True)


def softmax_and_argmax():
    nodes = STEM + [N("Flatten", ["t"], ["f"])] + dense("f", "l") + [
        N("Softmax", ["l"], ["p"], axis=1), N("ArgMax", ["p"], ["y1"], axis=1, keepdims=0)]
    model = graph(nodes, [W] + FC, {"p": (1, 10), "y1": (1,)})
    model.graph.output[1].type.tensor_type.elem_type = TensorProto.INT64
    return model


def shared_weights():
    nodes = [conv("x", "w", "t"), N("Relu", ["t"], ["r"]), conv("r", "w", "y")]
    return graph(nodes, [zeros("w", 4, 4, 3, 3)], (1, 4, 8, 8), x=(1, 4, 8, 8))


def shape_arithmetic(nodes, *constants, opset=13):
    reshape = [N("Reshape", ["t", "s"], ["r"])] + dense("r")
    return graph(STEM + [N("Shape", ["t"], ["sh"])] + nodes + reshape,
                 [W] + FC + [const(name, value, I64) for name, value in constants], (1, 10), opset=opset)


def shape_by_product():
    nodes = [N("Slice", ["sh", "a", "b"], ["q"]), N("ReduceProd", ["q"], ["p"], axes=[0], keepdims=1),
             N("Concat", ["m1", "p"], ["s"], axis=0)]
    return shape_arithmetic(nodes, ("a", [1]), ("b", [4]), ("m1", [-1]), opset=12)


def shape_by_split():
    nodes = [N("Split", ["sh", "sp"], ["b0", "rest"], axis=0), N("Concat", ["b0", "m1"], ["s"], axis=0)]
    return shape_arithmetic(nodes, ("sp", [1, 3]), ("m1", [-1]))


def shape_by_choice():
    """Where, Equal, Range, Expand and ScatterND around the sizes [1, -1]."""
    nodes = [N("Range", ["i0", "i2", "i1"], ["r01"]), N("Equal", ["r01", "i0"], ["first"]),
             N("Expand", ["m1", "two"], ["all"]), N("Where", ["first", "ones", "all"], ["mixed"]),
             N("ScatterND", ["mixed", "at", "back"], ["s"])]
    return shape_arithmetic(nodes, ("i0", 0), ("i1", 1), ("i2", 2), ("m1", [-1]), ("two", [2]),
                            ("ones", [1, 1]), ("at", [[1]]), ("back", [-1]))


def add_to_each_position():
    nodes = [N("Conv", ["x", "w"], ["t"]), N("GlobalAveragePool", ["x"], ["g"]),
             N("Conv", ["g", "v"], ["q"]), N("Add", ["t", "q"], ["y"])]
    return graph(nodes, [zeros("w", 4, 3, 1, 1), zeros("v", 4, 3, 1, 1)], (1, 4, 8, 8))


def gate_of_positions():
    """Spatial attention: one number a position for all channels."""
    nodes = STEM + [conv("t", "v", "s"), N("Sigmoid", ["s"], ["a"]), N("Mul", ["t", "a"], ["y"])]
    return graph(nodes, [W, zeros("v", 1, 4, 3, 3)], (1, 4, 8, 8))


def difference():
    nodes = STEM + [conv("x", "v", "u"), N("Sub", ["t", "u"], ["d"]), N("Max", ["d", "t"], ["y"])]
    return graph(nodes, [W, zeros("v", 4, 3, 3, 3)], (1, 4, 8, 8))


def argmax_at_the_end():
    nodes = STEM + [N("Flatten", ["t"], ["f"])] + dense("f", "l") + [N("ArgMax", ["l"], ["y"], axis=1)]
    return graph(nodes, [W] + FC, (1, 1), kind=TensorProto.INT64)


def line():
    """One-dimensional convolutions of PyTorch: batch, channels, length."""
    nodes = [N("Conv", ["x", "w"], ["t"], pads=[1, 1], strides=[2]), N("Relu", ["t"], ["r"]),
             N("MaxPool", ["r"], ["m"], kernel_shape=[2], strides=[2]),
             N("GlobalAveragePool", ["m"], ["g"]), N("Flatten", ["g"], ["f"])]
    return graph(nodes + dense("f"), [zeros("w", 4, 3, 3)] + FC4, (1, 10), x=(1, 3, 16))


def line_of_keras():
    nodes = [N("Transpose", ["x"], ["a"], perm=[0, 2, 1]), N("Conv", ["a", "w"], ["t"], pads=[1, 1]),
             N("Transpose", ["t"], ["b"], perm=[0, 2, 1]), N("Flatten", ["b"], ["f"]),
             N("MatMul", ["f", "v"], ["y"])]
    return graph(nodes, [zeros("w", 4, 3, 3), zeros("v", 64, 10)], (1, 10), x=(1, 16, 3), opset=9, ir=3,
                 listed=True)


def layer_norm():
    """Of channels last, as in transformers and ConvNeXt."""
    nodes = STEM + [N("Transpose", ["t"], ["a"], perm=[0, 2, 3, 1]),
                    N("LayerNormalization", ["a", "g", "b"], ["n"], axis=-1),
                    N("Transpose", ["n"], ["y"], perm=[0, 3, 1, 2])]
    return graph(nodes, [W, zeros("g", 4), zeros("b", 4)], (1, 4, 8, 8), opset=17, ir=8)


def layer_norm_in_nodes():
    """As PyTorch writes it before operator set 17."""
    nodes = STEM + [N("Transpose", ["t"], ["a"], perm=[0, 2, 3, 1]),
                    N("ReduceMean", ["a"], ["m"], axes=[-1]), N("Sub", ["a", "m"], ["d"]),
                    N("Pow", ["d", "two"], ["s"]), N("ReduceMean", ["s"], ["v"], axes=[-1]),
                    N("Add", ["v", "eps"], ["e"]), N("Sqrt", ["e"], ["r"]), N("Div", ["d", "r"], ["q"]),
                    N("Mul", ["q", "g"], ["z"]), N("Add", ["z", "b"], ["n"]),
                    N("Transpose", ["n"], ["y"], perm=[0, 3, 1, 2])]
    return graph(nodes, [W, const("two", 2.0), const("eps", 1e-6), zeros("g", 4), zeros("b", 4)],
                 (1, 4, 8, 8))


def instance_norm():
    return to_map([N("InstanceNormalization", ["t", "g", "b"], ["y"])], zeros("g", 4), zeros("b", 4))


def group_norm():
    """Of two groups, as PyTorch writes it."""
    nodes = [N("Reshape", ["t", "cut"], ["a"]), N("InstanceNormalization", ["a", "one", "none"], ["n"]),
             N("Shape", ["t"], ["sh"]), N("Reshape", ["n", "sh"], ["r"]), N("Mul", ["r", "g"], ["z"]),
             N("Add", ["z", "b"], ["y"])]
    return to_map(nodes, const("cut", [0, 2, -1], I64), const("one", [1.0, 1.0]),
                  const("none", [0.0, 0.0]), zeros("g", 4, 1, 1), zeros("b", 4, 1, 1))


def softmax_inside():
    nodes = STEM + [N("Softmax", ["t"], ["s"], axis=1), conv("s", "v", "y")]
    return graph(nodes, [W, zeros("v", 2, 4, 3, 3)], (1, 2, 8, 8))


def response_norm():
    return to_map([N("LRN", ["t"], ["y"], size=3)])


def length_norm():
    return to_map([N("LpNormalization", ["t"], ["y"], axis=1, p=2)])


def mean_of_channels():
    nodes = STEM + [N("ReduceMean", ["t"], ["y"], axes=[1])]
    return graph(nodes, [W], (1, 1, 8, 8))


def quotient():
    return to_map([conv("x", "v", "u"), N("Div", ["t", "u"], ["y"])], zeros("v", 4, 3, 3, 3))


def transposed():
    """A kernel of 3 with stride 2: phases of 1 and 2 taps along each axis."""
    nodes = STEM + [N("ConvTranspose", ["t", "v", "b"], ["y"], strides=[2, 2], pads=[1] * 4,
                      output_padding=[1, 1])]
    return graph(nodes, [W, zeros("v", 4, 2, 3, 3), zeros("b", 2)], (1, 2, 16, 16))


def transposed_aligned():
    """A kernel as large as the stride, normalised and rectified, as in U-Net."""
    nodes = STEM + [N("ConvTranspose", ["t", "v"], ["u"], strides=[2, 2]),
                    N("BatchNormalization", ["u", "g", "g", "g", "g"], ["n"]), N("Relu", ["n"], ["y"])]
    return graph(nodes, [W, zeros("v", 4, 2, 2, 2), zeros("g", 2)], (1, 2, 16, 16))


def transposed_depthwise():
    nodes = STEM + [N("ConvTranspose", ["t", "v"], ["y"], strides=[2, 2], pads=[1] * 4, group=4)]
    return graph(nodes, [W, zeros("v", 4, 1, 4, 4)], (1, 4, 16, 16))


def transposed_wide():
    """A kernel of 8 with stride 4, of which three phases read alike, cut at the end."""
    nodes = STEM + [N("ConvTranspose", ["t", "v"], ["y"], strides=[4, 4], pads=[1, 1, 4, 4])]
    return graph(nodes, [W, zeros("v", 4, 2, 8, 8)], (1, 2, 31, 31))


def transposed_by_five():
    """Ten convolutions, more than are joined at once."""
    nodes = STEM + [N("ConvTranspose", ["t", "v"], ["y"], strides=[5, 5], pads=[2, 2, 3, 3])]
    return graph(nodes, [W, zeros("v", 4, 1, 10, 10)], (1, 1, 40, 40))


def transposed_in_place():
    return to_map([N("ConvTranspose", ["t", "v"], ["y"], pads=[1] * 4)], zeros("v", 4, 4, 3, 3))


def transposed_line():
    nodes = [N("ConvTranspose", ["x", "w"], ["y"], strides=[2], pads=[1, 1])]
    return graph(nodes, [zeros("w", 3, 2, 4)], (1, 2, 32), x=(1, 3, 16))


def depth_to_space():
    return graph(STEM + [N("DepthToSpace", ["t"], ["y"], blocksize=2)], [W], (1, 1, 16, 16))


def pixel_shuffle():
    nodes = [conv("x", "v", "t"), N("DepthToSpace", ["t"], ["y"], blocksize=2, mode="CRD")]
    return graph(nodes, [zeros("v", 8, 3, 3, 3)], (1, 2, 16, 16))


def space_to_depth():
    return graph(STEM + [N("SpaceToDepth", ["t"], ["y"], blocksize=2)], [W], (1, 16, 4, 4))


def resized_linear():
    nodes = STEM + [N("Resize", ["t", "", "scales"], ["y"], mode="linear")]
    return graph(nodes, [W, const("scales", [1.0, 1.0, 2.0, 2.0])], (1, 4, 16, 16))


def two_inputs():
    model = graph(STEM + [conv("z", "v", "u"), N("Add", ["t", "u"], ["y"])],
                  [W, zeros("v", 4, 2, 3, 3)], (1, 4, 8, 8))
    model.graph.input.append(helper.make_tensor_value_info("z", 1, [1, 2, 8, 8]))
    return model


def thresholds(rows):
    """QONNX: how many thresholds a number reaches."""
    nodes = [N("MultiThreshold", ["t", "th"], ["y"], domain="qonnx.custom_op.general")]
    return to_map(nodes, zeros("th", rows, 15), domains=["qonnx.custom_op.general"])


def batch():
    """A fixed batch of eight, which a Reshape names."""
    nodes = STEM + [N("Reshape", ["t", "rs"], ["r"])] + dense("r")
    return graph(nodes, [W, const("rs", [8, 256], I64)] + FC, (8, 10), x=(8, 3, 8, 8))


def heads():
    """Two heads and the map that they read."""
    nodes = STEM + [N("Relu", ["t"], ["m"]), conv("m", "a", "y0"), conv("m", "b", "y1")]
    return graph(nodes, [W, zeros("a", 2, 4, 3, 3), zeros("b", 5, 4, 3, 3)],
                 {"y0": (1, 2, 8, 8), "y1": (1, 5, 8, 8), "m": (1, 4, 8, 8)})


def upsampled():
    nodes = STEM + [N("Resize", ["t", "roi", "sc"], ["u"], mode="nearest", nearest_mode="floor",
                      coordinate_transformation_mode="asymmetric"), conv("u", "v", "y")]
    return graph(nodes, [W, const("roi", []), const("sc", [1, 1, 2, 2]), zeros("v", 2, 4, 3, 3)], (1, 2, 16, 16), opset=11)


def gelu():
    nodes = [N("Div", ["t", "r2"], ["a"]), N("Erf", ["a"], ["b"]), N("Add", ["b", "one"], ["c"]),
             N("Mul", ["t", "c"], ["d"]), N("Mul", ["d", "half"], ["y"])]
    return to_map(nodes, const("r2", 1.4142135), const("one", 1.0), const("half", 0.5))


def leaky_as_maximum():
    return to_map([N("Mul", ["t", "k"], ["a"]), N("Max", ["t", "a"], ["y"])], const("k", 0.1))


def prelu():
    return to_map([N("PRelu", ["t", "k"], ["y"])], zeros("k", 4, 1, 1))


def hard_tanh():
    return to_map([N("Clip", ["t", "lo", "hi"], ["y"])], const("lo", -1.0), const("hi", 1.0))


CASES = {
    "ir3": ir3, "two_means_kept": lambda: two_means(1), "two_means_dropped": lambda: two_means(0),
    "sum_pool": sum_pool, "once_for_all": once_for_all, "relu6_as_max_and_min": relu6_as_max_and_min,
    "clip_of_nothing": lambda: to_map([N("Clip", ["t"], ["y"])]),
    "flatten_from_the_end": flatten_from_the_end, "gemm_turned": gemm_turned,
    "matmul_constant_first": matmul_constant_first, "slice_of_all": slice_of_all,
    "slice_to_the_end": slice_to_the_end,
    "split_and_concat": split_and_concat, "channel_shuffle": channel_shuffle,
    "gather_heads": gather_heads, "stripped": stripped, "integer_requantised": integer_requantised,
    "requant_shift": requant_shift, "brevitas": brevitas, "channels_last": channels_last,
    "dynamic_quantisation": dynamic_quantisation, "int8_conv": int8_conv, "fused_conv": fused_conv,
    "if_constant": if_constant, "if_of_a_shape": if_of_a_shape, "shared_weights": shared_weights,
    "shape_by_product": shape_by_product, "shape_by_split": shape_by_split,
    "shape_by_choice": shape_by_choice, "add_to_each_position": add_to_each_position,
    "gate_of_positions": gate_of_positions, "difference": difference,
    "argmax_at_the_end": argmax_at_the_end, "line": line, "line_of_keras": line_of_keras,
    "opset6": opset6, "softmax_and_argmax": softmax_and_argmax, "batch": batch, "heads": heads,
    "layer_norm": layer_norm, "layer_norm_in_nodes": layer_norm_in_nodes, "instance_norm": instance_norm,
    "group_norm": group_norm, "softmax_inside": softmax_inside, "response_norm": response_norm,
    "length_norm": length_norm, "mean_of_channels": mean_of_channels, "quotient": quotient,
    "transposed": transposed, "transposed_aligned": transposed_aligned,
    "transposed_depthwise": transposed_depthwise, "transposed_wide": transposed_wide,
    "transposed_by_five": transposed_by_five, "transposed_in_place": transposed_in_place, "transposed_line": transposed_line,
    "depth_to_space": depth_to_space, "pixel_shuffle": pixel_shuffle, "space_to_depth": space_to_depth,
    "resized_linear": resized_linear, "two_inputs": two_inputs,
    "thresholds_of_each": lambda: thresholds(4), "thresholds_of_all": lambda: thresholds(1),
    "upsampled": upsampled, "gelu": gelu,
    "leaky_as_maximum": leaky_as_maximum, "prelu": prelu, "hard_tanh": hard_tanh,
}


def main(arguments):
    folder = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parent
    for name, make in CASES.items():
        onnx.save(make(), str(folder / f"{name}.onnx"))


if __name__ == "__main__":
    main(sys.argv[1:])
