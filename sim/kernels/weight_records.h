#pragma once

#include <cstdint>

#include "sim/kernels/pe_memory.h"
#include "sim/kernels/quantized_network.h"

namespace dovetail {

// Of each output channel the hardware reads one record: weights, int32 bias, int32 multiplier.

/// The records of all output channels; `whole` is their place in the tensor of weights.
TensorPart pack_weights(const Layer& layer, const QuantizedLayer& quantized, const Region& whole);

/// What stands in a record behind its weights.
struct ChannelConstants {
  std::int32_t bias, multiplier;
};
ChannelConstants constants_at(const Element* bytes);

}  // namespace dovetail
