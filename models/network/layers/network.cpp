#include "models/network/layers/network.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

#include "base/text/error.h"

namespace dovetail {
namespace {

std::string text(const TensorShape& shape) {
  return fmt::format("{}x{}x{}", shape.height, shape.width, shape.channels);
}

[[noreturn]] void fail(const std::string& network, const Layer& layer, const std::string& message) {
  throw InputError(fmt::format("network '{}', layer '{}' ({}): {}", network, layer.name,
                               to_string(layer.op), message));
}

int window_output(int size, int kernel, int stride, int dilation, int padding) {
  const int reach = dilation * (kernel - 1) + 1;
  return size + padding < reach ? 0 : (size + padding - reach) / stride + 1;
}

/// Output of a layer that slides a window; the caller has checked that strides are positive.
TensorShape window_shape(const Layer& layer, int channels) {
  return {window_output(layer.input.height, layer.kernel_h, layer.stride_h, layer.dilation_h,
                        layer.pad_top + layer.pad_bottom),
          window_output(layer.input.width, layer.kernel_w, layer.stride_w, layer.dilation_w,
                        layer.pad_left + layer.pad_right),
          channels};
}

bool positive(const TensorShape& shape) {
  return shape.height > 0 && shape.width > 0 && shape.channels > 0;
}

void check_window(const std::string& network, const Layer& layer) {
  if (layer.kernel_h < 1 || layer.kernel_w < 1 || layer.stride_h < 1 || layer.stride_w < 1 ||
      layer.dilation_h < 1 || layer.dilation_w < 1) {
    fail(network, layer, "kernel, stride and dilation must be at least 1");
  }
  if (layer.pad_top < 0 || layer.pad_left < 0 || layer.pad_bottom < 0 || layer.pad_right < 0) {
    fail(network, layer, "padding must not be negative");
  }
}

/// Shapes of a layer's inputs.
using Shapes = std::span<const TensorShape>;

/// Elementwise operators: the second input must fit the first.
TensorShape elementwise_shape(const std::string& network, const Layer& layer,
                              const TensorShape& second) {
  const bool broadcast =
      layer.op == OpType::kMultiply && second == TensorShape{1, 1, layer.input.channels};
  if (second != layer.input && !broadcast) {
    fail(network, layer,
         fmt::format("second input is {}, does not fit the first, {}", text(second),
                     text(layer.input)));
  }
  return layer.input;
}

TensorShape concat_shape(const std::string& network, const Layer& layer, Shapes inputs) {
  std::int64_t channels = 0;
  for (const TensorShape& shape : inputs) {
    if (shape.height != layer.input.height || shape.width != layer.input.width) {
      fail(network, layer,
           fmt::format("joins {} and {}: height and width differ", text(layer.input), text(shape)));
    }
    channels += shape.channels;
  }
  if (channels > std::numeric_limits<int>::max()) fail(network, layer, "too many channels");
  return {layer.input.height, layer.input.width, static_cast<int>(channels)};
}

TensorShape product_shape(const std::string& network, const Layer& layer,
                          const TensorShape& second) {
  if (std::int64_t{second.height} * second.width != layer.input.channels) {
    fail(network, layer,
         fmt::format("second input is {}, needs {} positions, one for each channel of the first",
                     text(second), layer.input.channels));
  }
  return {layer.input.height, layer.input.width, second.channels};
}

/// The output shape that the operator gives for its inputs, checking its parameters.
TensorShape expected_output(const std::string& network, const Layer& layer, Shapes inputs) {
  switch (layer.op) {
    case OpType::kConv2d:
      check_window(network, layer);
      if (layer.groups < 1 || layer.input.channels % layer.groups != 0 ||
          layer.output.channels % layer.groups != 0) {
        fail(network, layer,
             fmt::format("{} groups do not divide {} input and {} output channels", layer.groups,
                         layer.input.channels, layer.output.channels));
      }
      return window_shape(layer, layer.output.channels);
    case OpType::kAveragePool:
    case OpType::kMaxPool:
      check_window(network, layer);
      return window_shape(layer, layer.input.channels);
    case OpType::kFullyConnected:
      return {1, 1, layer.output.channels};
    case OpType::kGlobalAveragePool:
      return {1, 1, layer.input.channels};
    case OpType::kAdd:
    case OpType::kMultiply:
      return elementwise_shape(network, layer, inputs[1]);
    case OpType::kActivation:
      if (layer.activation == Activation::kNone) fail(network, layer, "has no activation");
      return layer.input;
    case OpType::kConcat:
      return concat_shape(network, layer, inputs);
    case OpType::kMatMul:
      return product_shape(network, layer, inputs[1]);
  }
  fail(network, layer, "unknown operator");
}

/// Multiply-accumulates without overflow, to refuse what the counts of Layer cannot hold.
double approximate_macs(const Layer& layer) {
  const double outputs = static_cast<double>(layer.output.elements());
  if (layer.op == OpType::kFullyConnected) {
    return static_cast<double>(layer.input.elements()) * outputs;
  }
  if (layer.op == OpType::kMatMul) return outputs * layer.input.channels;
  if (layer.op != OpType::kConv2d) return 0;
  const int group_channels = layer.input.channels / layer.groups;
  return static_cast<double>(layer.kernel_h) * layer.kernel_w * group_channels * outputs;
}

void check_input_count(const std::string& network, const Layer& layer) {
  const OpInfo& info = op_info(layer.op);
  const auto count = static_cast<std::ptrdiff_t>(layer.inputs.size());
  if (count < info.min_inputs || count > info.max_inputs) {
    fail(network, layer,
         fmt::format("has {} inputs, needs {}{}", count, info.min_inputs,
                     info.max_inputs > info.min_inputs ? " or more" : ""));
  }
}

void check_names(const std::string& network, const std::vector<Layer>& layers) {
  std::vector<std::pair<std::size_t, const Layer*>> hashes;
  hashes.reserve(layers.size());
  for (const Layer& layer : layers) {
    if (layer.name.empty()) fail(network, layer, "has no name");
    hashes.emplace_back(std::hash<std::string_view>{}(layer.name), &layer);
  }
  std::sort(hashes.begin(), hashes.end());
  for (std::size_t i = 1; i < hashes.size(); ++i) {
    // equal hashes stand side by side; among several of them every pair is compared
    for (std::size_t j = i; j-- > 0 && hashes[j].first == hashes[i].first;) {
      if (hashes[j].second->name == hashes[i].second->name) {
        fail(network, *hashes[i].second, "another layer has this name");
      }
    }
  }
}

}  // namespace

Network::Network(std::string name, TensorShape input, std::vector<Layer> layers)
    : name_(std::move(name)), input_(input), layers_(std::move(layers)) {
  if (!positive(input_)) {
    throw InputError(fmt::format("network '{}': input {} is empty", name_, text(input_)));
  }
  if (layers_.empty()) throw InputError(fmt::format("network '{}' has no layers", name_));
  check_names(name_, layers_);
  last_reader_.resize(layers_.size());
  std::vector<TensorShape> shapes;  // of one layer's inputs
  double total_macs = 0;
  for (int i = 0; i < static_cast<int>(layers_.size()); ++i) {
    const Layer& layer = layers_[i];
    check_input_count(name_, layer);
    shapes.clear();
    for (const int input_index : layer.inputs) {
      if (input_index < kNetworkInput || input_index >= i) {
        fail(name_, layer, fmt::format("reads layer {}, which is not before it", input_index));
      }
      if (input_index != kNetworkInput) last_reader_[input_index] = i;
      shapes.push_back(shape_of(input_index));
    }
    if (layer.input != shapes[0]) {
      fail(name_, layer,
           fmt::format("input is {}, but it reads {}", text(layer.input), text(shapes[0])));
    }
    const TensorShape expected = expected_output(name_, layer, shapes);
    if (layer.output != expected || !positive(expected)) {
      fail(name_, layer,
           fmt::format("output is {}, but the operator gives {}", text(layer.output),
                       text(expected)));
    }
    last_reader_[i] = i;
    constexpr double kMaxMacs = 1e18;  // counts are 64-bit integers
    total_macs += approximate_macs(layer);
    if (total_macs > kMaxMacs) fail(name_, layer, "more than 1e18 multiply-accumulates");
  }
}

const TensorShape& Network::shape_of(int index) const {
  return index == kNetworkInput ? input_ : layers_[index].output;
}

std::int64_t Network::macs() const {
  std::int64_t sum = 0;
  for (const Layer& layer : layers_) sum += layer.macs();
  return sum;
}

std::int64_t Network::parameters() const {
  std::int64_t sum = 0;
  for (const Layer& layer : layers_) sum += layer.parameter_count();
  return sum;
}

std::int64_t Network::weight_bytes() const {
  std::int64_t sum = 0;
  for (const Layer& layer : layers_) sum += layer.weight_bytes();
  return sum;
}

}  // namespace dovetail
