#pragma once

#include <cstdint>

#include "models/network/layers/network.h"
#include "models/training/weights/network_weights.h"

namespace dovetail {

/// What training starts from: weights normal with variance 2 / fan-in (He et al. 2015), those of a
/// last fully connected layer 1 / fan-in; biases and shifts 0, scales and variances 1. Each tensor
/// depends on the seed and its place alone.
NetworkWeights initial_weights(const Network& network, std::uint64_t seed);

}  // namespace dovetail
