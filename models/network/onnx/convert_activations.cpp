// Functions of one number, and what is left to the host.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text/error.h"
#include "models/network/onnx/constant_folding.h"
#include "models/network/onnx/converters.h"
#include "models/network/onnx/onnx_dims.h"
#include "models/network/onnx/plain_graph.h"
#include "models/network/onnx/tensor_passes.h"

namespace dovetail {
namespace {

template <Activation kActivation>
void convert_activation(LayerAssembler& assembler, const OnnxNode& node) {
  give_activation(assembler, node, kActivation);
}

/// True for the range of a signed integer, which saturates by itself: of 2 to 32 bits, or of 4 and
/// more without the lowest number. [-1, 1] is rather meant as a function.
bool is_saturation(double low, double high) {
  const double bits = std::log2(high + 1) + 1;
  if (bits != std::floor(bits) || bits < 2 || bits > 32) return false;
  return low == -high - 1 || (low == -high && bits >= 4);
}

void give_clamp(LayerAssembler& assembler, const OnnxNode& node, std::size_t input, double low,
                double high) {
  constexpr double kSix = 6, kTolerance = 1e-3;
  const bool nothing = std::isinf(low) && std::isinf(high) && low < high;
  if (is_saturation(low, high) || (low == 0 && high != kSix && !std::isinf(high))) {
    assembler.lose(node, "to bounds that are not looked at");
  }
  if (nothing || is_saturation(low, high)) return assembler.give_joined(node, input);
  if (!(low < high)) throw InputError(fmt::format("to [{:g}, {:g}], which is empty", low, high));
  Activation activation = Activation::kClamp;
  if (low == 0) {  // that it ends above is a part of the requantisation, as int8 ends
    const bool six = std::abs(high - kSix) < kTolerance;
    activation = six ? Activation::kRelu6 : Activation::kRelu;
  }
  // ReLU and then the lower of 6 is ReLU6 in two nodes.
  if (std::isinf(low) && std::abs(high - kSix) < kTolerance) {
    const Layer* before = assembler.joinable(node, input);
    if (before != nullptr && before->activation == Activation::kRelu) {
      activation = Activation::kRelu6;
    }
  }
  give_activation(assembler, node, activation, input);
}

void convert_clip(LayerAssembler& assembler, const OnnxNode& node) {
  const auto bounds =
      clip_bounds(node, [&](const std::string& name) { return assembler.constant(name); });
  if (!bounds) throw InputError("the bounds must be constants of one number");
  give_clamp(assembler, node, 0, bounds->first, bounds->second);
}

Layer sum_of(LayerAssembler& assembler, const OnnxNode& node, const Feature& a, const Feature& b) {
  Layer sum = assembler.start(node, OpType::kAdd, a);
  sum.inputs.push_back(b.layer);
  sum.output = sum.input;
  return sum;
}

/// max(a, b) is a + relu(b - a), and min(a, b) is a - relu(a - b): sums take any sign.
void give_extreme(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature a = assembler.feature_input(node, 0), b = assembler.feature_input(node, 1);
  if (a.layout != b.layout) {
    throw InputError(fmt::format("of {} and {}; supported are tensors of the same size and order",
                                 to_string(a.dims()), to_string(b.dims())));
  }
  Layer difference = sum_of(assembler, node, b, a);
  difference.activation = Activation::kRelu;
  const Feature above = assembler.add_layer(node, std::move(difference), a.layout);
  assembler.give_layer(node, sum_of(assembler, node, a, above), a.layout);
}

void convert_extreme(LayerAssembler& assembler, const OnnxNode& node) {
  if (node.inputs.size() == 1) return assembler.give_joined(node, 0);
  if (node.inputs.size() != 2) throw InputError("of more than two tensors is not supported");
  const std::size_t tensor = assembler.is_feature(node.inputs[0]) ? 0 : 1;
  const OnnxTensor* constant = assembler.constant(node.inputs[1 - tensor]);
  if (constant == nullptr) return give_extreme(assembler, node);
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  const double bound = constant->one_value();
  if (node.op == "Max") return give_clamp(assembler, node, tensor, bound, kInfinite);
  give_clamp(assembler, node, tensor, -kInfinite, bound);
}

/// With one slope it is a function of one number. With one a channel, relu(x) - relu(-slope * x),
/// the second as a depthwise layer: exact for slopes that are not negative.
void convert_prelu(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature x = assembler.feature_input(node, 0);
  const OnnxTensor* slopes = assembler.constant(node.input(1));
  if (slopes == nullptr) throw InputError("the slope must be constant");
  if (slopes->elements() == 1) return give_activation(assembler, node, Activation::kTable);
  if (slopes->elements() != assembler.shape_of(x).channels) {
    throw InputError(
        fmt::format("slopes of {} with a tensor of {}; supported are one, and one for "
                    "each channel",
                    to_string(slopes->dims), to_string(x.dims())));
  }
  Layer positive = assembler.start(node, OpType::kActivation, x);
  positive.output = positive.input;
  positive.activation = Activation::kRelu;
  const Feature above = assembler.add_layer(node, std::move(positive), x.layout);
  Layer negative = assembler.start(node, OpType::kConv2d, x);
  negative.groups = negative.input.channels;
  negative.output = negative.input;
  negative.activation = Activation::kRelu;
  const Feature below = assembler.add_layer(node, std::move(negative), x.layout);
  assembler.give_layer(node, sum_of(assembler, node, above, below), x.layout);
}

void require_last(const LayerAssembler& assembler, const OnnxNode& node) {
  for (const std::string& output : node.outputs) {
    if (!assembler.is_last(output)) throw InputError("is supported at the end of a network only");
  }
}

void convert_log_softmax(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature x = assembler.feature_input(node, 0);
  require_last(assembler, node);
  assembler.give_feature(node, x);
}

void convert_arg(LayerAssembler& assembler, const OnnxNode& node) {
  Feature x = assembler.feature_input(node, 0);
  require_last(assembler, node);
  const OnnxDims dims = x.dims();
  std::vector<bool> reduced(dims.size());
  reduced[normal_axis(node.integer("axis", 0), dims.size())] = true;
  OnnxDims kept = dims;
  for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = reduced[i] ? 1 : kept[i];
  x.at_host = without_reduced(kept, reduced, node.integer("keepdims", 1) != 0);
  assembler.give_feature(node, std::move(x));
}

void convert_top_k(LayerAssembler& assembler, const OnnxNode& node) {
  Feature x = assembler.feature_input(node, 0);
  require_last(assembler, node);
  OnnxDims dims = x.dims();
  const OnnxDims count = integers_of(node, "k", assembler.optional_constant(node, 1));
  const std::int64_t most = count.empty() ? node.integer("k", 1) : count[0];
  std::int64_t& size = dims[normal_axis(node.integer("axis", -1), dims.size())];
  if (most < 1 || most > size) throw InputError(fmt::format("the first {} of {}", most, size));
  size = most;
  x.at_host = dims;
  for (std::size_t i = 0; i < node.outputs.size(); ++i) assembler.give_feature(node, x, i);
}

constexpr auto kTable = convert_activation<Activation::kTable>;
constexpr std::string_view kByTable = "activation table";
constexpr std::string_view kToHost = "nothing: left to the host; at the end only";

constexpr std::array kConverters = {
    Converter{"Abs", kByTable, kTable},
    Converter{"ArgMax", kToHost, convert_arg},
    Converter{"ArgMin", kToHost, convert_arg},
    Converter{"Atan", kByTable, kTable},
    Converter{"Celu", kByTable, kTable},
    Converter{"Clip",
              "activation relu6 to [0, 6], relu to [0, any], nothing to the range of an integer, "
              "else clamp",
              convert_clip},
    Converter{"Cos", kByTable, kTable},
    Converter{"Elu", kByTable, kTable},
    Converter{"Erf", kByTable, kTable},
    Converter{"Exp", kByTable, kTable},
    Converter{"Gelu", "activation table, also where it is written as several nodes", kTable},
    Converter{"HardSigmoid", "activation hsigmoid", convert_activation<Activation::kHardSigmoid>},
    Converter{"HardSwish", "activation hswish, also where it is written as several nodes",
              convert_activation<Activation::kHardSwish>},
    Converter{"LeakyRelu", kByTable, kTable},
    Converter{"Log", kByTable, kTable},
    Converter{"LogSoftmax", kToHost, convert_log_softmax},
    Converter{"Max", "as Clip with a constant of one number; of two tensors two adds",
              convert_extreme},
    Converter{"Min", "as Max", convert_extreme},
    Converter{"Mish", kByTable, kTable},
    Converter{"PRelu",
              "activation table with one slope; with one a channel activation relu, depthwise "
              "conv2d and add",
              convert_prelu},
    Converter{"Reciprocal", kByTable, kTable},
    Converter{"Relu", "activation relu", convert_activation<Activation::kRelu>},
    Converter{"Selu", kByTable, kTable},
    Converter{"Shrink", kByTable, kTable},
    Converter{"Sigmoid", "activation sigmoid", convert_activation<Activation::kSigmoid>},
    Converter{"Sign", kByTable, kTable},
    Converter{"Sin", kByTable, kTable},
    Converter{"Softplus", kByTable, kTable},
    Converter{"Softsign", kByTable, kTable},
    Converter{"Sqrt", kByTable, kTable},
    Converter{"Swish", "activation swish; as Mul of x and Sigmoid of x",
              convert_activation<Activation::kSwish>},
    Converter{"Table", "activation table; what several nodes make of one number", kTable},
    Converter{"Tanh", kByTable, kTable},
    Converter{"ThresholdedRelu", kByTable, kTable},
    Converter{"TopK", kToHost, convert_top_k},
};

}  // namespace

void give_activation(LayerAssembler& assembler, const OnnxNode& node, Activation activation,
                     std::size_t input) {
  assembler.give_feature(node, activated(assembler, node, activation, input));
}

std::span<const Converter> activation_converters() {
  return kConverters;
}

}  // namespace dovetail
