#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/functional/quantized_network.h"

namespace dovetail {

// What a network computes, as plain loops over whole tensors that know nothing of PEs, tiles or
// memories: the mapped computation is compared with it. Shared are requantize() and rounded_mean().

/// A tensor and the zero point of its values.
struct ReferenceInput {
  const QuantizedTensor* tensor;
  int zero_point;
};

/// What a layer reads: the network's input, or outputs of layers before it.
std::vector<ReferenceInput> reference_inputs(const Layer& layer, const QuantizedNetwork& quantized,
                                             const QuantizedTensor& input,
                                             const std::vector<QuantizedTensor>& outputs);

/// Accumulators of a layer with one each output (convolution, fully connected, matrix product,
/// global pool, multiplication, activation), biases included; in the order of the output.
std::vector<std::int32_t> reference_accumulators(const Layer& layer,
                                                 const QuantizedLayer& quantized,
                                                 std::span<const ReferenceInput> inputs);

/// The output of one layer.
QuantizedTensor reference_layer(const Layer& layer, const QuantizedLayer& quantized,
                                std::span<const ReferenceInput> inputs);

/// The output of the network.
QuantizedTensor reference_output(const Network& network, const QuantizedNetwork& quantized,
                                 const QuantizedTensor& input);

}  // namespace dovetail
