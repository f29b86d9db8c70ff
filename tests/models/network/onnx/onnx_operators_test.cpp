// One node at a time: what becomes of it, and what is refused with which words. And docs/onnx.md,
// whose table is the program's.

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/atomic_file.h"
#include "models/network/onnx/import_graph.h"
#include "models/network/onnx/onnx.h"
#include "models/network/onnx/onnx_operators.h"
#include "models/network/onnx/onnx_writer.h"
#include "tests/models/network/onnx/onnx_values.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

using test::integer;
using test::integers;
using test::ints;
using test::number;
using testing::HasSubstr;

OnnxNode node(const std::string& op, std::vector<std::string> inputs, const std::string& output,
              std::vector<OnnxAttribute> attributes = {}, const std::string& domain = "") {
  OnnxNode node;
  node.op = op;
  node.domain = domain;
  node.name = "the_" + output;
  node.inputs = std::move(inputs);
  node.outputs = {output};
  node.attributes = std::move(attributes);
  return node;
}

OnnxTensor weight(OnnxDims dims) {
  return {std::move(dims), kOnnxFloat, {}, {}};
}
OnnxAttribute text(const std::string& name, const std::string& value) {
  return {name, value};
}

/// A graph from input "x" to output "y". All have the constants "w" [4, 6, 3, 3] and "c" [6].
OnnxGraph graph_of(std::vector<OnnxNode> nodes, const OnnxDims& input = {1, 6, 11, 9},
                   std::map<std::string, OnnxTensor> constants = {}) {
  OnnxGraph graph;
  graph.opsets[""] = 13;
  graph.inputs = {{"x", kOnnxFloat, input}};
  graph.outputs = {{"y", kOnnxFloat, {}}};
  graph.constants = std::move(constants);
  graph.constants.emplace("w", weight({4, 6, 3, 3}));
  graph.constants.emplace("c", weight({6}));
  graph.nodes = std::move(nodes);
  return graph;
}

OnnxGraph of_opset(int opset, OnnxGraph graph) {
  graph.opsets[""] = opset;
  return graph;
}

std::string in_words(const Layer& layer) {
  std::string words = fmt::format("{} {}x{}x{}>{}x{}x{}", to_string(layer.op), layer.input.height,
                                  layer.input.width, layer.input.channels, layer.output.height,
                                  layer.output.width, layer.output.channels);
  if (layer.kernel_h * layer.kernel_w > 1) {
    words += fmt::format(" k{}x{} s{}x{} p{},{},{},{}", layer.kernel_h, layer.kernel_w,
                         layer.stride_h, layer.stride_w, layer.pad_top, layer.pad_left,
                         layer.pad_bottom, layer.pad_right);
  }
  if (layer.dilation_h * layer.dilation_w > 1) {
    words += fmt::format(" d{}x{}", layer.dilation_h, layer.dilation_w);
  }
  if (layer.groups > 1) words += fmt::format(" g{}", layer.groups);
  if (layer.activation != Activation::kNone) words += " " + to_string(layer.activation);
  if (layer.has_bias) words += " bias";
  if (layer.has_batch_norm) words += " bn";
  return words;
}

std::string in_words(const OnnxGraph& graph) {
  const ImportedGraph imported = import_graph(graph, "net");
  // the ONNX library's shapes are a second opinion on every form
  for (const auto& [tensor, dims] : library_shapes(imported.graph)) {
    const auto ours = imported.dims.find(tensor);
    if (ours == imported.dims.end()) continue;
    EXPECT_EQ(ours->second, dims) << tensor;
  }
  std::vector<std::string> layers;
  for (const Layer& layer : imported.network.layers()) layers.push_back(in_words(layer));
  return join(layers, "; ");
}

struct Form {
  std::string name;
  OnnxGraph graph;
  std::string layers;
};

