#include "models/network/blocks/network_builder.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/text/error.h"

namespace dovetail {
namespace {

struct Padding {
  int output, before, after;
};

/// TensorFlow's SAME: output = ceil(size / stride), the odd pixel at the end.
Padding same_padding(int size, int reach, int stride) {
  const int output = (size + stride - 1) / stride;
  const int total = std::max((output - 1) * stride + reach - size, 0);
  return {output, total / 2, total - total / 2};
}

void set_window(Layer& layer, WindowSize kernel, int stride, int dilation, int channels) {
  const auto reach = [&](int taps) { return dilation * (taps - 1) + 1; };
  const Padding rows = same_padding(layer.input.height, reach(kernel.height), stride);
  const Padding columns = same_padding(layer.input.width, reach(kernel.width), stride);
  layer.kernel_h = kernel.height;
  layer.kernel_w = kernel.width;
  layer.stride_h = layer.stride_w = stride;
  layer.dilation_h = layer.dilation_w = dilation;
  layer.pad_top = rows.before;
  layer.pad_bottom = rows.after;
  layer.pad_left = columns.before;
  layer.pad_right = columns.after;
  layer.output = {rows.output, columns.output, channels};
}

}  // namespace

std::string WindowSize::str() const {
  return height == width ? std::to_string(height) : fmt::format("{}x{}", height, width);
}

NetworkBuilder::NetworkBuilder(std::string name, TensorShape input)
    : name_(std::move(name)), input_(input) {
  layers_.reserve(128);  // most mobile networks; growing would move every layer
}

void NetworkBuilder::begin_block(std::string_view block) {
  block_ = block;
}

const TensorShape& NetworkBuilder::shape_of(int index) const {
  return index == kNetworkInput ? input_ : layers_[index].output;
}

Layer NetworkBuilder::start(std::string_view name, OpType op, int input) const {
  Layer layer;
  layer.block = block_;
  if (!block_.empty()) {
    layer.name.reserve(block_.size() + 1 + name.size());
    layer.name += block_;
    layer.name += '.';
  }
  layer.name += name;
  layer.op = op;
  layer.inputs.push_back(input);
  layer.input = shape_of(input);
  return layer;
}

int NetworkBuilder::push(Layer layer) {
  // Ten times what the deepest published networks have; more would take minutes and gigabytes.
  constexpr std::size_t kMostLayers = 50'000;
  if (layers_.size() == kMostLayers) {
    throw InputError(fmt::format("network '{}': found more than {} layers, allowed are at most {}",
                                 name_, kMostLayers, kMostLayers));
  }
  layers_.push_back(std::move(layer));
  return static_cast<int>(layers_.size()) - 1;
}

int NetworkBuilder::conv(std::string_view name, int input, int channels, WindowSize kernel,
                         int stride, Activation activation, int groups, bool bias, bool batch_norm,
                         int dilation) {
  Layer layer = start(name, OpType::kConv2d, input);
  set_window(layer, kernel, stride, dilation, channels);
  layer.groups = groups;
  layer.activation = activation;
  layer.has_bias = bias;
  layer.has_batch_norm = batch_norm;
  return push(std::move(layer));
}

int NetworkBuilder::depthwise(std::string_view name, int input, WindowSize kernel, int stride,
                              Activation activation, int dilation) {
  const int channels = channels_of(input);
  return conv(name, input, channels, kernel, stride, activation, channels, false, true, dilation);
}

int NetworkBuilder::fully_connected(std::string_view name, int input, int channels,
                                    Activation activation, bool bias) {
  Layer layer = start(name, OpType::kFullyConnected, input);
  layer.output = {1, 1, channels};
  layer.activation = activation;
  layer.has_bias = bias;
  return push(std::move(layer));
}

int NetworkBuilder::global_average_pool(std::string_view name, int input) {
  Layer layer = start(name, OpType::kGlobalAveragePool, input);
  layer.output = {1, 1, layer.input.channels};
  return push(std::move(layer));
}

int NetworkBuilder::pool(std::string_view name, OpType op, int input, WindowSize kernel,
                         int stride) {
  Layer layer = start(name, op, input);
  set_window(layer, kernel, stride, 1, layer.input.channels);
  return push(std::move(layer));
}

int NetworkBuilder::add(std::string_view name, int a, int b, Activation activation) {
  Layer layer = start(name, OpType::kAdd, a);
  layer.inputs.push_back(b);
  layer.output = layer.input;
  layer.activation = activation;
  return push(std::move(layer));
}

int NetworkBuilder::multiply(std::string_view name, int a, int b) {
  Layer layer = start(name, OpType::kMultiply, a);
  layer.inputs.push_back(b);
  layer.output = layer.input;
  return push(std::move(layer));
}

int NetworkBuilder::activation(std::string_view name, int input, Activation activation) {
  Layer layer = start(name, OpType::kActivation, input);
  layer.output = layer.input;
  layer.activation = activation;
  return push(std::move(layer));
}

int NetworkBuilder::concat(std::string_view name, std::span<const int> inputs) {
  Layer layer = start(name, OpType::kConcat, inputs[0]);
  layer.inputs.assign(inputs.begin(), inputs.end());
  layer.output = layer.input;
  for (const int input : inputs.subspan(1)) layer.output.channels += channels_of(input);
  return push(std::move(layer));
}

int NetworkBuilder::matmul(std::string_view name, int a, int b) {
  Layer layer = start(name, OpType::kMatMul, a);
  layer.inputs.push_back(b);
  layer.output = {layer.input.height, layer.input.width, channels_of(b)};
  return push(std::move(layer));
}

int NetworkBuilder::squeeze_excite(int input, const SqueezeExcite& se) {
  const int pooled = global_average_pool("se.pool", input);
  const int reduced = fully_connected("se.reduce", pooled, se.squeeze_channels, se.inner);
  const int gate = fully_connected("se.expand", reduced, channels_of(input), se.gate);
  return multiply("se.scale", input, gate);
}

int NetworkBuilder::project(int block_input, int hidden, const BlockSpec& block) {
  if (block.se.squeeze_channels > 0) hidden = squeeze_excite(hidden, block.se);
  const int output = conv("project", hidden, block.channels, 1, 1, Activation::kNone);
  const bool residual =
      block.skip && block.stride == 1 && block.channels == channels_of(block_input);
  return residual ? add("add", output, block_input) : output;
}

int NetworkBuilder::mbconv(int input, const BlockSpec& block) {
  int at = input;
  if (block.always_expand || block.hidden != channels_of(input)) {
    at = conv("expand", at, block.hidden, 1, 1, block.activation);
  }
  at = depthwise("dw", at, block.kernel, block.stride, block.activation, block.dilation);
  return project(input, at, block);
}

int NetworkBuilder::fused_mbconv(int input, const BlockSpec& block) {
  const int at = conv("fused", input, block.hidden, block.kernel, block.stride, block.activation,
                      block.groups, false, true, block.dilation);
  return project(input, at, block);
}

int NetworkBuilder::add_shortcut(int block_input, int main, const BlockSpec& block) {
  int shortcut = block_input;
  if (block.stride != 1 || block.channels != channels_of(block_input)) {
    shortcut = conv("shortcut", block_input, block.channels, 1, block.stride, Activation::kNone);
  }
  return add("add", main, shortcut, block.activation);
}

int NetworkBuilder::basic_block(int input, const BlockSpec& block) {
  int at = conv("conv1", input, block.channels, block.kernel, block.stride, block.activation, 1,
                false, true, block.dilation);
  at = conv("conv2", at, block.channels, block.kernel, 1, Activation::kNone, 1, false, true,
            block.dilation);
  return add_shortcut(input, at, block);
}

int NetworkBuilder::bottleneck(int input, const BlockSpec& block) {
  int at = conv("reduce", input, block.hidden, 1, 1, block.activation);
  at = conv("conv", at, block.hidden, block.kernel, block.stride, block.activation, block.groups,
            false, true, block.dilation);
  at = conv("expand", at, block.channels, 1, 1, Activation::kNone);
  return add_shortcut(input, at, block);
}

Network NetworkBuilder::finish() {
  return Network(std::move(name_), input_, std::exchange(layers_, {}));
}

int round_channels(double channels, int divisor) {
  const int rounded =
      std::max(divisor, static_cast<int>(channels + divisor / 2.0) / divisor * divisor);
  return rounded < 0.9 * channels ? rounded + divisor : rounded;
}

}  // namespace dovetail
