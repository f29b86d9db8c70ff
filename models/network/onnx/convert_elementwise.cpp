// Activations, normalisation, sums, products, concatenation.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text/error.h"
#include "models/network/onnx/converters.h"
#include "models/network/onnx/onnx_dims.h"
#include "models/network/onnx/plain_graph.h"

namespace dovetail {
namespace {

void give_activation(LayerAssembler& assembler, const OnnxNode& node, Activation activation) {
  if (Layer* layer = assembler.joinable(node, 0)) {
    const bool rectified = layer->activation == Activation::kRelu &&
                           (activation == Activation::kRelu || activation == Activation::kRelu6);
    if (layer->activation == Activation::kNone || rectified) {
      layer->activation = activation;
      return assembler.give_joined(node, 0);
    }
  }
  const Feature x = assembler.feature_input(node, 0);
  Layer layer = assembler.start(node, OpType::kActivation, x);
  layer.output = layer.input;
  layer.activation = activation;
  assembler.give_layer(node, std::move(layer), x.layout);
}

template <Activation kActivation>
void convert_activation(LayerAssembler& assembler, const OnnxNode& node) {
  give_activation(assembler, node, kActivation);
}

void convert_clip(LayerAssembler& assembler, const OnnxNode& node) {
  const auto bounds = clip_bounds(assembler.graph(), node);
  if (!bounds) throw InputError("the bounds must be constants of one number");
  const auto [low, high] = *bounds;
  constexpr double kSix = 6, kTolerance = 1e-3;
  if (low == 0 && std::isinf(high)) return give_activation(assembler, node, Activation::kRelu);
  if (low == 0 && std::abs(high - kSix) < kTolerance) {
    return give_activation(assembler, node, Activation::kRelu6);
  }
  throw InputError(fmt::format("to [{:g}, {:g}]; supported are [0, 6] and [0, inf]", low, high));
}

/// How a constant stands to a tensor that it is added to or multiplied with.
enum class Reach : std::uint8_t { kOneNumber, kEachChannel, kOther };

Reach reach_of(const OnnxTensor& constant, const Feature& x) {
  const OnnxDims dims = x.layout.dims();
  const std::optional<std::size_t> channels = x.layout.channel_dimension();
  if (constant.dims.size() > dims.size()) return Reach::kOther;
  if (constant.elements() == 1) return Reach::kOneNumber;
  const std::size_t skip = dims.size() - constant.dims.size();
  for (std::size_t i = 0; i < constant.dims.size(); ++i) {
    const bool channel = channels && *channels == skip + i && constant.dims[i] == dims[skip + i];
    if (constant.dims[i] != 1 && !channel) return Reach::kOther;
  }
  return Reach::kEachChannel;
}

/// Scales or shifts each channel: a part of the convolution or fully connected layer before it,
/// else a depthwise 1x1 convolution.
void give_affine(LayerAssembler& assembler, const OnnxNode& node, std::size_t input, bool shift,
                 bool batch_norm) {
  const Feature x = assembler.feature_input(node, input);
  Layer* before = assembler.joinable(node, input);
  const bool noted = !LayerNote::parse(node.doc).layer.empty();
  if (before != nullptr &&
      (noted || (before->has_weights() && before->activation == Activation::kNone))) {
    if (batch_norm) {
      before->has_batch_norm = true;
    } else if (shift) {
      before->has_bias = true;
    }
    return assembler.give_joined(node, input);
  }
  if (x.layer == kNetworkInput && !batch_norm) {  // goes into the quantisation of the input
    return assembler.give_joined(node, input);
  }
  Layer layer = assembler.start(node, OpType::kConv2d, x);
  layer.groups = layer.input.channels;
  layer.has_bias = shift || batch_norm;
  layer.output = layer.input;
  assembler.give_layer(node, std::move(layer), x.layout);
}

void convert_batch_norm(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature& x = assembler.feature_input(node, 0);
  if (node.integer("training_mode", 0) != 0) throw InputError("is in training mode");
  if (node.integer("spatial", 1) != 1) throw InputError("spatial = 0 is not supported");
  const int channels = assembler.shape_of(x).channels;
  for (std::size_t i = 1; i <= 4; ++i) {
    if (assembler.constant_input(node, i, 1, "a parameter").dims[0] != channels) {
      throw InputError(
          fmt::format("'{}' has not one number for each of {} channels", node.input(i), channels));
    }
  }
  if (channels > 1 && x.layout.channel_dimension() != 1) {
    throw InputError(
        fmt::format("reads a tensor of {} whose second dimension is not that of the "
                    "channels",
                    to_string(x.dims())));
  }
  give_affine(assembler, node, 0, true, true);
}

void give_sum(LayerAssembler& assembler, const OnnxNode& node) {
  Feature sum = assembler.feature_input(node, 0);
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    const Feature& term = assembler.feature_input(node, i);
    if (term.layout != sum.layout) {
      throw InputError(fmt::format("of {} and {}; supported are tensors of the same size and order",
                                   to_string(sum.dims()), to_string(term.dims())));
    }
    Layer layer = assembler.start(node, OpType::kAdd, sum);
    layer.inputs.push_back(term.layer);
    layer.output = layer.input;
    sum = assembler.add_layer(node, std::move(layer), sum.layout);
  }
  assembler.give_feature(node, sum);
}

/// True if `gate` has one number for each channel of `x`, in the same dimension.
bool is_gate(const LayerAssembler& assembler, const Feature& gate, const Feature& x) {
  const TensorShape& shape = assembler.shape_of(x);
  if (assembler.shape_of(gate) != TensorShape{1, 1, shape.channels}) return false;
  if (gate.layout.rank() > x.layout.rank()) return false;
  const std::size_t skip = x.layout.rank() - gate.layout.rank();
  for (std::size_t i = 0; i < gate.layout.rank(); ++i) {
    if (!gate.layout.axes(i).empty() && gate.layout.axes(i) != x.layout.axes(skip + i))
      return false;
  }
  return true;
}

void give_product(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature* a = &assembler.feature_input(node, 0);
  const Feature* b = &assembler.feature_input(node, 1);
  if (a->layout != b->layout) {
    if (is_gate(assembler, *a, *b)) std::swap(a, b);
    if (!is_gate(assembler, *b, *a)) {
      throw InputError(fmt::format(
          "of {} and {}; supported are tensors of the same size and order, and one number for each "
          "channel",
          to_string(a->dims()), to_string(b->dims())));
    }
  }
  const AxisLayout layout = a->layout;
  Layer layer = assembler.start(node, OpType::kMultiply, *a);
  layer.inputs.push_back(b->layer);
  layer.output = layer.input;
  assembler.give_layer(node, std::move(layer), layout);
}

/// Add, Sub, Mul and Div of two operands, one of which may be constant.
void convert_arithmetic(LayerAssembler& assembler, const OnnxNode& node) {
  if (node.inputs.size() != 2) throw InputError("has not two inputs");
  const bool sum = node.op == "Add", product = node.op == "Mul";
  const std::size_t tensor = assembler.is_feature(node.inputs[0]) ? 0 : 1;
  const OnnxTensor* constant = assembler.constant(node.inputs[1 - tensor]);
  if (constant == nullptr) {
    if (sum) return give_sum(assembler, node);
    if (product) return give_product(assembler, node);
    throw InputError("of two activations is not supported; the second must be constant");
  }
  const Feature& x = assembler.feature_input(node, tensor);
  if (!sum && !product && tensor == 1) {
    throw InputError("of a constant by an activation is not supported");
  }
  switch (reach_of(*constant, x)) {
    case Reach::kOneNumber:  // another scale or zero point of the same tensor
      return assembler.give_joined(node, tensor);
    case Reach::kEachChannel:
      return give_affine(assembler, node, tensor, sum || node.op == "Sub", false);
    case Reach::kOther:
      throw InputError(
          fmt::format("a constant of {} with a tensor of {}; supported are one number, and one for "
                      "each channel",
                      to_string(constant->dims), to_string(x.dims())));
  }
}

void convert_sum(LayerAssembler& assembler, const OnnxNode& node) {
  constexpr std::size_t kMost = 64;
  if (node.inputs.size() > kMost) throw InputError(fmt::format("of more than {} tensors", kMost));
  if (node.inputs.size() == 1) return assembler.give_joined(node, 0);
  give_sum(assembler, node);
}

void convert_concat(LayerAssembler& assembler, const OnnxNode& node) {
  if (node.inputs.empty()) throw InputError("has no inputs");
  if (node.inputs.size() == 1) return assembler.give_joined(node, 0);
  const Feature& first = assembler.feature_input(node, 0);
  const std::size_t axis = normal_axis(node.integer("axis", 1), first.layout.rank());
  std::int64_t channels = 0;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    channels += assembler.shape_of(assembler.feature_input(node, i)).channels;
  }
  constexpr std::int64_t kMost = 1 << 20;
  if (channels > kMost) throw InputError(fmt::format("gives more than {} channels", kMost));
  const auto joined = [&](const Feature& x) {
    return x.layout.with_channels(axis, static_cast<int>(channels));
  };
  const AxisLayout layout = joined(first);
  bool along_channels = layout.is_nchw() || layout.is_nhwc() || layout.channels_last();
  Layer layer = assembler.start(node, OpType::kConcat, first);
  layer.inputs.clear();
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Feature& x = assembler.feature_input(node, i);
    const bool in_axis =
        x.layout.rank() == first.layout.rank() &&
        (x.layout.axes(axis) == std::vector{Axis::kChannel} || assembler.shape_of(x).channels == 1);
    along_channels = along_channels && in_axis && joined(x) == layout;
    layer.inputs.push_back(x.layer);
  }
  if (!along_channels) {
    throw InputError(fmt::format(
        "along axis {} of {}; supported are tensors of one height and width, joined along channels",
        node.integer("axis", 1), to_string(first.dims())));
  }
  layer.output = {layer.input.height, layer.input.width, static_cast<int>(channels)};
  assembler.give_layer(node, std::move(layer), layout);
}

