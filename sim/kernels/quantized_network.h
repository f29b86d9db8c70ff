#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/network/layers/network.h"

namespace dovetail {

/// An int8 tensor, channels innermost (NHWC, batch 1). It stands for scale * (value - zero point);
/// scales appear only in the multipliers that a layer requantises with.
struct QuantizedTensor {
  TensorShape shape;
  std::vector<std::int8_t> data;

  std::int8_t at(int y, int x, int channel) const {
    return data[(static_cast<std::size_t>(y) * static_cast<std::size_t>(shape.width) +
                 static_cast<std::size_t>(x)) *
                    static_cast<std::size_t>(shape.channels) +
                static_cast<std::size_t>(channel)];
  }
  bool operator==(const QuantizedTensor&) const = default;
};

/// The integers of one layer, in the scheme of Jacob et al., "Quantization and Training of Neural
/// Networks for Efficient Integer-Arithmetic-Only Inference", CVPR 2018: symmetric weights with a
/// scale for each output channel, asymmetric activations with one for each tensor.
struct QuantizedLayer {
  std::vector<std::int8_t> weights;  // [output channel][kernel y][kernel x][input channel of group]
  std::vector<std::int32_t> bias;    // one an output channel, added to the accumulator
  /// Fixed-point factors of 2^-shift: one an output channel where there are weights, one an input
  /// of additions and concatenations, else one.
  std::vector<std::int32_t> multipliers;
  int shift = 0;                       // 1 to 62, of the whole layer
  std::int32_t divisor = 1;            // of the products: positions that a global pool averages
  int zero_point = 0;                  // of the requantised value
  std::int8_t low = -128, high = 127;  // clamps it: int8's range, or ReLU and ReLU6
  std::vector<std::int8_t> table;      // 256 entries for table activations (value + 128), else none
  int output_zero_point = 0;  // of what leaves the layer: behind the table, if there is one
};

struct QuantizedNetwork {
  int input_zero_point = 0;
  std::vector<QuantizedLayer> layers;

  /// Of what `index` (a layer or kNetworkInput) produces.
  int zero_point_of(int index) const {
    return index == kNetworkInput ? input_zero_point
                                  : layers[static_cast<std::size_t>(index)].output_zero_point;
  }
};

/// From the product of accumulator and multiplier (or a sum of products) to the output: over the
/// divisor and 2^shift, rounded once, to nearest and halves to even (as ONNX's QuantizeLinear);
/// zero point, clamp, table.
inline std::int8_t requantize(const QuantizedLayer& layer, std::int64_t product) {
  std::int64_t rest = 0;  // of a half, anything more is above it
  if (layer.divisor != 1) {
    rest = product % layer.divisor;
    product = product / layer.divisor - (rest < 0 ? 1 : 0);
  }
  const std::int64_t below_half = (std::int64_t{1} << (layer.shift - 1)) - 1;
  const std::int64_t up = ((product >> layer.shift) & 1) | (rest != 0 ? 1 : 0);
  const std::int64_t value = ((product + below_half + up) >> layer.shift) + layer.zero_point;
  const auto clamped =
      static_cast<std::int8_t>(std::clamp<std::int64_t>(value, layer.low, layer.high));
  return layer.table.empty() ? clamped : layer.table[static_cast<std::size_t>(int{clamped} + 128)];
}

/// Mean of `count` values, rounded to nearest and halves to even: window average pools.
inline std::int32_t rounded_mean(std::int32_t sum, std::int32_t count) {
  const std::int32_t below = sum / count - (sum % count < 0 ? 1 : 0);
  const std::int32_t twice_rest = 2 * (sum - below * count);
  return below + (twice_rest > count || (twice_rest == count && below % 2 != 0) ? 1 : 0);
}

}  // namespace dovetail
