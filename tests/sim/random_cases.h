#pragma once

#include <vector>

#include "base/numbers/random.h"
#include "hw_space/accelerator_config.h"
#include "models/network/layers/network.h"

namespace dovetail::test {

/// A point of nahas_edge_streamed: one way to keep weights, and no layer works ahead of another.
AcceleratorConfig random_accelerator(Rng& rng);
/// A network of one layer of a random operator and shape, reading the network's input.
Network random_layer_network(Rng& rng);
/// A network of one layer: any operator, any shape, stride, dilation and padding, sides of
/// different lengths.
Network random_single_layer(Rng& rng);
/// The same with rows and columns exchanged.
Network transposed(const Network& network);
/// A convolution on its own.
Network conv_network(TensorShape input, int channels, int kernel, int stride, int groups = 1);

}  // namespace dovetail::test