std::vector<Form> window_forms() {
  return {
      {"conv", graph_of({node("Conv", {"x", "w"}, "y")}), "conv2d 11x9x6>9x7x4 k3x3 s1x1 p0,0,0,0"},
      {"conv_pads",
       graph_of(
           {node("Conv", {"x", "w"}, "y", {ints("pads", {1, 2, 3, 4}), ints("strides", {2, 3})})}),
       "conv2d 11x9x6>7x5x4 k3x3 s2x3 p1,2,3,4"},
      {"conv_same_upper",
       graph_of({node(
           "Conv", {"x", "w"}, "y",
           {text("auto_pad", "SAME_UPPER"), ints("strides", {2, 1}), ints("dilations", {1, 2})})}),
       "conv2d 11x9x6>6x9x4 k3x3 s2x1 p1,2,1,2 d1x2"},
      {"conv_same_lower",
       graph_of({node("Conv", {"x", "even"}, "y", {text("auto_pad", "SAME_LOWER")})}, {1, 6, 11, 9},
                {{"even", weight({4, 6, 2, 4})}}),
       "conv2d 11x9x6>11x9x4 k2x4 s1x1 p1,2,0,1"},
      {"conv_groups_bias",
       graph_of({node("Conv", {"x", "grouped", "c"}, "y", {integer("group", 3)})}, {1, 6, 11, 9},
                {{"grouped", weight({6, 2, 1, 1})}}),
       "conv2d 11x9x6>11x9x6 g3 bias"},
      {"conv_norm_relu",
       graph_of(
           {node("Conv", {"x", "w6"}, "a"),
            node("BatchNormalization", {"a", "c", "c", "c", "c"}, "b"), node("Relu", {"b"}, "y")},
           {1, 6, 11, 9}, {{"w6", weight({6, 6, 1, 1})}}),
       "conv2d 11x9x6>11x9x6 relu bn"},
      {"pads_join",  // two Pads and the convolution's own
       graph_of({node("Pad", {"x", "p"}, "a"), node("Identity", {"a"}, "b"),
                 node("Pad", {"b", "p"}, "c2"),
                 node("Conv", {"c2", "w"}, "y", {ints("pads", {1, 1, 1, 1})})},
                {1, 6, 11, 9}, {{"p", integers({0, 0, 0, 1, 0, 0, 1, 0})}}),
       "conv2d 11x9x6>13x11x4 k3x3 s1x1 p1,3,3,1"},
      {"max_pool",
       graph_of({node(
           "MaxPool", {"x"}, "y",
           {ints("kernel_shape", {3, 2}), ints("strides", {2, 2}), ints("pads", {1, 0, 1, 1})})}),
       "max_pool 11x9x6>6x5x6 k3x2 s2x2 p1,0,1,1"},
      {"ceil_mode",  // 11 rows make 5.5 windows, 9 columns 4.5
       graph_of({node(
           "AveragePool", {"x"}, "y",
           {ints("kernel_shape", {2, 2}), ints("strides", {2, 2}), integer("ceil_mode", 1)})}),
       "average_pool 11x9x6>6x5x6 k2x2 s2x2 p0,0,1,1"},
      {"average_of_all",
       graph_of({node("AveragePool", {"x"}, "y", {ints("kernel_shape", {11, 9})})}),
       "global_average_pool 11x9x6>1x1x6"},
      {"average_of_one",  // an adaptive pool to the size that there is
       graph_of({node("Conv", {"x", "w"}, "a"),
                 node("AveragePool", {"a"}, "b", {ints("kernel_shape", {1, 1})}),
                 node("Relu", {"b"}, "y")}),
       "conv2d 11x9x6>9x7x4 k3x3 s1x1 p0,0,0,0 relu"},
      {"global_max", graph_of({node("GlobalMaxPool", {"x"}, "y")}),
       "max_pool 11x9x6>1x1x6 k11x9 s1x1 p0,0,0,0"},
      {"mean_of_one_row",  // a height of 1 is a position, too
       graph_of({node("ReduceMean", {"x"}, "y", {ints("axes", {3})})}, {1, 6, 1, 9}),
       "global_average_pool 1x9x6>1x1x6"},
  };
}

