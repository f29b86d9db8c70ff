#include "models/network/network_builder.h"

#include <algorithm>
#include <utility>

namespace dovetail {
namespace {

struct Padding {
  int output, before, after;
};

/// TensorFlow's SAME: output = ceil(size / stride), the odd pixel at the end.
Padding same_padding(int size, int kernel, int stride) {
  const int output = (size + stride - 1) / stride;
  const int total = std::max((output - 1) * stride + kernel - size, 0);
  return {output, total / 2, total - total / 2};
}

void set_window(Layer& layer, int kernel, int stride, int channels) {
  const Padding rows = same_padding(layer.input.height, kernel, stride);
  const Padding columns = same_padding(layer.input.width, kernel, stride);
  layer.kernel_h = layer.kernel_w = kernel;
  layer.stride_h = layer.stride_w = stride;
  layer.pad_top = rows.before;
  layer.pad_bottom = rows.after;
  layer.pad_left = columns.before;
  layer.pad_right = columns.after;
  layer.output = {rows.output, columns.output, channels};
}

}  // namespace

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
  layers_.push_back(std::move(layer));
  return static_cast<int>(layers_.size()) - 1;
}

int NetworkBuilder::conv(std::string_view name, int input, int channels, int kernel, int stride,
                         Activation activation, int groups, bool bias, bool batch_norm) {
  Layer layer = start(name, OpType::kConv2d, input);
  set_window(layer, kernel, stride, channels);
  layer.groups = groups;
  layer.activation = activation;
  layer.has_bias = bias;
  layer.has_batch_norm = batch_norm;
  return push(std::move(layer));
}

int NetworkBuilder::depthwise(std::string_view name, int input, int kernel, int stride,
                              Activation activation) {
  const int channels = channels_of(input);
  return conv(name, input, channels, kernel, stride, activation, channels);
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

int NetworkBuilder::pool(std::string_view name, OpType op, int input, int kernel, int stride) {
  Layer layer = start(name, op, input);
  set_window(layer, kernel, stride, layer.input.channels);
  return push(std::move(layer));
}

int NetworkBuilder::add(std::string_view name, int a, int b) {
  Layer layer = start(name, OpType::kAdd, a);
  layer.inputs.push_back(b);
  layer.output = layer.input;
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

int NetworkBuilder::squeeze_excite(int input, const SqueezeExcite& se) {
  const int pooled = global_average_pool("se.pool", input);
  const int reduced = fully_connected("se.reduce", pooled, se.squeeze_channels, se.inner);
  const int gate = fully_connected("se.expand", reduced, channels_of(input), se.gate);
  return multiply("se.scale", input, gate);
}

int NetworkBuilder::project(int block_input, int hidden, int channels, int stride,
                            const SqueezeExcite& se, bool skip) {
  if (se.squeeze_channels > 0) hidden = squeeze_excite(hidden, se);
  const int output = conv("project", hidden, channels, 1, 1, Activation::kNone);
  const bool residual = skip && stride == 1 && channels == channels_of(block_input);
  return residual ? add("add", output, block_input) : output;
}

int NetworkBuilder::mbconv(int input, int channels, int hidden, int kernel, int stride,
                           Activation activation, const SqueezeExcite& se, bool always_expand,
                           bool skip) {
  int at = input;
  if (always_expand || hidden != channels_of(input)) {
    at = conv("expand", at, hidden, 1, 1, activation);
  }
  at = depthwise("dw", at, kernel, stride, activation);
  return project(input, at, channels, stride, se, skip);
}

int NetworkBuilder::fused_mbconv(int input, int channels, int hidden, int kernel, int stride,
                                 Activation activation, const SqueezeExcite& se, int groups,
                                 bool skip) {
  const int at = conv("fused", input, hidden, kernel, stride, activation, groups);
  return project(input, at, channels, stride, se, skip);
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
