#include "models/network/block.h"

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

void append_se(std::string& out, const SqueezeExcite& se) {
  if (se.squeeze_channels == 0) return;
  append_option(out, "se_c", se.squeeze_channels);
  if (se.inner != Activation::kRelu) append_option(out, "se_inner", se.inner);
  if (se.gate != Activation::kSigmoid) append_option(out, "se_gate", se.gate);
}

void append_mobile_block(std::string& out, const Block& block) {
  append_option(out, "k", block.kernel);
  if (block.stride != 1) append_option(out, "s", block.stride);
  if (block.kind != BlockKind::kSeparable) append_option(out, "h", block.hidden);
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
      "conv", "dw", "ds", "mb", "fused", "pool", "avgpool", "maxpool", "fc"};
  return kNames[static_cast<std::size_t>(kind)];
}

int append_block(NetworkBuilder& builder, const Block& block, int input, int& number) {
  const bool mobile = block.kind == BlockKind::kSeparable ||
                      block.kind == BlockKind::kInvertedResidual || block.kind == BlockKind::kFused;
  if (mobile) {
    char name[24] = "blocks.";
    const auto end = std::to_chars(name + 7, name + sizeof name, number++);
    builder.begin_block(std::string_view(name, end.ptr));
  } else {
    builder.begin_block("");
  }
  switch (block.kind) {
    case BlockKind::kConv:
      return builder.conv(block.name, input, block.channels, block.kernel, block.stride,
                          block.activation, block.groups, block.bias, block.batch_norm);
    case BlockKind::kDepthwise:
      return builder.depthwise(block.name, input, block.kernel, block.stride, block.activation);
    case BlockKind::kSeparable:
    case BlockKind::kInvertedResidual:
      return builder.mbconv(input, block.channels, block.hidden, block.kernel, block.stride,
                            block.activation, block.se, block.always_expand, block.skip);
    case BlockKind::kFused:
      return builder.fused_mbconv(input, block.channels, block.hidden, block.kernel, block.stride,
                                  block.activation, block.se, block.groups, block.skip);
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
  switch (block.kind) {
    case BlockKind::kConv:
      if (block.kernel != 1) append_option(out, "k", block.kernel);
      if (block.stride != 1) append_option(out, "s", block.stride);
      append_option(out, "c", block.channels);
      if (block.groups != 1) append_option(out, "g", block.groups);
      append_option(out, "act", block.activation);
      if (block.bias) out += " bias=yes";
      if (!block.batch_norm) out += " bn=no";
      break;
    case BlockKind::kDepthwise:
    case BlockKind::kAveragePool:
    case BlockKind::kMaxPool:
      append_option(out, "k", block.kernel);
      if (block.stride != 1) append_option(out, "s", block.stride);
      if (block.kind == BlockKind::kDepthwise) append_option(out, "act", block.activation);
      break;
    case BlockKind::kSeparable:
    case BlockKind::kInvertedResidual:
    case BlockKind::kFused:
      append_mobile_block(out, block);
      return;
    case BlockKind::kGlobalPool:
      break;
    case BlockKind::kFullyConnected:
      append_option(out, "c", block.channels);
      if (block.activation != Activation::kNone) append_option(out, "act", block.activation);
      if (!block.bias) out += " bias=no";
      break;
  }
  out += " name=";
  out += block.name;
}

}  // namespace dovetail