std::vector<Form> product_forms() {
  const std::map<std::string, OnnxTensor> constants = {
      {"k", weight({594, 5})}, {"t", weight({5, 594})}, {"b", weight({5})}, {"m", weight({6, 5})}};
  const auto graph = [&](std::vector<OnnxNode> nodes) {
    return graph_of(std::move(nodes), {1, 6, 11, 9}, constants);
  };
  return {
      {"flatten_gemm", graph({node("Flatten", {"x"}, "a"), node("Gemm", {"a", "k", "b"}, "y")}),
       "fully_connected 11x9x6>1x1x5 bias"},
      {"gemm_without_its_bias",
       graph({node("Flatten", {"x"}, "a"),
              node("Gemm", {"a", "k", "b"}, "y", {OnnxAttribute{"beta", 0.0}})}),
       "fully_connected 11x9x6>1x1x5"},
      {"gemm_transposed",
       graph({node("Flatten", {"x"}, "a"), node("Gemm", {"a", "t"}, "y", {integer("transB", 1)})}),
       "fully_connected 11x9x6>1x1x5"},
      {"matmul_add_relu",
       graph({node("Flatten", {"x"}, "a"), node("MatMul", {"a", "k"}, "h"),
              node("Add", {"b", "h"}, "s"), node("Relu", {"s"}, "y")}),
       "fully_connected 11x9x6>1x1x5 relu bias"},
      {"channels_last_matmul",  // a linear layer on every position
       graph({node("Transpose", {"x"}, "a", {ints("perm", {0, 2, 3, 1})}),
              node("MatMul", {"a", "m"}, "y")}),
       "conv2d 11x9x6>11x9x5"},
      {"rows_matmul",
       graph_of({node("Reshape", {"x", "rows"}, "a"),
                 node("Transpose", {"a"}, "t2", {ints("perm", {0, 2, 1})}),
                 node("MatMul", {"t2", "m"}, "y")},
                {1, 6, 11, 9}, {{"rows", integers({0, 6, -1})}, {"m", weight({6, 5})}}),
       "conv2d 11x9x6>11x9x5"},
  };
}

