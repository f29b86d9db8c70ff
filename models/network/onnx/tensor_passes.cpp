#include "models/network/onnx/tensor_passes.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/text/error.h"
#include "models/network/onnx/onnx_dims.h"

namespace dovetail {
namespace {

/// The activation of a layer that has the one and then the other; nothing if they do not join. What
/// is behind a table is a part of the table, and a clamp a part of any.
std::optional<Activation> joined(Activation first, Activation second) {
  if (first == Activation::kNone) return second;
  if (first == Activation::kTable || second == Activation::kTable) return Activation::kTable;
  if (second == Activation::kClamp) return first;
  const bool rectified = first == Activation::kRelu || first == Activation::kClamp;
  if (rectified && (second == Activation::kRelu || second == Activation::kRelu6)) return second;
  return {};
}

/// True if `small` has the dimensions of `x`, some of which it has but one element of.
bool broadcasts(const LayerAssembler& assembler, const Feature& small, const Feature& x) {
  if (small.layout.rank() > x.layout.rank() || small.layout.groups() != x.layout.groups()) {
    return false;
  }
  const TensorShape &from = assembler.shape_of(small), &to = assembler.shape_of(x);
  const auto fits = [](int size, int wanted) { return size == 1 || size == wanted; };
  if (!fits(from.height, to.height) || !fits(from.width, to.width) ||
      !fits(from.channels, to.channels)) {
    return false;
  }
  const std::size_t skip = x.layout.rank() - small.layout.rank();
  for (std::size_t i = 0; i < small.layout.rank(); ++i) {
    const std::vector<Axis>& axes = small.layout.axes(i);
    if (!axes.empty() && axes != x.layout.axes(skip + i)) return false;
  }
  return true;
}

/// `small` as a second operand of `x`: as it is if it has the same shape or one number a channel,
/// else repeated.
Feature as_operand(LayerAssembler& assembler, const OnnxNode& node, const Feature& small,
                   const Feature& x) {
  const TensorShape from = assembler.shape_of(small), to = assembler.shape_of(x);
  if (from == to || from == TensorShape{1, 1, to.channels}) return small;
  const auto repeat = [](int size, int wanted) {
    return AxisPick{0, 1, size == wanted ? 1 : wanted};
  };
  Layer layer = assembler.start(node, OpType::kReorder, small);
  layer.reorder.rows = repeat(from.height, to.height);
  layer.reorder.cols = repeat(from.width, to.width);
  layer.reorder.channels = repeat(from.channels, to.channels);
  layer.output = to;
  return assembler.add_layer(node, std::move(layer), x.layout);
}

}  // namespace

Feature activated(LayerAssembler& assembler, const OnnxNode& node, Activation activation,
                  std::size_t input) {
  const Feature x = assembler.feature_input(node, input);
  if (Layer* layer = assembler.joinable(node, input)) {
    if (const auto both = joined(layer->activation, activation)) {
      const bool exact = layer->activation == Activation::kNone ||
                         (layer->activation == Activation::kRelu &&
                          (activation == Activation::kRelu || activation == Activation::kRelu6));
      if (!exact) assembler.lose(node, "it joins an activation before it");
      layer->activation = *both;
      return x;
    }
  }
  Layer layer = assembler.start(node, OpType::kActivation, x);
  layer.output = layer.input;
  layer.activation = activation;
  return assembler.add_layer(node, std::move(layer), x.layout);
}

Feature combined(LayerAssembler& assembler, const OnnxNode& node, OpType op, Feature a, Feature b) {
  if (a.layout != b.layout) {
    if (!broadcasts(assembler, b, a)) std::swap(a, b);
    if (!broadcasts(assembler, b, a)) {
      throw InputError(fmt::format(
          "of {} and {}; supported are tensors of the same order, the one of the other's sizes or "
          "1",
          to_string(a.dims()), to_string(b.dims())));
    }
    b = as_operand(assembler, node, b, a);
  }
  Layer layer = assembler.start(node, op, a);
  layer.inputs.push_back(b.layer);
  layer.output = layer.input;
  return assembler.add_layer(node, std::move(layer), a.layout);
}

Feature channel_sum(LayerAssembler& assembler, const OnnxNode& node, const Feature& x,
                    Activation activation, int groups) {
  Layer layer = assembler.start(node, OpType::kConv2d, x);
  layer.groups = groups;
  layer.output = {layer.input.height, layer.input.width, groups};
  layer.weights_of = kFixedWeights;
  layer.activation = activation;
  const AxisLayout layout = x.layout.resized(layer.output);
  return assembler.add_layer(node, std::move(layer), layout);
}

Feature position_mean(LayerAssembler& assembler, const OnnxNode& node, const Feature& x,
                      Activation activation) {
  Layer layer = assembler.start(node, OpType::kGlobalAveragePool, x);
  layer.output = {1, 1, layer.input.channels};
  layer.activation = activation;
  return assembler.add_layer(node, std::move(layer), x.layout.pooled());
}

Reduced reduced_axes(const OnnxNode& node, const Feature& x, const TensorShape& shape,
                     const std::vector<bool>& dimensions) {
  bool channels = false, heights = false, widths = false, parts = false;
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    for (const Axis axis : x.layout.axes(i)) {
      if (!dimensions[i]) continue;
      (axis == Axis::kHeight    ? heights
       : axis == Axis::kWidth   ? widths
       : axis == Axis::kChannel ? channels
                                : parts) = true;
    }
  }
  const bool none = std::ranges::count(dimensions, true) == 0;
  if (parts || none || dimensions[0]) {
    throw InputError(fmt::format("{} of {} over other dimensions than height, width and channels",
                                 node.op, to_string(x.dims())));
  }
  if (channels) return {heights, widths, true};
  return {heights || shape.height == 1, widths || shape.width == 1, false};
}

}  // namespace dovetail
