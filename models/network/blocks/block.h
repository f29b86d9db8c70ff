#pragma once

#include <cstdint>
#include <string>

#include "models/network/blocks/network_builder.h"

namespace dovetail {

/// The kinds of block that a block line can name (docs/networks.md).
enum class BlockKind : std::uint8_t {
  kConv,              // conv: one convolution
  kDepthwise,         // dw: one depthwise convolution
  kSeparable,         // ds: depthwise + project (MobileNetV2's first block)
  kInvertedResidual,  // mb: expand + depthwise + project
  kFused,             // fused: kxk expand + project
  kBasic,             // basic: two kxk convolutions and a shortcut (ResNet)
  kBottleneck,        // bottleneck: 1x1, kxk and 1x1 convolution and a shortcut (ResNet)
  kGlobalPool,        // pool: global average pooling
  kAveragePool,       // avgpool
  kMaxPool,           // maxpool
  kFullyConnected,    // fc
};
inline constexpr int kBlockKinds = 11;

/// "mb": as written in block lines.
const std::string& to_string(BlockKind kind);

/// ds, mb, fused, basic and bottleneck: blocks of several layers.
bool has_parts(BlockKind kind);

/// One block with every number known: a block line after decisions were filled in, widths
/// computed and repetitions unrolled. A list of blocks and an input shape say all of a network.
struct Block : BlockSpec {
  BlockKind kind = BlockKind::kConv;
  bool bias = false;       // conv, fc
  bool batch_norm = true;  // conv
  bool flatten = false;    // fc: may read an input that is not 1x1
  int line = 0;            // which block line it came from
  std::string name;        // of the layer that a kind of one layer adds
};

/// Adds the layers of `block` behind layer `input`; returns the layer with its output. Blocks of
/// several layers are named "blocks.N" with N = `number`, which is then counted up.
int append_block(NetworkBuilder& builder, const Block& block, int input, int& number);

/// Appends the block as a block line that reads back as the same block, options at their defaults
/// left out: "mb k=5 s=2 h=72 c=40 act=relu se_c=24 se_gate=hsigmoid".
void append_text(std::string& out, const Block& block);

}  // namespace dovetail