std::vector<Form> elementwise_forms() {
  const std::map<std::string, OnnxTensor> constants = {{"0", number(0)},
                                                       {"3", number(3)},
                                                       {"6", number(6)},
                                                       {"1/6", number(1.0 / 6)},
                                                       {"w6", weight({6, 6, 1, 1})},
                                                       {"channel", weight({1, 6, 1, 1})},
                                                       {"c11", weight({6, 1, 1})}};
  const auto graph = [&](std::vector<OnnxNode> nodes) {
    return graph_of(std::move(nodes), {1, 6, 11, 9}, constants);
  };
  const OnnxNode conv = node("Conv", {"x", "w6"}, "a");
  const std::string layer = "conv2d 11x9x6>11x9x6", alone = "activation 11x9x6>11x9x6";
  return {
      {"relu_alone", graph({node("Relu", {"x"}, "y")}), alone + " relu"},
      {"relu_of_a_tensor_read_twice",
       graph({conv, node("Relu", {"a"}, "b"), node("Add", {"a", "b"}, "y")}),
       layer + "; " + alone + " relu; add 11x9x6>11x9x6"},
      {"clip_then_relu",
       graph({conv, node("Relu", {"a"}, "b"), node("Clip", {"b", "0", "6"}, "y")}),
       layer + " relu6"},
      {"clip_attributes",
       of_opset(9, graph({conv, node("Clip", {"a"}, "y", {{"min", 0.0}, {"max", 6.0}})})),
       layer + " relu6"},
      {"clip_open", graph({conv, node("Clip", {"a", "0"}, "y")}), layer + " relu"},
      {"swish", graph({conv, node("Sigmoid", {"a"}, "s"), node("Mul", {"s", "a"}, "y")}),
       layer + " swish"},
      {"swish_whose_gate_is_read_again",
       graph({conv, node("Sigmoid", {"a"}, "s"), node("Mul", {"s", "a"}, "b"),
              node("Mul", {"s", "b"}, "y")}),
       layer + "; " + alone + " sigmoid; " + alone + " swish; multiply 11x9x6>11x9x6"},
      {"hard_swish", graph({conv, node("HardSigmoid", {"a"}, "s"), node("Mul", {"a", "s"}, "y")}),
       layer + " hswish"},
      {"hard_swish_written_out",
       graph({conv, node("Add", {"3", "a"}, "b"), node("Clip", {"b", "0", "6"}, "d"),
              node("Mul", {"a", "d"}, "e"), node("Div", {"e", "6"}, "y")}),
       layer + " hswish"},
      {"hard_swish_of_tensorflow",
       graph({conv, node("Add", {"a", "3"}, "b"), node("Clip", {"b", "0", "6"}, "d"),
              node("Mul", {"d", "1/6"}, "e"), node("Mul", {"e", "a"}, "y")}),
       layer + " hswish"},
      {"hard_sigmoid_written_out",
       graph({conv, node("Add", {"a", "3"}, "b"), node("Clip", {"b", "0", "6"}, "d"),
              node("Div", {"d", "6"}, "y")}),
       layer + " hsigmoid"},
      {"not_hard_swish",  // the gate is of another tensor
       graph({conv, node("HardSigmoid", {"x"}, "s"), node("Mul", {"a", "s"}, "y")}),
       layer + "; " + alone + " hsigmoid; multiply 11x9x6>11x9x6"},
      {"channel_affine_folds",
       graph({conv, node("Mul", {"a", "channel"}, "b"), node("Add", {"b", "c11"}, "y")}),
       layer + " bias"},
      {"channel_affine_alone",
       graph({conv, node("Relu", {"a"}, "b"), node("Mul", {"b", "channel"}, "d"),
              node("Sub", {"d", "c11"}, "e"), node("Relu", {"e"}, "y")}),
       layer + " relu; " + layer + " g6 relu bias"},
      {"norm_alone",
       graph({conv, node("Relu", {"a"}, "b"),
              node("BatchNormalization", {"b", "c", "c", "c", "c"}, "y")}),
       layer + " relu; " + layer + " g6 bias"},
      {"scale_changes_nothing",
       graph({conv, node("Mul", {"a", "3"}, "b"), node("Relu", {"b"}, "y")}), layer + " relu"},
      {"sum_of_three", graph({conv, node("Sum", {"a", "x", "a"}, "y")}),
       layer + "; add 11x9x6>11x9x6; add 11x9x6>11x9x6"},
      {"gate_first", graph({node("GlobalAveragePool", {"x"}, "g"), node("Mul", {"g", "x"}, "y")}),
       "global_average_pool 11x9x6>1x1x6; multiply 11x9x6>11x9x6"},
      {"concat_channels_last",
       graph({conv, node("Transpose", {"a"}, "b", {ints("perm", {0, 2, 3, 1})}),
              node("Transpose", {"x"}, "d", {ints("perm", {0, 2, 3, 1})}),
              node("Concat", {"b", "d", "b"}, "y", {integer("axis", -1)})}),
       layer + "; concat 11x9x6>11x9x18"},
      {"what_nothing_reads_is_left_out",
       graph({conv, node("LSTM", {"x"}, "dead"), node("Relu", {"a"}, "y")}), layer + " relu"},
      {"softmax_at_the_end",
       graph(
           {conv, node("Softmax", {"a"}, "b", {integer("axis", 1)}), node("Identity", {"b"}, "y")}),
       layer},
  };
}

TEST(OnnxOperators, FormsBecomeTheseLayers) {
  for (const auto& forms : {window_forms(), product_forms(), elementwise_forms()}) {
    for (const Form& form : forms) {
      SCOPED_TRACE(form.name);
      try {
        EXPECT_EQ(in_words(form.graph), form.layers);
      } catch (const InputError& error) {
        ADD_FAILURE() << error.what();
      }
    }
  }
}

struct Refusal {
  std::string name;
  OnnxGraph graph;
  std::string says;
};