void convert_softmax(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature x = assembler.feature_input(node, 0);
  if (!assembler.is_last(node)) throw InputError("is supported at the end of a network only");
  assembler.give_feature(node, x);
}

constexpr std::array kConverters = {
    Converter{"Add",
              "add; with a constant, bias of the layer before, zero point, or depthwise conv2d",
              convert_arithmetic},
    Converter{"BatchNormalization",
              "part of the conv2d or fully_connected before it, else depthwise 1x1 conv2d",
              convert_batch_norm},
    Converter{"Clip", "activation relu6 or relu; to [0, 6] or [0, inf] only", convert_clip},
    Converter{"Concat", "concat; along channels only", convert_concat},
    Converter{"Div", "as Mul; by a constant only", convert_arithmetic},
    Converter{"HardSigmoid", "activation hsigmoid", convert_activation<Activation::kHardSigmoid>},
    Converter{"HardSwish", "activation hswish, also where it is written as several nodes",
              convert_activation<Activation::kHardSwish>},
    Converter{"LogSoftmax", "nothing: left to the host; at the end only", convert_softmax},
    Converter{
        "Mul",
        "multiply (same size, or one number a channel); with a constant, weights of the layer "
        "before, scale, or depthwise conv2d",
        convert_arithmetic},
    Converter{"Relu", "activation relu", convert_activation<Activation::kRelu>},
    Converter{"Sigmoid", "activation sigmoid", convert_activation<Activation::kSigmoid>},
    Converter{"Softmax", "nothing: left to the host; at the end only", convert_softmax},
    Converter{"Sub", "as Add; of a constant only", convert_arithmetic},
    Converter{"Sum", "add, one for each further input", convert_sum},
    Converter{"Swish", "activation swish; as Mul of x and Sigmoid of x",
              convert_activation<Activation::kSwish>},
};

}  // namespace

std::span<const Converter> elementwise_converters() {
  return kConverters;
}

}  // namespace dovetail
