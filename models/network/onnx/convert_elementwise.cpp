// Normalisation, sums, products, concatenation.

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/text/error.h"
#include "models/network/onnx/converters.h"
#include "models/network/onnx/onnx_dims.h"
#include "models/network/onnx/tensor_passes.h"

namespace dovetail {
namespace {

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

/// What the node does to the numbers of a layer.
NumberStep affine_step(const OnnxNode& node, std::size_t input) {
  constexpr double kEpsilon = 1e-5;  // of the standard
  if (node.op == "BatchNormalization") {
    return {0,
            NumberStep::Kind::kNormalise,
            {node.inputs.begin() + 1, node.inputs.begin() + 5},
            node.real("epsilon", kEpsilon)};
  }
  const bool shift = node.op == "Add" || node.op == "Sub";
  const auto kind = shift              ? NumberStep::Kind::kAdd
                    : node.op == "Div" ? NumberStep::Kind::kDivide
                                       : NumberStep::Kind::kMultiply;
  return {0, kind, {node.input(1 - input)}, node.op == "Sub" ? -1.0 : 1.0};
}

/// Notes it of a layer that has weights and no activation yet; else it is lost.
void keep_affine(LayerAssembler& assembler, const OnnxNode& node, std::size_t input, int layer) {
  const bool weights =
      layer != kNetworkInput && assembler.layers()[static_cast<std::size_t>(layer)].has_weights();
  const bool turned = node.op == "Sub" && input == 1;
  if (!weights || turned) {
    return assembler.lose(
        node, turned ? "of a constant less a tensor" : "it is a part of no layer that has weights");
  }
  NumberStep step = affine_step(node, input);
  step.layer = layer;
  assembler.numbers().steps.push_back(std::move(step));
}

/// Scales or shifts each channel: a part of the convolution or fully connected layer before it,
/// else a depthwise 1x1 convolution.
void give_affine(LayerAssembler& assembler, const OnnxNode& node, std::size_t input, bool shift,
                 bool batch_norm) {
  const Feature x = assembler.feature_input(node, input);
  Layer* before = assembler.joinable(node, input);
  const bool noted = !LayerNote::parse(node.doc).layer.empty();
  const bool weights =
      before != nullptr && (before->has_weights() || assembler.is_transposed(x.layer)) &&
      before->weights_of != kFixedWeights && before->activation == Activation::kNone;
  if (before != nullptr && (noted || weights)) {
    if (batch_norm) {
      before->has_batch_norm = true;
    } else if (shift) {
      before->has_bias = true;
    }
    keep_affine(assembler, node, input, x.layer);
    return assembler.give_joined(node, input);
  }
  if (x.layer == kNetworkInput && !batch_norm) {  // goes into the quantisation of the input
    keep_affine(assembler, node, input, kNetworkInput);
    return assembler.give_joined(node, input);
  }
  Layer layer = assembler.start(node, OpType::kConv2d, x);
  layer.groups = layer.input.channels;
  layer.has_bias = shift || batch_norm;
  layer.output = layer.input;
  assembler.give_layer(node, std::move(layer), x.layout);
  assembler.keep(NumberStep::Kind::kOnes, {});
  keep_affine(assembler, node, input, static_cast<int>(assembler.layers().size()) - 1);
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

void give_combined(LayerAssembler& assembler, const OnnxNode& node, OpType op) {
  Feature result = assembler.feature_input(node, 0);
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    result = combined(assembler, node, op, result, assembler.feature_input(node, i));
  }
  assembler.give_feature(node, result);
}

/// The second operand as operator sets since 7 have it: those before said from which dimension on
/// it is meant.
OnnxTensor aligned(const LayerAssembler& assembler, const OnnxNode& node, OnnxTensor constant,
                   const Feature& x) {
  constexpr int kAligned = 7;
  const std::size_t rank = x.layout.rank();
  if (assembler.graph().opset() >= kAligned || !node.has("axis")) return constant;
  const std::size_t axis = normal_axis(node.integer("axis", 0), rank);
  while (axis + constant.dims.size() < rank) constant.dims.push_back(1);
  return constant;
}

/// One number that the cost of a network does not depend on: of its weights, or lost.
void keep_scale(LayerAssembler& assembler, const OnnxNode& node, std::size_t tensor) {
  const Layer* before = assembler.joinable(node, tensor);
  const bool joins = before != nullptr && before->activation == Activation::kNone;
  keep_affine(assembler, node, tensor,
              joins ? assembler.feature_input(node, tensor).layer : kNetworkInput);
}

/// With a constant: a part of the layer before, another scale, or a function of one number.
void convert_with_constant(LayerAssembler& assembler, const OnnxNode& node, std::size_t tensor,
                           const OnnxTensor& given) {
  const Feature& x = assembler.feature_input(node, tensor);
  const OnnxTensor constant = aligned(assembler, node, given, x);
  const bool shift = node.op == "Add" || node.op == "Sub";
  const bool divides = node.op == "Div" && tensor == 1;
  switch (reach_of(constant, x)) {
    case Reach::kOneNumber:  // another scale or zero point of the same tensor
      if (divides) return give_activation(assembler, node, Activation::kTable, tensor);
      keep_scale(assembler, node, tensor);
      return assembler.give_joined(node, tensor);
    case Reach::kEachChannel:
      if (divides) break;
      return give_affine(assembler, node, tensor, shift, false);
    case Reach::kOther:
      break;
  }
  throw InputError(
      fmt::format("a constant of {} with a tensor of {}; supported are one number, and one for "
                  "each channel{}",
                  to_string(constant.dims), to_string(x.dims()),
                  divides ? " that divides, not is divided" : ""));
}

/// Add, Sub, Mul and Div of two operands, one of which may be constant.
void convert_arithmetic(LayerAssembler& assembler, const OnnxNode& node) {
  if (node.inputs.size() != 2) throw InputError("has not two inputs");
  const std::size_t tensor = assembler.is_feature(node.inputs[0]) ? 0 : 1;
  const OnnxTensor* constant = assembler.constant(node.inputs[1 - tensor]);
  if (constant != nullptr) return convert_with_constant(assembler, node, tensor, *constant);
  if (node.op == "Div") {  // a product with the reciprocal, which is a table
    const Feature reciprocal = activated(assembler, node, Activation::kTable, 1);
    return assembler.give_feature(node, combined(assembler, node, OpType::kMultiply,
                                                 assembler.feature_input(node, 0), reciprocal));
  }
  give_combined(assembler, node, node.op == "Mul" ? OpType::kMultiply : OpType::kAdd);
}

/// The thresholds of a channel are its scale and shift, and a table of how many a number reaches.
void convert_thresholds(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature& x = assembler.feature_input(node, 0);
  const OnnxTensor& thresholds = assembler.constant_input(node, 1, 2, "the thresholds");
  const int channels = assembler.shape_of(x).channels;
  if (thresholds.dims[0] == 1) return assembler.give_joined(node, 0);
  if (thresholds.dims[0] != channels) {
    throw InputError(
        fmt::format("thresholds of {} for {} channels; allowed are one row, and one "
                    "for each channel",
                    to_string(thresholds.dims), channels));
  }
  give_affine(assembler, node, 0, true, false);
}

void convert_power(LayerAssembler& assembler, const OnnxNode& node) {
  const OnnxTensor* exponent = assembler.constant(node.input(1));
  if (exponent == nullptr || exponent->elements() != 1) {
    throw InputError("is supported with a constant exponent of one number");
  }
  give_activation(assembler, node, Activation::kTable);
}

void convert_rounding(LayerAssembler& assembler, const OnnxNode& node) {
  assembler.give_joined(node, 0);
}

void convert_sum(LayerAssembler& assembler, const OnnxNode& node) {
  constexpr std::size_t kMost = 64;
  if (node.inputs.size() > kMost) throw InputError(fmt::format("of more than {} tensors", kMost));
  if (node.inputs.size() == 1) return assembler.give_joined(node, 0);
  give_combined(assembler, node, OpType::kAdd);
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
  bool along_channels =
      layout.is_nchw() || layout.is_nhwc() || layout.channels_last() || layout.is_ncl();
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

constexpr std::string_view kRounding = "nothing: rounding is a part of the requantisation";

constexpr std::array kConverters = {
    Converter{"Add",
              "add; with a constant, bias of the layer before, zero point, or depthwise conv2d",
              convert_arithmetic},
    Converter{"BatchNormalization",
              "part of the conv2d or fully_connected before it, else depthwise 1x1 conv2d",
              convert_batch_norm},
    Converter{"Ceil", kRounding, convert_rounding},
    Converter{"Concat", "concat; along channels only", convert_concat},
    Converter{
        "Div",
        "as Mul; of a constant of one number, activation table; by a tensor, activation table "
        "and multiply",
        convert_arithmetic},
    Converter{"Floor", kRounding, convert_rounding},
    Converter{
        "Mul",
        "multiply, of what is smaller a reorder before it unless it is one number a channel; with "
        "a constant, weights of the layer before, scale, or depthwise conv2d",
        convert_arithmetic},
    Converter{"MultiThreshold",
              "with a row of thresholds for each channel: part of the layer before, else depthwise "
              "1x1 conv2d",
              convert_thresholds},
    Converter{"Neg", "nothing: another scale of the same numbers", convert_rounding},
    Converter{"Pow", "activation table; with a constant exponent of one number", convert_power},
    Converter{"Round", kRounding, convert_rounding},
    Converter{"Sub", "as Add", convert_arithmetic},
    Converter{"Sum", "add, one for each further input", convert_sum},
};

}  // namespace

std::span<const Converter> elementwise_converters() {
  return kConverters;
}

}  // namespace dovetail