std::vector<Refusal> refused_forms() {
  const std::map<std::string, OnnxTensor> constants = {
      {"p", integers({0, 1, 0, 0, 0, 0, 0, 0})},
      {"cut", integers({1, 11, 6, 3, 3})},
      {"map", weight({11, 9})},
      {"w6", weight({6, 4, 3, 3})},
      {"20", number(20)},
      {"0", number(0)},
      {"many", integers({1, 1, 1, 1, 1, 1, 1, 1, 594})}};
  const auto graph = [&](std::vector<OnnxNode> nodes) {
    return graph_of(std::move(nodes), {1, 6, 11, 9}, constants);
  };
  const OnnxNode pad = node("Pad", {"x", "q"}, "a");
  return {
      {"operator", graph({node("LSTM", {"x"}, "y")}),
       "node 'the_y' (LSTM): this operator is not supported; 'dovetail list onnx-operators' has"},
      {"of_constants_only", graph({node("CumSum", {"x"}, "y")}), "this operator is not supported"},
      {"where_of_activations", graph({node("Where", {"x", "x", "x"}, "y")}),
       "this operator is supported of constants only, and here reads activations"},
      {"domain", graph({node("Relu", {"x"}, "y", {}, "my.own")}),
       "node 'the_y' (my.own.Relu): this operator is not supported"},
      {"zero_stride", graph({node("Conv", {"x", "w"}, "y", {ints("strides", {0, 1})})}),
       "node 'the_y' (Conv): strides = 0x1; allowed are 2 numbers from 1 to 65536"},
      {"one_dimension", graph({node("Conv", {"x", "w"}, "y", {ints("strides", {2})})}),
       "strides = 2; allowed are 2 numbers"},
      {"negative_pads", graph({node("Conv", {"x", "w"}, "y", {ints("pads", {-1, 0, 0, 0})})}),
       "pads = -1x0x0x0"},
      {"attribute_type", graph({node("Conv", {"x", "w"}, "y", {text("strides", "2")})}),
       "attribute 'strides' is not a list of integers"},
      {"auto_pad", graph({node("Conv", {"x", "w"}, "y", {text("auto_pad", "SAME")})}),
       "allowed are NOTSET, SAME_UPPER, SAME_LOWER and VALID"},
      {"kernel", graph({node("Conv", {"x", "w"}, "y", {ints("kernel_shape", {5, 5})})}),
       "kernel_shape is 5x5, the weight 4x6x3x3"},
      {"groups", graph({node("Conv", {"x", "w"}, "y", {integer("group", 2)})}),
       "a weight of 4x6x3x3 and 2 groups do not fit 6 input channels"},
      {"window", graph({node("MaxPool", {"x"}, "y", {ints("kernel_shape", {12, 3})})}),
       "a window of 12 does not fit 11 and padding"},
      {"computed_weight", graph({node("Conv", {"x", "x"}, "y")}),
       "the weight ('x') must be constant"},
      {"clip", graph({node("Clip", {"x", "20", "0"}, "y")}), "to [20, 0], which is empty"},
      {"pads_channels", graph({node("Pad", {"x", "p"}, "y")}), "supported are height and width"},
      {"pad_at_the_end",
       graph_of({pad}, {1, 6, 11, 9}, {{"q", integers({0, 0, 1, 1, 0, 0, 1, 1})}}),
       "y' is given by no node"},
      {"pad_before_add",
       graph_of({pad, node("Add", {"a", "a"}, "y")}, {1, 6, 11, 9},
                {{"q", integers({0, 0, 1, 1, 0, 0, 1, 1})}}),
       "reads a padded tensor; supported is Pad in front of Conv and pooling"},
      {"rows_in_parts", graph({node("Reshape", {"x", "cut"}, "y")}),
       "1x6x11x9 to 1x11x6x3x3 cuts height or width in parts"},
      {"dimensions", graph({node("Reshape", {"x", "many"}, "y")}), "at most 8 are allowed"},
      {"spatial_gate", graph({node("Mul", {"x", "map"}, "y")}),
       "a constant of 11x9 with a tensor of 1x6x11x9"},
      {"largest_of_channels", graph({node("ReduceMax", {"x"}, "y", {ints("axes", {1})})}),
       "ReduceMax of 1x6x11x9 over channels"},
      {"mean_of_channels_and_rows", graph({node("ReduceMean", {"x"}, "y", {ints("axes", {1, 2})})}),
       "ReduceMean of 1x6x11x9 over channels and some of the positions"},
      {"mean_of_the_batch", graph({node("ReduceMean", {"x"}, "y", {ints("axes", {0})})}),
       "ReduceMean of 1x6x11x9 over other dimensions than height, width and channels"},
      {"gaps", graph({node("ConvTranspose", {"x", "w6"}, "y", {ints("strides", {4, 4})})}),
       "a kernel of 3 with stride 4 leaves positions that no input reaches"},
      {"transposed_pads",
       graph({node("ConvTranspose", {"x", "w6"}, "y", {ints("pads", {3, 3, 3, 3})})}),
       "pads of 3 leave out inputs of a kernel of 3 with stride 1"},
      {"transposed_weight", graph({node("ConvTranspose", {"x", "w"}, "y")}),
       "a weight of 4x6x3x3 and 1 groups do not fit 6 input channels"},
      {"blocks", graph({node("DepthToSpace", {"x"}, "y", {integer("blocksize", 2)})}),
       "mode 'DCR' of 6 channels in blocks of 2"},
      {"whole_blocks", graph({node("SpaceToDepth", {"x"}, "y", {integer("blocksize", 2)})}),
       "1x6x11x9 is not in whole blocks of 2"},
      {"norm_of_rows", graph({node("LayerNormalization", {"x", "c"}, "y", {integer("axis", 2)})}),
       "of 1x6x11x9 from dimension 2 on; supported is over the channels, and over all"},
      {"norm_scale", graph({node("LayerNormalization", {"x", "map"}, "y", {integer("axis", 1)})}),
       "a scale or shift of 11x9; supported is one number for each of 6 channels"},
      {"groups_of_norm",
       graph({node("GroupNormalization", {"x", "c", "c"}, "y", {integer("num_groups", 4)})}),
       "4 groups of a tensor of 1x6x11x9"},
      {"concat_of_rows", graph({node("Concat", {"x", "x"}, "y", {integer("axis", 2)})}),
       "joined along channels"},
      {"softmax_inside", graph({node("Softmax", {"x"}, "a"), node("Relu", {"a"}, "y")}),
       "(Softmax): Softmax of 1x6x11x9 over dimension -1; supported is over the channels"},
      {"log_softmax_inside", graph({node("LogSoftmax", {"x"}, "a"), node("Relu", {"a"}, "y")}),
       "(LogSoftmax): is supported at the end of a network only"},
      {"conv_of_another_order",
       graph({node("Relu", {"x"}, "r"), node("Transpose", {"r"}, "a", {ints("perm", {0, 3, 1, 2})}),
              node("MaxPool", {"a"}, "y", {ints("kernel_shape", {2, 2})})}),
       "its numbers stand in another order"},
      {"product_of_heads",
       graph_of({node("Reshape", {"x", "two"}, "a"), node("MatMul", {"a", "a"}, "y")}, {1, 6, 4, 4},
                {{"two", integers({2, 3, 4, 4})}}),
       "(MatMul): is a product of two computed tensors"},
      {"circle",
       graph({node("Relu", {"b"}, "a"), node("Relu", {"a"}, "b"), node("Relu", {"b"}, "y")}),
       "node 'the_a' (Relu): reads 'b', which no node before it gives"},
      {"itself", graph({node("Add", {"x", "y"}, "y")}), "reads 'y', which no node before it gives"},
      {"twice", graph({node("Relu", {"x"}, "y"), node("Relu", {"x"}, "y")}), "'y' is given twice"},
      {"constant_output", graph_of({node("Relu", {"x"}, "a"), node("Shape", {"a"}, "y")}),
       "does not depend on the input"},
      {"symbolic_size", graph_of({node("Relu", {"x"}, "y")}, {1, 6, 0, 9}),
       "export the model with fixed sizes"},
      {"five_dimensions", graph_of({node("Relu", {"x"}, "y")}, {1, 6, 11, 9, 3}),
       "input 'x' has 5 dimensions"},
      {"too_large", graph_of({node("Relu", {"x"}, "y")}, {1, 6, 65536, 65536}), "2^31 numbers"},
  };
}

