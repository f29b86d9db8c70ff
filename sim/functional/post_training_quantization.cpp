#include "sim/functional/post_training_quantization.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "base/text/error.h"
#include "sim/functional/fixed_point.h"
#include "sim/kernels/operator_kernels.h"

namespace dovetail {
namespace {

/// Weights and biases of a layer with batch normalisation in them.
struct FoldedLayer {
  std::vector<double> weights;  // as the tensor's: outputs outermost
  std::vector<double> biases;
};

const std::vector<float>& tensor(const NetworkWeights& weights, const Layer& layer,
                                 const char* part) {
  return weights.at(layer.name + "." + part);
}

FoldedLayer folded(const Layer& layer, const NetworkWeights& weights) {
  const std::vector<float>& given = tensor(weights, layer, "weight");
  const auto outputs = static_cast<std::size_t>(layer.output.channels);
  const std::size_t each = given.size() / outputs;
  FoldedLayer result{{given.begin(), given.end()}, std::vector<double>(outputs)};
  for (std::size_t c = 0; c < outputs; ++c) {
    double& bias = result.biases[c];
    if (layer.has_bias) bias = tensor(weights, layer, "bias")[c];
    if (!layer.has_batch_norm) continue;
    const double factor = tensor(weights, layer, "scale")[c] /
                          std::sqrt(tensor(weights, layer, "variance")[c] + kBatchNormEpsilon);
    for (std::size_t i = c * each; i < (c + 1) * each; ++i) result.weights[i] *= factor;
    bias = (bias - tensor(weights, layer, "mean")[c]) * factor + tensor(weights, layer, "shift")[c];
  }
  return result;
}

/// Where a weight of an output channel stands among those of the int8 network: rows, columns, then
/// input channels.
std::size_t int8_place(const Layer& layer, std::size_t place) {
  const bool vector = layer.op == OpType::kFullyConnected;
  const auto rows = static_cast<std::size_t>(vector ? layer.input.height : layer.kernel_h);
  const auto cols = static_cast<std::size_t>(vector ? layer.input.width : layer.kernel_w);
  const auto inputs = static_cast<std::size_t>(layer.input.channels / (vector ? 1 : layer.groups));
  const std::size_t input = place / (rows * cols), position = place % (rows * cols);
  return position * inputs + input;
}

double next_power_of_two(double scale) {
  int exponent = 0;
  const double mantissa = std::frexp(scale, &exponent);  // in [0.5, 1)
  return std::ldexp(1.0, mantissa == 0.5 ? exponent - 1 : exponent);
}

double allowed_scale(double fitted, ScaleRule rule) {
  return rule == ScaleRule::kPowersOfTwo ? next_power_of_two(fitted) : fitted;
}

class Quantizer {
 public:
  Quantizer(const Network& network, const NetworkWeights& weights, const ActivationRanges& ranges,
            ScaleRule rule)
      : network_(network), weights_(weights), ranges_(ranges), rule_(rule) {}

  TrainedInt8 run() {
    result_.input = TensorScale::of(ranges_.input, rule_);
    result_.network.input_zero_point = result_.input.zero_point;
    for (std::size_t i = 0; i < network_.layers().size(); ++i) add_layer(i);
    return std::move(result_);
  }

 private:
  const TensorScale& scale_of(int index) const {
    return index == kNetworkInput ? result_.input
                                  : result_.scales[static_cast<std::size_t>(index)].behind;
  }

  void add_layer(std::size_t index) {
    const Layer& layer = network_.layers()[index];
    if (layer.weights_of != kOwnWeights ||
        (!layer.has_weights() && (layer.has_bias || layer.has_batch_norm))) {
      throw InputError(fmt::format(
          "layer '{}': weights that are another layer's, and biases and normalisation without "
          "weights, cannot be rounded to int8",
          layer.name));
    }
    QuantizedLayer q;
    result_.scales.emplace_back();
    const TensorScale requantized = set_activation(index, q);
    std::vector<double> factors = input_factors(layer, q);
    for (double& factor : factors) factor /= requantized.scale;
    set_multipliers(factors, q);
    result_.network.layers.push_back(std::move(q));
  }

  /// Zero points, clamps and table; returns the scale of what is requantised.
  TensorScale set_activation(std::size_t index, QuantizedLayer& q) {
    const Layer& layer = network_.layers()[index];
    TensorScale out = TensorScale::of(ranges_.behind[index], rule_);
    const bool window = layer.op == OpType::kAveragePool || layer.op == OpType::kMaxPool;
    if (window && layer.activation == Activation::kNone) out = scale_of(layer.inputs[0]);
    result_.scales.back().behind = result_.scales.back().before = out;
    q.zero_point = q.output_zero_point = out.zero_point;
    if (layer.activation == Activation::kRelu || layer.activation == Activation::kRelu6) {
      q.low = static_cast<std::int8_t>(out.zero_point);
      if (layer.activation == Activation::kRelu6) q.high = out.quantize(6);
    }
    if (!is_table_activation(layer.activation)) return out;
    const TensorScale before = TensorScale::of(ranges_.before[index], rule_);
    result_.scales.back().before = before;
    q.zero_point = before.zero_point;
    for (int i = -128; i < 128; ++i) {
      const double x = before.scale * (i - before.zero_point);
      q.table.push_back(out.quantize(activate(layer.activation, x)));
    }
    return before;
  }

