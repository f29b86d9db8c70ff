#include "sim/functional/random_quantization.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "base/numbers/random.h"
#include "base/text/error.h"
#include "sim/functional/fixed_point.h"
#include "sim/functional/reference.h"

namespace dovetail {
namespace {

constexpr double kSpread = 36;         // standard deviation of requantised values, in steps
constexpr double kReluSpread = 60;     // above a zero point near the lower end
constexpr double kStep = 2 / kSpread;  // what a step stands for before a table activation or ReLU6

double root_mean_square(const Accumulators& values) {
  double sum = 0;
  for (const std::int32_t v : values) sum += static_cast<double>(v) * v;
  return std::max(1.0, std::sqrt(sum / static_cast<double>(values.size())));
}
double root_mean_square(const ReferenceInput& in) {
  double sum = 0;
  for (const std::int8_t v : in.tensor->data) {
    sum += static_cast<double>((v - in.zero_point) * (v - in.zero_point));
  }
  return std::max(1.0, std::sqrt(sum / static_cast<double>(in.tensor->data.size())));
}

double apply(Activation activation, double x) {
  const double gate = std::clamp((x + 3) / 6, 0.0, 1.0);
  switch (activation) {
    case Activation::kSwish:
      return x / (1 + std::exp(-x));
    case Activation::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case Activation::kHardSwish:
      return x * gate;
    case Activation::kHardSigmoid:
      return gate;
    case Activation::kNone:
    case Activation::kRelu:
    case Activation::kRelu6:
    case Activation::kClamp:
    case Activation::kTable:
      return x;
  }
  throw std::logic_error("an activation without a function");
}

/// Zero points, clamps and table of an activation; returns the spread to scale for.
double set_activation(Activation activation, Rng& rng, QuantizedLayer& q) {
  const int jitter = static_cast<int>(rng.index(25)) - 12;
  if (activation == Activation::kRelu || activation == Activation::kRelu6) {
    q.zero_point = q.output_zero_point = -112 + jitter;
    q.low = static_cast<std::int8_t>(q.zero_point);
    if (activation == Activation::kRelu6) {
      const double step = 2 / kReluSpread;
      q.high = static_cast<std::int8_t>(std::min(127L, q.zero_point + std::lround(6 / step)));
    }
    return kReluSpread;
  }
  q.zero_point = q.output_zero_point = jitter;
  if (activation == Activation::kClamp) {  // to one standard deviation
    q.low = static_cast<std::int8_t>(q.zero_point - kSpread);
    q.high = static_cast<std::int8_t>(q.zero_point + kSpread);
  }
  if (activation == Activation::kTable) {  // of a function that nobody told
    for (int i = 0; i < 256; ++i) {
      q.table.push_back(static_cast<std::int8_t>(static_cast<int>(rng.index(256)) - 128));
    }
    return kSpread;
  }
  if (!is_table_activation(activation)) return kSpread;
  std::array<double, 256> values{};
  for (int i = 0; i < 256; ++i) {
    values[static_cast<std::size_t>(i)] = apply(activation, kStep * (i - 128 - q.zero_point));
  }
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double step = (*high - *low) / 255;
  q.output_zero_point = static_cast<int>(std::lround(-128 - *low / step));
  for (const double value : values) {
    const long entry = std::lround(value / step) + q.output_zero_point;
    q.table.push_back(static_cast<std::int8_t>(std::clamp(entry, -128L, 127L)));
  }
  return kSpread;
}

/// Of a layer whose weights follow from its operator. Throws InputError where they are not the ones
/// of a sum.
void set_fixed_weights(const Layer& layer, QuantizedLayer& q) {
  if (layer.kernel_h != 1 || layer.kernel_w != 1 || layer.groups != layer.output.channels) {
    throw InputError(fmt::format(
        "layer '{}': functional mode does not compute its operator, of which the cost alone is "
        "modelled",
        layer.name));
  }
  std::ranges::fill(q.weights, std::int8_t{1});
}

void draw_weights(const Layer& layer, Rng& rng, QuantizedLayer& q) {
  require_sums_fit(layer);
  q.weights.resize(static_cast<std::size_t>(layer.weight_count()));
  for (std::int8_t& w : q.weights) w = static_cast<std::int8_t>(int(rng.index(255)) - 127);
  if (layer.weights_of == kFixedWeights) set_fixed_weights(layer, q);
  q.bias.resize(static_cast<std::size_t>(layer.output.channels));
  const auto products = static_cast<double>(layer.weight_count() / layer.output.channels);
  const double spread = 1000 * std::sqrt(products);
  for (std::int32_t& b : q.bias) b = static_cast<std::int32_t>(std::lround(spread * rng.normal()));
}

/// `owner` has the weights where they are another layer's, else it is null.
QuantizedLayer draw_layer(const Layer& layer, ReferenceInputs inputs, const QuantizedLayer* owner,
                          Rng& rng) {
  QuantizedLayer q;
  const double spread = set_activation(layer.activation, rng, q);
  const OperatorKernels& kernels = kernels_of(layer.op);
  std::vector<double> scales;
  const auto add_input_scales = [&](double terms) {
    for (const ReferenceInput& in : inputs) {
      scales.push_back(spread / terms / root_mean_square(in) * (0.75 + 0.5 * rng.uniform()));
    }
  };
  switch (kernels.rescaling) {
    case Rescaling::kOneInput:
      if (layer.activation == Activation::kNone) {  // values as they came
        q.zero_point = q.output_zero_point = inputs[0].zero_point;
        scales.push_back(1);
      } else {
        scales.push_back(spread / root_mean_square(inputs[0]));
      }
      break;
    case Rescaling::kSumOfInputs:
      add_input_scales(std::sqrt(static_cast<double>(inputs.size())));
      break;
    case Rescaling::kInputsApart:
      add_input_scales(1);
      break;
    case Rescaling::kAccumulators:
      if (layer.has_weights()) draw_weights(layer, rng, q);
      if (owner != nullptr) q.weights = owner->weights;
      const double scale = spread / root_mean_square(kernels.accumulators(layer, q, inputs));
      const int count = layer.has_weights() ? layer.output.channels : 1;
      for (int c = 0; c < count; ++c) scales.push_back(scale * (0.6 + 0.8 * rng.uniform()));
      break;
  }
  set_multipliers(scales, q);
  return q;
}

}  // namespace

QuantizedNetwork random_quantization(const Network& network, std::uint64_t seed) {
  QuantizedNetwork quantized;
  quantized.input_zero_point = static_cast<int>(Rng(seed, 1).index(25)) - 12;
  const QuantizedTensor input = random_input(network, seed);
  std::vector<QuantizedTensor> outputs;
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    const Layer& layer = network.layers()[i];
    const auto inputs = reference_inputs(layer, quantized, input, outputs);
    Rng rng(seed, 2 + i);
    const QuantizedLayer* owner =
        layer.shares_weights() ? &quantized.layers[static_cast<std::size_t>(layer.weights_of)]
                               : nullptr;
    quantized.layers.push_back(draw_layer(layer, inputs, owner, rng));
    outputs.push_back(reference_layer(layer, quantized.layers.back(), inputs));
  }
  return quantized;
}

QuantizedTensor random_input(const Network& network, std::uint64_t seed) {
  QuantizedTensor input{network.input(), {}};
  input.data.resize(static_cast<std::size_t>(network.input().elements()));
  Rng rng(seed);
  for (std::int8_t& value : input.data) value = static_cast<std::int8_t>(int(rng.index(256)) - 128);
  return input;
}

}  // namespace dovetail
