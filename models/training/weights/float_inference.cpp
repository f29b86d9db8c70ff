#include "models/training/weights/float_inference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace dovetail {
namespace {

FloatTensor empty_output(const Layer& layer) {
  return {layer.output, std::vector<float>(static_cast<std::size_t>(layer.output.elements()))};
}

/// Calls visit(output row, output column, kernel row, kernel column, row, column) for every place
/// of a window that lies on the input.
template <typename Visit>
void for_each_place(const Layer& layer, Visit visit) {
  for (int oy = 0; oy < layer.output.height; ++oy) {
    for (int ox = 0; ox < layer.output.width; ++ox) {
      for (int ky = 0; ky < layer.kernel_h; ++ky) {
        for (int kx = 0; kx < layer.kernel_w; ++kx) {
          const int y = oy * layer.stride_h + ky * layer.dilation_h - layer.pad_top;
          const int x = ox * layer.stride_w + kx * layer.dilation_w - layer.pad_left;
          if (y < 0 || y >= layer.input.height || x < 0 || x >= layer.input.width) continue;
          visit(oy, ox, ky, kx, y, x);
        }
      }
    }
  }
}

std::size_t place(const TensorShape& shape, int y, int x, int channel) {
  return (static_cast<std::size_t>(y) * static_cast<std::size_t>(shape.width) +
          static_cast<std::size_t>(x)) *
             static_cast<std::size_t>(shape.channels) +
         static_cast<std::size_t>(channel);
}

FloatTensor window_pool(const Layer& layer, const FloatTensor& in) {
  const bool average = layer.op == OpType::kAveragePool;
  FloatTensor out = empty_output(layer);
  std::vector<int> counts(out.values.size());
  if (!average) std::ranges::fill(out.values, -std::numeric_limits<float>::infinity());
  for_each_place(layer, [&](int oy, int ox, int, int, int y, int x) {
    for (int c = 0; c < layer.output.channels; ++c) {
      const std::size_t at = place(layer.output, oy, ox, c);
      float& pooled = out.values[at];
      pooled = average ? pooled + in.at(y, x, c) : std::max(pooled, in.at(y, x, c));
      ++counts[at];
    }
  });
  for (std::size_t i = 0; average && i < counts.size(); ++i) {
    out.values[i] /= static_cast<float>(std::max(1, counts[i]));  // padding is left out
  }
  return out;
}

FloatTensor global_pool(const Layer& layer, const FloatTensor& in) {
  FloatTensor out = empty_output(layer);
  std::vector<double> sums(out.values.size());
  for (std::size_t i = 0; i < in.values.size(); ++i) sums[i % sums.size()] += in.values[i];
  const auto positions = static_cast<double>(in.values.size() / sums.size());
  for (std::size_t c = 0; c < sums.size(); ++c) {
    out.values[c] = static_cast<float>(sums[c] / positions);
  }
  return out;
}

FloatTensor elementwise(const Layer& layer, const FloatTensor& a, const FloatTensor& b) {
  FloatTensor out = empty_output(layer);
  const bool gate = a.values.size() != b.values.size();
  const auto channels = static_cast<std::size_t>(layer.output.channels);
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    const float other = b.values[gate ? i % channels : i];
    out.values[i] = layer.op == OpType::kAdd ? a.values[i] + other : a.values[i] * other;
  }
  return out;
}

FloatTensor concatenation(const Layer& layer, std::span<const FloatTensor* const> inputs) {
  FloatTensor out{layer.output, {}};
  for (int y = 0; y < layer.output.height; ++y) {
    for (int x = 0; x < layer.output.width; ++x) {
      for (const FloatTensor* in : inputs) {
        for (int c = 0; c < in->shape.channels; ++c) out.values.push_back(in->at(y, x, c));
      }
    }
  }
  return out;
}

}  // namespace

double activate(Activation activation, double x) {
  const double gate = std::clamp((x + 3) / 6, 0.0, 1.0);
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kRelu:
      return std::max(x, 0.0);
    case Activation::kRelu6:
      return std::clamp(x, 0.0, 6.0);
    case Activation::kSwish:
      return x / (1 + std::exp(-x));
    case Activation::kHardSwish:
      return x * gate;
    case Activation::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case Activation::kHardSigmoid:
      return gate;
    case Activation::kClamp:
    case Activation::kTable:
      break;
  }
  throw std::logic_error("an activation without a function");
}

FloatInference::FloatInference(const Network& network, NetworkWeights weights)
    : network_(network), weights_(std::move(weights)) {
  require_weights_of(network, weights_, "weights");
}

const std::vector<float>& FloatInference::tensor(const Layer& layer, const char* part) const {
  return weights_.at(layer.name + "." + part);
}

