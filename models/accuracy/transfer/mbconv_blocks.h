#pragma once

#include <vector>

#include "models/network/layers/network.h"

namespace dovetail {

/// A depthwise-separable block (MBConv) as far as accuracy effects are known of it.
struct MbconvBlock {
  int stage = 0;
  int kernel = 3;
  double expansion = 1;  // hidden over input channels
  int in_channels = 0, out_channels = 0;
  int in_height = 0, out_height = 0;
  bool squeeze_excite = false;
};

/// Stages of MobileNetV2 and its descendants, by how far the output of a block is reduced against
/// the network's input: 2 is stage 0, 4 stage 1, 8 stage 2, 16 stage 3 and, from where the number
/// of channels first changes, stage 4, 32 stage 5.
inline constexpr int kMbconvStages = 6;

/// The blocks of a network, in their order. Throws InputError for one that is no MBConv block (its
/// layers have not exactly one depthwise convolution), is reduced otherwise, or if a stage from 1
/// on has none.
std::vector<MbconvBlock> mbconv_blocks(const Network& network);

}  // namespace dovetail
