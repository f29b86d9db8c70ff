#pragma once

#include <vector>

#include "base/random.h"
#include "hw_space/accelerator_config.h"
#include "models/network/network.h"

namespace dovetail::test {

/// A point of nahas_edge.
AcceleratorConfig random_accelerator(Rng& rng);
/// A network of one layer of a random operator and shape, reading the network's input.
Network random_layer_network(Rng& rng);
/// A convolution on its own.
Network conv_network(TensorShape input, int channels, int kernel, int stride, int groups = 1);

}  // namespace dovetail::test