  /// What an accumulator, or an integer of each input, stands for.
  std::vector<double> input_factors(const Layer& layer, QuantizedLayer& q) {
    std::vector<double> factors;
    const auto each_input = [&] {
      for (const int from : layer.inputs) factors.push_back(scale_of(from).scale);
    };
    switch (kernels_of(layer.op).rescaling) {
      case Rescaling::kOneInput:
      case Rescaling::kSumOfInputs:
      case Rescaling::kInputsApart:
        each_input();
        return factors;
      case Rescaling::kAccumulators:
        break;
    }
    if (layer.has_weights()) return set_weights(layer, q);
    double factor = 1;
    for (const int from : layer.inputs) factor *= scale_of(from).scale;
    if (layer.op == OpType::kGlobalAveragePool) {
      q.divisor = layer.input.height * layer.input.width;
    }
    return {factor};
  }

  std::vector<double> set_weights(const Layer& layer, QuantizedLayer& q) {
    require_sums_fit(layer);
    const FoldedLayer folded_layer = folded(layer, weights_);
    const double input_scale = scale_of(layer.inputs[0]).scale;
    const std::size_t outputs = folded_layer.biases.size();
    const std::size_t each = folded_layer.weights.size() / outputs;
    q.weights.resize(folded_layer.weights.size());
    std::vector<double> factors;
    for (std::size_t c = 0; c < outputs; ++c) {
      const double* of_channel = folded_layer.weights.data() + c * each;
      double largest = 0;
      for (std::size_t i = 0; i < each; ++i) largest = std::max(largest, std::abs(of_channel[i]));
      // A channel of zeros has no scale of its own; its bias still wants one.
      const double scale = allowed_scale(largest > 0 ? largest / 127 : 1.0 / 127, rule_);
      for (std::size_t i = 0; i < each; ++i) {
        q.weights[c * each + int8_place(layer, i)] =
            static_cast<std::int8_t>(std::lround(of_channel[i] / scale));
      }
      result_.scales.back().weights.push_back(scale);
      factors.push_back(scale * input_scale);
      const double bias = std::round(folded_layer.biases[c] / factors.back());
      q.bias.push_back(static_cast<std::int32_t>(std::clamp(bias, -kLargestBias, kLargestBias)));
    }
    return factors;
  }

  static constexpr double kLargestBias = 1 << 25;  // what sums of products leave room for

  const Network& network_;
  const NetworkWeights& weights_;
  const ActivationRanges& ranges_;
  ScaleRule rule_;
  TrainedInt8 result_;
};

}  // namespace

void ValueRange::add(std::span<const float> values) {
  for (const float value : values) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
}

ActivationRanges measure_ranges(const Network& network, const NetworkWeights& weights,
                                std::span<const FloatTensor> images) {
  const FloatInference inference(network, weights);
  ActivationRanges ranges;
  ranges.before.resize(network.layers().size());
  ranges.behind.resize(network.layers().size());
  for (const FloatTensor& image : images) {
    ranges.input.add(image.values);
    std::vector<FloatTensor> before;
    const std::vector<FloatTensor> outputs = inference.run(image, &before);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      ranges.before[i].add(before[i].values);
      ranges.behind[i].add(outputs[i].values);
    }
  }
  return ranges;
}

TensorScale TensorScale::of(const ValueRange& range, ScaleRule rule) {
  TensorScale result;
  const double span = static_cast<double>(range.high) - range.low;
  if (span <= 0) return result;
  result.scale = allowed_scale(span / 255, rule);
  const double zero = std::round(-128 - range.low / result.scale);
  result.zero_point = static_cast<int>(std::clamp(zero, -128.0, 127.0));
  return result;
}

std::int8_t TensorScale::quantize(double value) const {
  const double integer = std::nearbyint(value / scale) + zero_point;  // halves to even
  return static_cast<std::int8_t>(std::clamp(integer, -128.0, 127.0));
}

QuantizedTensor TrainedInt8::quantize(const FloatTensor& image) const {
  QuantizedTensor tensor{image.shape, {}};
  for (const float value : image.values) tensor.data.push_back(input.quantize(value));
  return tensor;
}

TrainedInt8 quantize_trained(const Network& network, const NetworkWeights& weights,
                             const ActivationRanges& ranges, ScaleRule rule) {
  require_weights_of(network, weights, "weights");
  return Quantizer(network, weights, ranges, rule).run();
}

}  // namespace dovetail
