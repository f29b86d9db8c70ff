#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "models/network/layers/layer.h"

namespace dovetail {

/// Of the input of a kReorder, from the first to the last that is taken.
struct ChannelRange {
  int first = 0, count = 1;
};
ChannelRange channels_read(const Layer& layer);

/// How the PE array sees an operator.
enum class WorkKind {
  kDense,        // every output channel reads every input channel of its group; broadcast reuse
  kDepthwise,    // every unit wants its own operand: depthwise convolution and windowed pooling
  kElementwise,  // add, multiply, activation, concatenation: as many operations as outputs
  kGlobalPool,   // sums over all positions, then over PEs
  kGather,       // as elementwise, but a PE needs other channels of the input than of the output
};

/// True if a PE that has some channels of the output needs just those of the input.
constexpr bool is_channelwise(WorkKind kind) {
  return kind != WorkKind::kDense && kind != WorkKind::kGather;
}

/// What the inputs behind the first are.
enum class FurtherInputs {
  kNone,
  kAlike,        // of the first one's shape, read position by position
  kAlikeOrGate,  // the same, or 1x1xC for all positions
  kJoined,       // of its height and width, each gives channels of the output
  kAsWeights,    // a matrix that takes the place of weights
};

/// One operator: all that the rest of the program knows of it, but for what it computes
/// (sim/kernels) and how ONNX writes it (models/network/onnx).
struct OperatorRules {
  OpType op;
  std::string_view name;
  int min_inputs, max_inputs;
  FurtherInputs further_inputs;
  bool has_weights;
  bool flattens;  // reads an input of several positions as one vector
  WorkKind (*work)(const Layer& layer);
  /// Multiply-accumulates of one output, as papers count them; 0 where they count none.
  std::int64_t (*products)(const Layer& layer);
  /// The output that it gives for inputs of these shapes. Throws InputError saying what in the
  /// layer or in the inputs does not fit.
  TensorShape (*output)(const Layer& layer, std::span<const TensorShape> inputs);
};
std::span<const OperatorRules> operators();
const OperatorRules& rules_of(OpType op);

/// The largest integer if the product of these, none of them negative, does not fit one.
std::int64_t product_of(std::initializer_list<std::int64_t> factors);

/// Whether row `i` of a table is that of value `i` of an enumeration, so that it is found by it.
template <typename Rows, typename Row, typename Value>
constexpr bool in_order_of_enumeration(const Rows& rows, Value Row::*value) {
  std::size_t i = 0;
  return std::ranges::all_of(
      rows, [&](const Row& row) { return static_cast<std::size_t>(row.*value) == i++; });
}

}  // namespace dovetail
