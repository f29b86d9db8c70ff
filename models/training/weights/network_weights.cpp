#include "models/training/weights/network_weights.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "base/text/error.h"

namespace dovetail {
namespace {

void require_trainable(const Layer& layer) {
  const auto refuse = [&](const std::string& what) {
    throw InputError(fmt::format("layer '{}': {} cannot be trained", layer.name, what));
  };
  if (layer.op == OpType::kMatMul || layer.op == OpType::kReorder) refuse(to_string(layer.op));
  if (layer.weights_of == kFixedWeights) refuse("what has weights that are no parameters");
  if (layer.activation == Activation::kClamp || layer.activation == Activation::kTable) {
    refuse(fmt::format("the activation '{}', whose function is not known,",
                       to_string(layer.activation)));
  }
}

}  // namespace

std::size_t ParameterSpec::elements() const {
  return static_cast<std::size_t>(
      std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>()));
}

std::vector<ParameterSpec> network_parameters(const Network& network) {
  std::vector<ParameterSpec> parameters;
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    const Layer& layer = network.layers()[i];
    require_trainable(layer);
    const std::int64_t outputs = layer.output.channels;
    const auto add = [&](const char* part, std::vector<std::int64_t> dims, ParameterKind kind,
                         std::int64_t fan_in) {
      parameters.push_back({layer.name + "." + part, std::move(dims), kind, i, fan_in});
    };
    if (layer.has_weights() && layer.weights_of == kOwnWeights) {
      if (layer.op == OpType::kFullyConnected) {
        const std::int64_t inputs = layer.input.elements();
        add("weight", {outputs, inputs}, ParameterKind::kWeight, inputs);
      } else {
        const std::int64_t inputs = layer.input.channels / layer.groups;
        add("weight", {outputs, inputs, layer.kernel_h, layer.kernel_w}, ParameterKind::kWeight,
            inputs * layer.kernel_h * layer.kernel_w);
      }
    }
    if (layer.has_bias) add("bias", {outputs}, ParameterKind::kBias, 1);
    if (!layer.has_batch_norm) continue;
    add("scale", {outputs}, ParameterKind::kScale, 1);
    add("shift", {outputs}, ParameterKind::kShift, 1);
    add("mean", {outputs}, ParameterKind::kMean, 1);
    add("variance", {outputs}, ParameterKind::kVariance, 1);
  }
  return parameters;
}

void require_weights_of(const Network& network, const NetworkWeights& weights,
                        const std::string& source) {
  const std::vector<ParameterSpec> parameters = network_parameters(network);
  for (const ParameterSpec& parameter : parameters) {
    const auto found = weights.find(parameter.name);
    if (found == weights.end() || found->second.size() != parameter.elements()) {
      throw InputError(fmt::format("{}: no weights of {}: '{}' of {} numbers is {}", source,
                                   network.name(), parameter.name, parameter.elements(),
                                   found == weights.end() ? "missing" : "of another size"));
    }
    if (!std::ranges::all_of(found->second, [](float x) { return std::isfinite(x); })) {
      throw InputError(
          fmt::format("{}: '{}' has numbers that are not finite", source, parameter.name));
    }
  }
  if (weights.size() != parameters.size()) {
    throw InputError(fmt::format("{}: found {} tensors, allowed the {} of {}", source,
                                 weights.size(), parameters.size(), network.name()));
  }
}

}  // namespace dovetail
