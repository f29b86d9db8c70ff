#include "models/network/layers/network.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

#include "base/text/error.h"
#include "models/network/layers/operators.h"

namespace dovetail {
namespace {

std::string text(const TensorShape& shape) {
  return fmt::format("{}x{}x{}", shape.height, shape.width, shape.channels);
}

[[noreturn]] void fail(const std::string& network, const Layer& layer, const std::string& message) {
  throw InputError(fmt::format("network '{}', layer '{}' ({}): {}", network, layer.name,
                               to_string(layer.op), message));
}

bool positive(const TensorShape& shape) {
  return shape.height > 0 && shape.width > 0 && shape.channels > 0;
}

/// The output shape that the operator gives for its inputs, checking its parameters.
TensorShape expected_output(const std::string& network, const Layer& layer,
                            std::span<const TensorShape> inputs) {
  try {
    return rules_of(layer.op).output(layer, inputs);
  } catch (const InputError& e) {
    fail(network, layer, e.what());
  }
}

void check_input_count(const std::string& network, const Layer& layer) {
  const OperatorRules& rules = rules_of(layer.op);
  const auto count = static_cast<std::ptrdiff_t>(layer.inputs.size());
  if (count < rules.min_inputs || count > rules.max_inputs) {
    fail(network, layer,
         fmt::format("has {} inputs, needs {}{}", count, rules.min_inputs,
                     rules.max_inputs > rules.min_inputs ? " or more" : ""));
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

void check_shared_weights(const std::string& network, const std::vector<Layer>& layers, int i) {
  const Layer& layer = layers[static_cast<std::size_t>(i)];
  if (layer.weights_of == kOwnWeights) return;
  if (layer.weights_of == kFixedWeights) {
    if (!layer.has_weights()) fail(network, layer, "has no weights that could be fixed");
    return;
  }
  if (layer.weights_of < 0 || layer.weights_of >= i) {
    fail(network, layer,
         fmt::format("has the weights of layer {}, which is not before it", layer.weights_of));
  }
  const Layer& owner = layers[static_cast<std::size_t>(layer.weights_of)];
  if (!layer.has_weights() || owner.weight_count() != layer.weight_count() ||
      owner.weights_of != kOwnWeights) {
    fail(network, layer, fmt::format("cannot have the weights of layer '{}'", owner.name));
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
    check_shared_weights(name_, layers_, i);
    const TensorShape expected = expected_output(name_, layer, shapes);
    if (layer.output != expected || !positive(expected)) {
      fail(name_, layer,
           fmt::format("output is {}, but the operator gives {}", text(layer.output),
                       text(expected)));
    }
    last_reader_[i] = i;
    constexpr double kMaxMacs = 1e18;  // counts are 64-bit integers
    total_macs += static_cast<double>(layer.macs());
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
