#pragma once

#include <cstdint>
#include <string>

#include "models/network/network_builder.h"

namespace dovetail {

/// The kinds of block that a block line can name (docs/networks.md).
enum class BlockKind : std::uint8_t {
  kConv,              // conv: one convolution
  kDepthwise,         // dw: one depthwise convolution
  kSeparable,         // ds: depthwise + project (MobileNetV2's first block)
  kInvertedResidual,  // mb: expand + depthwise + project
  kFused,             // fused: kxk expand + project
  kGlobalPool,        // pool: global average pooling
  kAveragePool,       // avgpool
  kMaxPool,           // maxpool
  kFullyConnected,    // fc
};
inline constexpr int kBlockKinds = 9;

/// "mb": as written in block lines.
const std::string& to_string(BlockKind kind);

/// One block with every number known: a block line after decisions were filled in, widths
/// computed and repetitions unrolled. A list of blocks and an input shape say all of a network.
struct Block {
  BlockKind kind = BlockKind::kConv;
  bool bias = false;           // conv, fc
  bool batch_norm = true;      // conv
  bool always_expand = false;  // mb: expand convolution even if it does not widen
  bool skip = true;            // ds, mb, fused: residual add where shapes allow it
  Activation activation = Activation::kNone;
  int kernel = 1, stride = 1, groups = 1;
  int channels = 0;  // of the output
  int hidden = 0;    // ds, mb, fused: channels between expand and project
  SqueezeExcite se;  // ds, mb, fused
  int line = 0;      // which block line it came from
  std::string name;  // of the layer that conv, dw, pool, avgpool, maxpool or fc adds
};

/// Adds the layers of `block` behind layer `input`; returns the layer with its output. Blocks of
/// several layers are named "blocks.N" with N = `number`, which is then counted up.
int append_block(NetworkBuilder& builder, const Block& block, int input, int& number);

/// Appends the block as a block line that reads back as the same block, options at their defaults
/// left out: "mb k=5 s=2 h=72 c=40 act=relu se_c=24 se_gate=hsigmoid".
void append_text(std::string& out, const Block& block);

}  // namespace dovetail
