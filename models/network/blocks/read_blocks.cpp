#include "models/network/blocks/read_blocks.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text/error.h"

namespace dovetail {
namespace {

bool is_plain_1x1(const Layer& layer) {
  return layer.op == OpType::kConv2d && layer.kernel_h == 1 && layer.kernel_w == 1 &&
         layer.stride_h == 1 && layer.stride_w == 1 && layer.groups == 1;
}

/// Reads layer after layer; what it makes of them is compared with them at the end, so it guesses.
class BlockReader {
 public:
  explicit BlockReader(const Network& network) : network_(network), layers_(network.layers()) {}

  std::vector<Block> read() {
    std::vector<Block> blocks;
    while (next_ < layers_.size()) {
      Block block = read_block();
      if (!has_parts(block.kind)) block.name = fmt::format("layer{}", next_);
      blocks.push_back(std::move(block));
      input_ = static_cast<int>(next_) - 1;
    }
    return blocks;
  }

 private:
  /// The layer `ahead` of the next, if there is one and it does nothing but read the one before it.
  const Layer* ahead(std::size_t ahead) const {
    const std::size_t i = next_ + ahead;
    if (i >= layers_.size()) return nullptr;
    const int before = ahead == 0 ? input_ : static_cast<int>(i) - 1;
    return layers_[i].inputs.size() == 1 && layers_[i].inputs[0] == before ? &layers_[i] : nullptr;
  }

  Block read_block() {
    const Layer* layer = ahead(0);
    if (layer == nullptr) fail(layers_[next_]);
    if (layer->op == OpType::kConv2d) {
      if (std::optional<Block> block = read_mobile()) return *block;
    }
    ++next_;
    return read_single(*layer);
  }

  Block read_single(const Layer& layer) const {
    Block block;
    block.channels = layer.output.channels;
    block.activation = layer.activation;
    block.kernel = {layer.kernel_h, layer.kernel_w};
    block.stride = layer.stride_h;
    block.dilation = layer.dilation_h;
    switch (layer.op) {
      case OpType::kConv2d:
        block.kind = layer.is_depthwise() && layer.output.channels == layer.input.channels
                         ? BlockKind::kDepthwise
                         : BlockKind::kConv;
        if (block.kind == BlockKind::kDepthwise) return block;
        block.groups = layer.groups;
        block.bias = layer.has_bias;
        block.batch_norm = layer.has_batch_norm;
        return block;
      case OpType::kGlobalAveragePool:
        block.kind = BlockKind::kGlobalPool;
        block.kernel = 1;
        block.stride = 1;
        return block;
      case OpType::kAveragePool:
        block.kind = BlockKind::kAveragePool;
        return block;
      case OpType::kMaxPool:
        block.kind = BlockKind::kMaxPool;
        return block;
      case OpType::kFullyConnected:
        block.kind = BlockKind::kFullyConnected;
        block.kernel = 1;
        block.stride = 1;
        block.bias = layer.has_bias;
        block.flatten = layer.input.height * layer.input.width > 1;
        return block;
      default:
        fail(layer);
    }
  }

  /// ds, mb or fused from here on, if that is what stands here.
  std::optional<Block> read_mobile() {
    const Layer &first = layers_[next_], *second = ahead(1);
    Block block;
    std::size_t length = 1;
    const Layer* main = &first;
    if (first.is_depthwise()) {
      block.kind = BlockKind::kSeparable;
    } else if (is_plain_1x1(first) && second != nullptr && second->is_depthwise()) {
      block.kind = BlockKind::kInvertedResidual;
      block.always_expand = first.output.channels == first.input.channels;
      main = second;
      length = 2;
    } else if (first.kernel_h * first.kernel_w > 1 && next_ > 0) {
      block.kind = BlockKind::kFused;
      block.groups = first.groups;
    } else {
      return std::nullopt;
    }
    block.kernel = {main->kernel_h, main->kernel_w};
    block.stride = main->stride_h;
    block.dilation = main->dilation_h;
    block.activation = main->activation;
    block.hidden = main->output.channels;
    length += read_squeeze(length, block);
    const std::size_t at = next_ + length;
    if (at >= layers_.size() || !is_plain_1x1(layers_[at]) || layers_[at].inputs.size() != 1 ||
        layers_[at].inputs[0] != static_cast<int>(at) - 1 ||
        layers_[at].activation != Activation::kNone) {
      return std::nullopt;
    }
    block.channels = layers_[at].output.channels;
    ++length;
    const bool residual = block.stride == 1 && block.channels == first.input.channels;
    const bool adds = is_sum(at + 1, static_cast<int>(at));
    block.skip = adds || !residual;
    next_ += length + (adds ? 1 : 0);
    return block;
  }

  /// Whether layer `i` adds the input of the block to `sum`.
  bool is_sum(std::size_t i, int sum) const {
    if (i >= layers_.size() || layers_[i].op != OpType::kAdd) return false;
    std::vector<int> inputs = layers_[i].inputs;
    std::ranges::sort(inputs);
    return inputs == std::vector<int>{input_, sum};
  }

  /// Number of layers of a squeeze-and-excite that begins so far ahead; 0 if there is none.
  std::size_t read_squeeze(std::size_t at, Block& block) const {
    const Layer *pool = ahead(at), *squeeze = ahead(at + 1), *gate = ahead(at + 2);
    const std::size_t scale = next_ + at + 3;
    if (pool == nullptr || squeeze == nullptr || gate == nullptr || scale >= layers_.size() ||
        pool->op != OpType::kGlobalAveragePool || layers_[scale].op != OpType::kMultiply) {
      return 0;
    }
    block.se = {squeeze->output.channels, squeeze->activation, gate->activation};
    return 4;
  }

  [[noreturn]] void fail(const Layer& layer) const {
    throw InputError(fmt::format(
        "network '{}': layer '{}' ({}) stands in no block that block lines have; allowed are "
        "networks of conv, dw, ds, mb, fused, pool, avgpool, maxpool and fc",
        network_.name(), layer.name, to_string(layer.op)));
  }

  const Network& network_;
  const std::vector<Layer>& layers_;
  std::size_t next_ = 0;
  int input_ = kNetworkInput;
};

/// What makes the work of a layer, and nothing else.
Layer work_of(Layer layer) {
  layer.name = layer.block = "";
  layer.has_bias = layer.has_batch_norm = false;
  if (layer.op == OpType::kAdd || layer.op == OpType::kMultiply) std::ranges::sort(layer.inputs);
  return layer;
}

}  // namespace

BlockNetwork read_blocks(const Network& network) {
  BlockNetwork read{network.name(), network.input(), BlockReader(network).read(),
                    network.published};
  const Network built = read.build();
  const std::vector<Layer>&wanted = network.layers(), &found = built.layers();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (i < found.size() && work_of(wanted[i]) == work_of(found[i])) continue;
    throw InputError(fmt::format(
        "network '{}': layer '{}' ({}) is not as block lines build it: its padding, shape or "
        "operands differ",
        network.name(), wanted[i].name, to_string(wanted[i].op)));
  }
  return read;
}

}  // namespace dovetail
