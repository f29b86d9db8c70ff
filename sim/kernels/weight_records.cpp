#include "sim/kernels/weight_records.h"

#include <algorithm>

namespace dovetail {
namespace {

std::int32_t int32_at(const Element* bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i)
    value |= std::uint32_t{static_cast<std::uint8_t>(bytes[i])} << (8 * i);
  return static_cast<std::int32_t>(value);
}

void append_int32(std::int32_t value, Element*& bytes) {
  for (int i = 0; i < 4; ++i) {
    *bytes++ = static_cast<std::int8_t>(static_cast<std::uint32_t>(value) >> (8 * i));
  }
}

}  // namespace

TensorPart pack_weights(const Layer& layer, const QuantizedLayer& quantized, const Region& whole,
                        int part_inputs) {
  TensorPart packed(whole);
  const auto products = static_cast<std::ptrdiff_t>(layer.weight_count() / layer.output.channels);
  const std::ptrdiff_t taps = std::ptrdiff_t{layer.kernel_h} * layer.kernel_w;
  const std::ptrdiff_t inputs = products / taps;
  Element* to = packed.data.data();
  for (int channel = 0; channel < layer.output.channels; ++channel) {
    const auto of_channel = quantized.weights.begin() + channel * products;
    for (std::ptrdiff_t first = 0; first < inputs; first += part_inputs) {
      const std::ptrdiff_t count = std::min<std::ptrdiff_t>(part_inputs, inputs - first);
      for (std::ptrdiff_t tap = 0; tap < taps; ++tap) {
        to = std::copy_n(of_channel + tap * inputs + first, count, to);
      }
    }
    append_int32(quantized.bias[static_cast<std::size_t>(channel)], to);
    append_int32(quantized.multipliers[static_cast<std::size_t>(channel)], to);
  }
  return packed;
}

ChannelConstants constants_at(const Element* bytes) {
  return {int32_at(bytes), int32_at(bytes + 4)};
}

}  // namespace dovetail