FloatTensor FloatInference::convolution(const Layer& layer, const FloatTensor& in) const {
  const Layer& owner = layer.weights_of == kOwnWeights
                           ? layer
                           : network_.layers()[static_cast<std::size_t>(layer.weights_of)];
  const std::vector<float>& weights = tensor(owner, "weight");
  const int group_inputs = layer.input.channels / layer.groups;
  const int group_outputs = layer.output.channels / layer.groups;
  std::vector<double> sums(static_cast<std::size_t>(layer.output.elements()));
  for_each_place(layer, [&](int oy, int ox, int ky, int kx, int y, int x) {
    for (int oc = 0; oc < layer.output.channels; ++oc) {
      double& sum = sums[place(layer.output, oy, ox, oc)];
      for (int ic = 0; ic < group_inputs; ++ic) {
        const std::int64_t weight =
            ((std::int64_t{oc} * group_inputs + ic) * layer.kernel_h + ky) * layer.kernel_w + kx;
        sum += static_cast<double>(weights[static_cast<std::size_t>(weight)]) *
               in.at(y, x, oc / group_outputs * group_inputs + ic);
      }
    }
  });
  return {layer.output, {sums.begin(), sums.end()}};
}

FloatTensor FloatInference::fully_connected(const Layer& layer, const FloatTensor& in) const {
  const Layer& owner = layer.weights_of == kOwnWeights
                           ? layer
                           : network_.layers()[static_cast<std::size_t>(layer.weights_of)];
  const float* weight = tensor(owner, "weight").data();
  FloatTensor out = empty_output(layer);
  for (float& value : out.values) {
    double sum = 0;
    for (int c = 0; c < in.shape.channels; ++c) {
      for (int y = 0; y < in.shape.height; ++y) {
        for (int x = 0; x < in.shape.width; ++x) {
          sum += static_cast<double>(*weight++) * in.at(y, x, c);
        }
      }
    }
    value = static_cast<float>(sum);
  }
  return out;
}

void FloatInference::normalise(const Layer& layer, FloatTensor& out) const {
  const auto channels = static_cast<std::size_t>(layer.output.channels);
  std::vector<double> factors(channels, 1), shifts(channels, 0);
  for (std::size_t c = 0; c < channels; ++c) {
    if (layer.has_bias) shifts[c] = tensor(layer, "bias")[c];
    if (!layer.has_batch_norm) continue;
    factors[c] =
        tensor(layer, "scale")[c] / std::sqrt(tensor(layer, "variance")[c] + kBatchNormEpsilon);
    shifts[c] = (shifts[c] - tensor(layer, "mean")[c]) * factors[c] + tensor(layer, "shift")[c];
  }
  for (std::size_t i = 0; i < out.values.size(); ++i) {
    const std::size_t c = i % channels;
    out.values[i] = static_cast<float>(out.values[i] * factors[c] + shifts[c]);
  }
}

FloatTensor FloatInference::layer_output(const Layer& layer,
                                         std::span<const FloatTensor* const> inputs) const {
  switch (layer.op) {
    case OpType::kConv2d:
      return convolution(layer, *inputs[0]);
    case OpType::kFullyConnected:
      return fully_connected(layer, *inputs[0]);
    case OpType::kAveragePool:
    case OpType::kMaxPool:
      return window_pool(layer, *inputs[0]);
    case OpType::kGlobalAveragePool:
      return global_pool(layer, *inputs[0]);
    case OpType::kAdd:
    case OpType::kMultiply:
      return elementwise(layer, *inputs[0], *inputs[1]);
    case OpType::kActivation:
      return *inputs[0];
    case OpType::kConcat:
      return concatenation(layer, inputs);
    case OpType::kMatMul:
    case OpType::kReorder:
      break;
  }
  throw std::logic_error("an operator that network_parameters() refuses");
}

std::vector<FloatTensor> FloatInference::run(const FloatTensor& input,
                                             std::vector<FloatTensor>* before) const {
  std::vector<FloatTensor> outputs;
  outputs.reserve(network_.layers().size());  // the pointers stay
  for (const Layer& layer : network_.layers()) {
    std::vector<const FloatTensor*> inputs;
    for (const int from : layer.inputs) {
      inputs.push_back(from == kNetworkInput ? &input : &outputs[static_cast<std::size_t>(from)]);
    }
    outputs.push_back(layer_output(layer, inputs));
    normalise(layer, outputs.back());
    if (before != nullptr) before->push_back(outputs.back());
    for (float& value : outputs.back().values) {
      value = static_cast<float>(activate(layer.activation, value));
    }
  }
  return outputs;
}

}  // namespace dovetail