TEST(OnnxOperators, FormsThatAreRefusedSayWhatAndWhere) {
  for (const Refusal& refusal : refused_forms()) {
    SCOPED_TRACE(refusal.name);
    EXPECT_THAT(input_error([&] { import_graph(refusal.graph, "net"); }), HasSubstr(refusal.says));
  }
}

TEST(OnnxOperators, VersionsInputsAndOutputsAreChecked) {
  OnnxGraph graph = graph_of({node("Relu", {"x"}, "y")});
  graph.opsets[""] = 24;
  EXPECT_THAT(input_error([&] { import_graph(graph, ""); }),
              HasSubstr("operator set 24; allowed are 1 to 23"));
  graph.opsets.clear();
  EXPECT_THAT(input_error([&] { import_graph(graph, ""); }), HasSubstr("operator set 0"));
  graph.opsets[""] = 13;
  graph.outputs.push_back({"x", kOnnxFloat, {}});
  EXPECT_THAT(input_error([&] { import_graph(graph, ""); }),
              HasSubstr("output 'x' does not depend on the input"));
  graph.outputs.clear();
  EXPECT_THAT(input_error([&] { import_graph(graph, ""); }), HasSubstr("has no output"));
  graph = graph_of({node("Add", {"x", "z"}, "y")});
  graph.inputs.push_back({"z", kOnnxFloat, OnnxDims{1, 6, 5, 9}});
  EXPECT_THAT(input_error([&] { import_graph(graph, ""); }),
              HasSubstr("reads 2 inputs (x of 1x6x11x9, z of 1x6x5x9)"));
}

