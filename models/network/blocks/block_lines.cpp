#include "models/network/blocks/block_lines.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace dovetail {
namespace {

bool is_mobile(BlockKind kind) {
  return kind == BlockKind::kSeparable || kind == BlockKind::kInvertedResidual ||
         kind == BlockKind::kFused;
}

}  // namespace

BlockTemplate::BlockTemplate(const YamlNode& blocks, const std::optional<YamlNode>& defaults,
                             const DecisionSpace& decisions)
    : lines_(parse_block_lines(blocks, defaults, decisions)) {}

Block BlockTemplate::make_block(const BlockLine& line, const BlockValues& values,
                                int input_channels, int stride) {
  const auto number = [&](BlockKey key) { return values[static_cast<std::size_t>(key)]; };
  const auto integer = [&](BlockKey key) { return static_cast<int>(number(key)); };

  Block block;
  block.kind = line.kind;
  block.name = line.name;
  if (integer(BlockKey::kKernel) > 0) block.kernel = window_of(number(BlockKey::kKernel));
  block.stride = stride;
  if (block.kernel.positions() > 1) block.dilation = std::max(1, integer(BlockKey::kDilation));
  block.groups = std::max(1, integer(BlockKey::kGroups));
  block.activation = static_cast<Activation>(integer(BlockKey::kActivation));
  block.bias = integer(BlockKey::kBias) != 0;
  block.batch_norm = line.kind != BlockKind::kConv || integer(BlockKey::kBatchNorm) != 0;
  block.channels = integer(BlockKey::kChannels);
  if (block.channels == 0) block.channels = input_channels;  // kinds without c keep the channels
  block.flatten = integer(BlockKey::kFlatten) != 0;
  block.hidden = integer(BlockKey::kHidden);
  if (is_mobile(line.kind)) set_mobile_parts(block, values, input_channels);
  return block;
}

/// What ds, mb and fused have. Blocks that are the same network are made the same block, as
/// canonical keys need.
void BlockTemplate::set_mobile_parts(Block& block, const BlockValues& values, int input_channels) {
  const auto number = [&](BlockKey key) { return values[static_cast<std::size_t>(key)]; };
  const auto integer = [&](BlockKey key) { return static_cast<int>(number(key)); };

  if (block.kind == BlockKind::kSeparable) {
    block.hidden = input_channels;
  } else if (block.hidden == 0) {
    block.hidden = round_channels(input_channels * number(BlockKey::kExpansion),
                                  integer(BlockKey::kExpansionRound));
  }
  if (block.kind == BlockKind::kInvertedResidual && block.hidden == input_channels) {
    block.always_expand = integer(BlockKey::kExpand) != 0;
    if (!block.always_expand) block.kind = BlockKind::kSeparable;
  }
  const bool residual = block.stride == 1 && block.channels == input_channels;
  block.skip = !residual || integer(BlockKey::kSkip) != 0;
  block.se.squeeze_channels = integer(BlockKey::kSeChannels);
  if (const double ratio = number(BlockKey::kSe); ratio > 0 && block.se.squeeze_channels == 0) {
    const bool of_hidden = integer(BlockKey::kSeOf) != 0;
    block.se.squeeze_channels = round_channels((of_hidden ? block.hidden : input_channels) * ratio,
                                               integer(BlockKey::kSeRound));
  }
  block.se.inner = static_cast<Activation>(integer(BlockKey::kSeInner));
  block.se.gate = static_cast<Activation>(integer(BlockKey::kSeGate));
}

void BlockTemplate::check_groups(const BlockLine& line, const Block& block, int input_channels) {
  const int from = line.kind == BlockKind::kBottleneck ? block.hidden : input_channels;
  const int to = line.kind == BlockKind::kConv ? block.channels : block.hidden;
  if (block.groups > 1 && (from % block.groups != 0 || to % block.groups != 0)) {
    throw line.node.error(
        fmt::format("g '{}' must divide {} input and {} output channels", block.groups, from, to));
  }
}

void BlockTemplate::append_blocks(const BlockLine& line, const Choices& choices, int input_channels,
                                  std::vector<Block>& blocks) {
  if (!line.holds(choices)) return;
  BlockValues values = line.values;
  for (const BlockLine::Substitution& substitution : line.substitutions) {
    values[static_cast<std::size_t>(substitution.key)] =
        substitution.values[choices[substitution.decision]];
  }
  const int stride = std::max(1, static_cast<int>(values[static_cast<int>(BlockKey::kStride)]));
  const int repeat = std::max(1, static_cast<int>(values[static_cast<int>(BlockKey::kRepeat)]));
  for (int r = 0; r < repeat; ++r) {
    blocks.push_back(make_block(line, values, input_channels, r == 0 ? stride : 1));
    check_groups(line, blocks.back(), input_channels);
    input_channels = blocks.back().channels;
  }
}

std::vector<Block> BlockTemplate::resolve(const Choices& choices, int input_channels) const {
  std::vector<Block> blocks;
  blocks.reserve(lines_.size() + 32);
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const std::size_t first = blocks.size();
    append_blocks(lines_[i], choices, first == 0 ? input_channels : blocks.back().channels, blocks);
    for (std::size_t b = first; b < blocks.size(); ++b) blocks[b].line = static_cast<int>(i);
  }
  return blocks;
}

void BlockTemplate::check_flatten(const BlockLine& line, const Block& block,
                                  const TensorShape& input) {
  const bool flat = input.height == 1 && input.width == 1;
  if (!flat && !block.flatten) {
    throw line.node.error(
        fmt::format("fc needs a 1x1 input and gets {}x{}; put 'pool' before it, or flatten=yes",
                    input.height, input.width));
  }
  if (flat && block.flatten) {
    throw line.node.error("'flatten' has no effect on this line: the input is 1x1");
  }
}

Network BlockTemplate::build(std::string name, const TensorShape& input,
                             std::span<const Block> blocks) const {
  NetworkBuilder builder(std::move(name), input);
  int at = kNetworkInput;
  int number = 0;
  for (const Block& block : blocks) {
    if (block.kind == BlockKind::kFullyConnected) {
      check_flatten(lines_[block.line], block, builder.shape_of(at));
    }
    at = append_block(builder, block, at, number);
  }
  return builder.finish();
}

void BlockTemplate::mark_read(const Choices& choices, std::vector<bool>& read) const {
  for (const BlockLine& line : lines_) {
    if (line.condition) read[line.condition->decision] = true;
    if (!line.holds(choices)) continue;
    for (const BlockLine::Substitution& used : line.substitutions) read[used.decision] = true;
  }
}

bool BlockTemplate::mentions(std::size_t decision) const {
  return std::ranges::any_of(lines_, [&](const BlockLine& line) {
    return (line.condition && line.condition->decision == decision) ||
           std::ranges::any_of(line.substitutions,
                               [&](const BlockLine::Substitution& substitution) {
                                 return substitution.decision == decision;
                               });
  });
}

TensorShape read_input_shape(const YamlNode& node) {
  constexpr int kMax = 65536;
  YamlMap map = node.map();
  TensorShape shape;
  shape.height = static_cast<int>(map.required("height").as_int(1, kMax));
  shape.width = static_cast<int>(map.required("width").as_int(1, kMax));
  shape.channels = static_cast<int>(map.required("channels").as_int(1, kMax));
  map.finish();
  return shape;
}

}  // namespace dovetail
