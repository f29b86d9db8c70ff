#pragma once

#include <cstdint>

#include "sim/kernels/pe_memory.h"
#include "sim/kernels/quantized_network.h"

namespace dovetail {

// Of each output channel the hardware reads one record: weights, int32 bias, int32 multiplier. The
// weights stand as tiles read them: those of the first part of the input channels, window by
// window, then those of the next.

/// The records of all output channels, for parts of `part_inputs` input channels of a group (the
/// last may be smaller); `whole` is their place in the tensor of weights.
TensorPart pack_weights(const Layer& layer, const QuantizedLayer& quantized, const Region& whole,
                        int part_inputs);

/// What stands in a record behind its weights.
struct ChannelConstants {
  std::int32_t bias, multiplier;
};
ChannelConstants constants_at(const Element* bytes);

}  // namespace dovetail