TEST(OnnxOperators, AllNodesThatAreNotSupportedAreToldAtOnce) {
  const OnnxGraph graph =
      graph_of({node("LSTM", {"x"}, "a"), node("Relu", {"x"}, "r"),
                node("Conv", {"r", "w"}, "b", {ints("strides", {0, 1})}), node("LSTM", {"r"}, "c2"),
                node("Relu", {"b"}, "d"),       // of what is not known, and not told again
                node("GRU", {"d"}, "e\x1b\n"),  // told whatever it reads
                node("Sum", {"a", "c2", "e\x1b\n"}, "y")});
  const std::string message = input_error([&] { import_graph(graph, "net"); });
  EXPECT_EQ(message,
            "4 nodes are not supported:\n"
            "  nodes 'the_a', 'the_c2' (LSTM): this operator is not supported; 'dovetail list "
            "onnx-operators' has those that are\n"
            "  node 'the_b' (Conv): strides = 0x1; allowed are 2 numbers from 1 to 65536\n"
            "  node 'the_e__' (GRU): this operator is not supported; 'dovetail list "
            "onnx-operators' has those that are");
}

// What is behind a node that keeps its sizes is looked at, too.
TEST(OnnxOperators, WhatIsBehindARefusedNodeIsToldAsWell) {
  const OnnxGraph graph =
      graph_of({node("LayerNormalization", {"x", "c"}, "a"), node("Conv", {"a", "w6"}, "b"),
                node("Softmax", {"b"}, "d", {integer("axis", 2)}),
                node("ReduceMax", {"d"}, "y", {ints("axes", {1})})},
               {1, 6, 11, 9}, {{"w6", weight({6, 6, 1, 1})}});
  EXPECT_THAT(input_error([&] { import_graph(graph, "net"); }),
              testing::AllOf(HasSubstr("3 nodes are not supported"), HasSubstr("'the_a' (Layer"),
                             HasSubstr("'the_d' (Softmax)"), HasSubstr("'the_y' (ReduceMax)")));
}

TEST(OnnxDocs, TheTableIsThePrograms) {
  const std::string page = read_file(std::filesystem::path(DOVETAIL_SOURCE_DIR) / "docs/onnx.md");
  for (const OnnxOperator& row : onnx_operators()) {
    const std::string line = fmt::format("| `{}` | {} |", row.name, row.becomes);
    EXPECT_NE(page.find(line), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace dovetail
