#include "models/network/blocks/scaled_blocks.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/text/error.h"

namespace dovetail {
namespace {

/// Hidden channels of a block behind `input` channels, as `pattern`, which is behind
/// `pattern_input`, has them.
int scaled_hidden(const Block& pattern, int pattern_input, int input, int channels) {
  switch (pattern.kind) {
    case BlockKind::kSeparable:
      return input;
    case BlockKind::kInvertedResidual:
    case BlockKind::kFused:
      if (input == pattern_input) return pattern.hidden;
      return round_channels(static_cast<double>(pattern.hidden) * input / pattern_input);
    case BlockKind::kBottleneck:
      if (channels == pattern.channels) return pattern.hidden;
      return round_channels(static_cast<double>(pattern.hidden) * channels / pattern.channels);
    default:
      return pattern.hidden;
  }
}

bool keeps_channels(BlockKind kind) {
  return kind == BlockKind::kDepthwise || kind == BlockKind::kGlobalPool ||
         kind == BlockKind::kAveragePool || kind == BlockKind::kMaxPool;
}

}  // namespace

ScalableNetwork::ScalableNetwork(BlockNetwork base) : base_(std::move(base)) {
  scale_.resolution = base_.input.height;
  int channels = base_.input.channels, reduction = 1;
  for (std::size_t i = 0; i < base_.blocks.size(); ++i) {
    const Block& block = base_.blocks[i];
    inputs_.push_back(channels);
    reduction *= block.stride;
    const bool stem = i == 0 && block.kind == BlockKind::kConv;
    const bool goes_on =
        !stages_.empty() && !stages_.back().stem && block.stride == 1 &&
        block.channels == channels &&
        stages_.back().first + static_cast<std::size_t>(stages_.back().blocks) == i;
    channels = block.channels;
    if (!stem && !has_parts(block.kind)) continue;
    if (goes_on) {
      ++stages_.back().blocks;
    } else {
      stages_.push_back({i, 1, block.channels, stem, reduction});
    }
  }
  if (stages_.empty()) {
    throw InputError(fmt::format(
        "network '{}': found no stage that could be scaled; allowed are networks with a "
        "convolution first or blocks of several layers (ds, mb, fused, basic, bottleneck)",
        base_.name));
  }
  for (const BlockStage& stage : stages_) {
    scale_.blocks.push_back(stage.blocks);
    scale_.channels.push_back(stage.channels);
  }
}

void ScalableNetwork::require(const NetworkScale& scale) const {
  const auto above_0 = [](int number) { return number > 0; };
  bool sound = scale.resolution > 0 && scale.blocks.size() == stages_.size() &&
               scale.channels.size() == stages_.size() &&
               std::ranges::all_of(scale.blocks, above_0) &&
               std::ranges::all_of(scale.channels, above_0);
  for (std::size_t s = 0; sound && s < stages_.size(); ++s) {
    if (stages_[s].stem && scale.blocks[s] != 1) sound = false;
  }
  if (!sound) {
    throw InputError(fmt::format(
        "network '{}': found a scale that is not one of its {} stages, allowed are blocks and "
        "channels from 1 for each, and one block for the stem",
        base_.name, stages_.size()));
  }
}

std::vector<std::size_t> ScalableNetwork::patterns(const NetworkScale& scale) const {
  std::vector<std::size_t> positions;
  std::size_t at = 0;
  for (std::size_t s = 0; s < stages_.size(); ++s) {
    const BlockStage& stage = stages_[s];
    for (; at < stage.first; ++at) positions.push_back(at);
    for (int b = 0; b < scale.blocks[s]; ++b) {
      positions.push_back(stage.first + static_cast<std::size_t>(std::min(b, stage.blocks - 1)));
    }
    at = stage.first + static_cast<std::size_t>(stage.blocks);
  }
  for (; at < base_.blocks.size(); ++at) positions.push_back(at);
  return positions;
}

std::vector<int> ScalableNetwork::stage_of_blocks(const NetworkScale& scale) const {
  require(scale);
  std::vector<int> stages;
  for (const std::size_t position : patterns(scale)) {
    int found = -1;
    for (std::size_t s = 0; s < stages_.size(); ++s) {
      const std::size_t end = stages_[s].first + static_cast<std::size_t>(stages_[s].blocks);
      if (position >= stages_[s].first && position < end) found = static_cast<int>(s);
    }
    stages.push_back(found);
  }
  return stages;
}

BlockNetwork ScalableNetwork::at(const NetworkScale& scale, const std::string& name) const {
  const std::vector<int> stage_of = stage_of_blocks(scale);
  const std::vector<std::size_t> positions = patterns(scale);
  BlockNetwork scaled{name, base_.input, {}};
  scaled.input.height = scale.resolution;
  scaled.input.width = static_cast<int>(
      std::lround(static_cast<double>(base_.input.width) * scale.resolution / base_.input.height));
  int channels = base_.input.channels, before = -1;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const Block& pattern = base_.blocks[positions[i]];
    const int pattern_input = inputs_[positions[i]], stage = stage_of[i];
    Block block = pattern;
    if (stage >= 0) {
      block.channels = scale.channels[static_cast<std::size_t>(stage)];
      if (stage == before) block.stride = 1;
    } else if (keeps_channels(block.kind)) {
      block.channels = channels;
    }
    block.hidden = scaled_hidden(pattern, pattern_input, channels, block.channels);
    if (block.se.squeeze_channels > 0 && channels != pattern_input) {
      block.se.squeeze_channels = std::max(
          1, static_cast<int>(std::lround(static_cast<double>(pattern.se.squeeze_channels) *
                                          channels / pattern_input)));
    }
    before = stage;
    channels = block.channels;
    scaled.blocks.push_back(std::move(block));
  }
  return scaled;
}

}  // namespace dovetail
