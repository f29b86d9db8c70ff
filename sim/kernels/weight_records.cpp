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

TensorPart pack_weights(const Layer& layer, const QuantizedLayer& quantized, const Region& whole) {
  TensorPart packed(whole);
  const auto products = static_cast<std::ptrdiff_t>(layer.weight_count() / layer.output.channels);
  Element* to = packed.data.data();
  for (int channel = 0; channel < layer.output.channels; ++channel) {
    to = std::copy_n(quantized.weights.begin() + channel * products, products, to);
    append_int32(quantized.bias[static_cast<std::size_t>(channel)], to);
    append_int32(quantized.multipliers[static_cast<std::size_t>(channel)], to);
  }
  return packed;
}

ChannelConstants constants_at(const Element* bytes) {
  return {int32_at(bytes), int32_at(bytes + 4)};
}

}  // namespace dovetail
