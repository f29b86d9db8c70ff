#pragma once

#include <cstdint>

#include "sim/kernels/quantized_network.h"

namespace dovetail {

/// Random weights, biases, zero points and scales, the same for the same network and seed. Scales
/// are measured on random_input() of the seed, layer by layer, so that activations neither vanish
/// nor saturate however deep the network is.
/// Throws InputError for a layer whose sums could overflow int32 accumulators (more than 65,000
/// products an output).
QuantizedNetwork random_quantization(const Network& network, std::uint64_t seed);

/// Uniformly random values for the network's input.
QuantizedTensor random_input(const Network& network, std::uint64_t seed);

}  // namespace dovetail
