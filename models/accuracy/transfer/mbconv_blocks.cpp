#include "models/accuracy/transfer/mbconv_blocks.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/text/error.h"

namespace dovetail {
namespace {

/// Layers [first, end) of one block.
MbconvBlock read_block(const std::vector<Layer>& layers, std::size_t first, std::size_t end) {
  MbconvBlock block;
  int depthwise = 0;
  for (std::size_t i = first; i < end; ++i) {
    const Layer& layer = layers[i];
    block.squeeze_excite = block.squeeze_excite || layer.op == OpType::kMultiply;
    if (!layer.is_depthwise()) continue;
    ++depthwise;
    if (layer.kernel_h != layer.kernel_w) {
      throw InputError(fmt::format("{} has a kernel of {}x{}; allowed are square ones",
                                   layers[first].block, layer.kernel_h, layer.kernel_w));
    }
    block.kernel = layer.kernel_h;
    block.expansion = layer.output.channels / static_cast<double>(layers[first].input.channels);
  }
  if (depthwise != 1) {
    throw InputError(fmt::format("{} is no MBConv block: it has {} depthwise convolutions",
                                 layers[first].block, depthwise));
  }
  block.in_channels = layers[first].input.channels;
  block.in_height = layers[first].input.height;
  block.out_channels = layers[end - 1].output.channels;
  block.out_height = layers[end - 1].output.height;
  return block;
}

/// Gives each block its stage.
void number_stages(std::vector<MbconvBlock>& blocks, const Network& network) {
  int channels = 0;  // of stage 3
  bool later = false;
  for (MbconvBlock& block : blocks) {
    const int reduction = network.input().height / block.out_height;
    switch (reduction) {
      case 2:
        block.stage = 0;
        break;
      case 4:
        block.stage = 1;
        break;
      case 8:
        block.stage = 2;
        break;
      case 16:
        if (channels == 0) channels = block.out_channels;
        later = later || block.out_channels != channels;
        block.stage = later ? 4 : 3;
        break;
      case 32:
        block.stage = 5;
        break;
      default:
        throw InputError(
            fmt::format("a block is reduced by {}, known are 2, 4, 8, 16 and 32", reduction));
    }
  }
}

}  // namespace

std::vector<MbconvBlock> mbconv_blocks(const Network& network) {
  const std::vector<Layer>& layers = network.layers();
  std::vector<MbconvBlock> blocks;
  try {
    for (std::size_t first = 0, end = 0; first < layers.size(); first = end) {
      for (end = first + 1; end < layers.size() && layers[end].block == layers[first].block;) ++end;
      if (!layers[first].block.empty()) blocks.push_back(read_block(layers, first, end));
    }
    number_stages(blocks, network);
    std::array<int, kMbconvStages> count{};
    for (const MbconvBlock& block : blocks) ++count[static_cast<std::size_t>(block.stage)];
    const auto none = std::find(count.begin() + 1, count.end(), 0);
    if (none != count.end()) {
      throw InputError(fmt::format("stage {} has no block", none - count.begin()));
    }
  } catch (const InputError& e) {
    throw InputError(fmt::format("network '{}': {}", network.name(), e.what()));
  }
  return blocks;
}

}  // namespace dovetail
