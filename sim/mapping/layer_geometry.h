#pragma once

#include <array>
#include <cstdint>

#include "models/network/layers/network.h"
#include "models/network/layers/operators.h"

namespace dovetail {

/// Integer division rounding up.
/// a / b of numbers that are not negative. Short ones are divided twice as fast, and divisions are
/// much of the mapper's time.
inline std::int64_t quotient(std::int64_t a, std::int64_t b) {
  if (((a | b) >> 32) == 0) {
    return static_cast<std::uint32_t>(a) / static_cast<std::uint32_t>(b);
  }
  return a / b;
}

inline std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return quotient(a + b - 1, b);
}

/// Most inputs of a layer, of concatenations in practice.
inline constexpr int kMaxInputs = 8;

/// The numbers of a layer that mapping and timing depend on, and nothing else: two layers with the
/// same geometry take the same time in the same circumstances.
struct LayerGeometry {
  WorkKind kind = WorkKind::kDense;
  int out_h = 1, out_w = 1, out_c = 1;
  int in_h = 1, in_w = 1, in_c = 1;
  int kernel_h = 1, kernel_w = 1;
  int stride_h = 1, stride_w = 1;
  int reach_h = 1, reach_w = 1;  // input rows and columns under a window, gaps of dilation included
  int halo_h = 0, halo_w = 0;    // of these, shared by neighbouring outputs' windows
  int pad_top = 0, pad_left = 0;
  int repeat_h = 1, repeat_w = 1;  // outputs in a row that read the same input
  int groups = 1;
  // Tensors that it reads position by position, with their channels (an addition has two of in_c, a
  // concatenation as many as it joins).
  int inputs = 1;
  bool flattens = false;  // reads an input of several positions as one vector
  std::array<int, kMaxInputs> input_channels{};
  int reads_per_output = 1;       // of elementwise operators
  std::int64_t gate_bytes = 0;    // a second input of shape 1x1xC that goes to every PE
  bool table_activation = false;  // a table lookup per output
  std::int64_t weight_bytes = 0;
  bool weights_are_activations = false;  // a matrix product: the second input takes their place
  std::int64_t macs = 0;
  Bits bits;

  /// Throws InputError if the layer joins more than kMaxInputs tensors.
  static LayerGeometry of(const Network& network, const Layer& layer);

  int taps() const { return kernel_h * kernel_w; }
  /// Input channels that one output reads.
  int reduction_channels() const { return kind == WorkKind::kDense ? in_c / groups : 1; }
  /// True if the vector unit does it, operand after operand; else the lanes do.
  bool streams() const {
    return kind == WorkKind::kElementwise || kind == WorkKind::kGlobalPool ||
           kind == WorkKind::kGather;
  }
  /// True if a PE that has some channels of the output needs just those of the input.
  bool channelwise() const { return is_channelwise(kind); }
  std::int64_t out_elements() const { return std::int64_t{out_h} * out_w * out_c; }
  std::int64_t in_elements() const { return std::int64_t{in_h} * in_w * in_c; }
  /// Of what takes the place of weights.
  int weight_bits() const { return weights_are_activations ? bits.activation : bits.weight; }
  std::int64_t bytes_of_weights(std::int64_t count) const { return bytes_of(count, weight_bits()); }
  std::int64_t bytes_of_activations(std::int64_t count) const {
    return bytes_of(count, bits.activation);
  }
  std::int64_t bytes_of_accumulators(std::int64_t count) const {
    return bytes_of(count, bits.accumulator);
  }
  std::int64_t out_bytes() const { return bytes_of_activations(out_elements()); }

  bool operator==(const LayerGeometry&) const = default;
};

}  // namespace dovetail
