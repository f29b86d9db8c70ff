#include "models/network/blocks/block.h"

#include <array>
#include <charconv>
#include <string_view>

namespace dovetail {
namespace {

void append_number(std::string& out, int value) {
  char digits[12];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void append_option(std::string& out, std::string_view key, int value) {
  out += ' ';
  out += key;
  out += '=';
  append_number(out, value);
}

void append_option(std::string& out, std::string_view key, Activation value) {
  out += ' ';
  out += key;
  out += '=';
  out += to_string(value);
}

void append_kernel(std::string& out, const WindowSize& kernel) {
  append_option(out, "k", kernel.height);
  if (kernel.width == kernel.height) return;
  out += 'x';
  append_number(out, kernel.width);
}

void append_se(std::string& out, const SqueezeExcite& se) {
  if (se.squeeze_channels == 0) return;
  append_option(out, "se_c", se.squeeze_channels);
  if (se.inner != Activation::kRelu) append_option(out, "se_inner", se.inner);
  if (se.gate != Activation::kSigmoid) append_option(out, "se_gate", se.gate);
}

void append_window(std::string& out, const Block& block) {
  const bool fallback = block.kind == BlockKind::kConv && block.kernel == 1;
  if (!fallback) append_kernel(out, block.kernel);
  if (block.stride != 1) append_option(out, "s", block.stride);
  if (block.dilation != 1) append_option(out, "d", block.dilation);
}

/// The options of a block of several layers.
void append_parts(std::string& out, const Block& block) {
  append_window(out, block);
  const bool hidden = block.kind != BlockKind::kSeparable && block.kind != BlockKind::kBasic;
  if (hidden) append_option(out, "h", block.hidden);
  append_option(out, "c", block.channels);
  if (block.groups != 1) append_option(out, "g", block.groups);
  append_option(out, "act", block.activation);
  append_se(out, block.se);
  if (block.always_expand) out += " expand=always";
  if (!block.skip) out += " skip=no";
}

}  // namespace

const std::string& to_string(BlockKind kind) {
  static const std::array<std::string, kBlockKinds> kNames = {
      "conv", "dw", "ds", "mb", "fused", "basic", "bottleneck", "pool", "avgpool", "maxpool", "fc"};
  return kNames[static_cast<std::size_t>(kind)];
}

bool has_parts(BlockKind kind) {
  switch (kind) {
    case BlockKind::kSeparable:
    case BlockKind::kInvertedResidual:
    case BlockKind::kFused:
    case BlockKind::kBasic:
    case BlockKind::kBottleneck:
      return true;
    default:
      return false;
  }
}

int append_block(NetworkBuilder& builder, const Block& block, int input, int& number) {
  if (has_parts(block.kind)) {
    char name[24] = "blocks.";
    const auto end = std::to_chars(name + 7, name + sizeof name, number++);
    builder.begin_block(std::string_view(name, end.ptr));
  } else {
    builder.begin_block("");
  }
  switch (block.kind) {
    case BlockKind::kConv:
      return builder.conv(block.name, input, block.channels, block.kernel, block.stride,
                          block.activation, block.groups, block.bias, block.batch_norm,
                          block.dilation);
    case BlockKind::kDepthwise:
      return builder.depthwise(block.name, input, block.kernel, block.stride, block.activation,
                               block.dilation);
    case BlockKind::kSeparable:
    case BlockKind::kInvertedResidual:
      return builder.mbconv(input, block);
    case BlockKind::kFused:
      return builder.fused_mbconv(input, block);
    case BlockKind::kBasic:
      return builder.basic_block(input, block);
    case BlockKind::kBottleneck:
      return builder.bottleneck(input, block);
    case BlockKind::kGlobalPool:
      return builder.global_average_pool(block.name, input);
    case BlockKind::kAveragePool:
      return builder.pool(block.name, OpType::kAveragePool, input, block.kernel, block.stride);
    case BlockKind::kMaxPool:
      return builder.pool(block.name, OpType::kMaxPool, input, block.kernel, block.stride);
    case BlockKind::kFullyConnected:
      return builder.fully_connected(block.name, input, block.channels, block.activation,
                                     block.bias);
  }
  return input;
}

void append_text(std::string& out, const Block& block) {
  out += to_string(block.kind);
  if (has_parts(block.kind)) {
    append_parts(out, block);
    return;
  }
  switch (block.kind) {
    case BlockKind::kConv:
      append_window(out, block);
      append_option(out, "c", block.channels);
      if (block.groups != 1) append_option(out, "g", block.groups);
      append_option(out, "act", block.activation);
      if (block.bias) out += " bias=yes";
      if (!block.batch_norm) out += " bn=no";
      break;
    case BlockKind::kDepthwise:
      append_window(out, block);
      append_option(out, "act", block.activation);
      break;
    case BlockKind::kAveragePool:
    case BlockKind::kMaxPool:
      append_window(out, block);
      break;
    case BlockKind::kFullyConnected:
      append_option(out, "c", block.channels);
      if (block.activation != Activation::kNone) append_option(out, "act", block.activation);
      if (!block.bias) out += " bias=no";
      if (block.flatten) out += " flatten=yes";
      break;
    default:
      break;
  }
  out += " name=";
  out += block.name;
}

}  // namespace dovetail
