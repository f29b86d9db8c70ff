#include "sim/functional/reference.h"

#include <stdexcept>

namespace dovetail {
namespace {

using Accumulators = std::vector<std::int32_t>;

Accumulators convolution(const Layer& layer, const QuantizedLayer& q, const ReferenceInput& in) {
  const int group_inputs = layer.input.channels / layer.groups;
  const int group_outputs = layer.output.channels / layer.groups;
  Accumulators sums;
  sums.reserve(static_cast<std::size_t>(layer.output.elements()));
  for (int oy = 0; oy < layer.output.height; ++oy) {
    for (int ox = 0; ox < layer.output.width; ++ox) {
      for (int oc = 0; oc < layer.output.channels; ++oc) {
        const std::int8_t* weight =
            q.weights.data() + std::ptrdiff_t{oc} * layer.kernel_h * layer.kernel_w * group_inputs;
        std::int32_t sum = q.bias[static_cast<std::size_t>(oc)];
        for (int ky = 0; ky < layer.kernel_h; ++ky) {
          for (int kx = 0; kx < layer.kernel_w; ++kx, weight += group_inputs) {
            const int iy = oy * layer.stride_h + ky * layer.dilation_h - layer.pad_top;
            const int ix = ox * layer.stride_w + kx * layer.dilation_w - layer.pad_left;
            if (iy < 0 || iy >= layer.input.height || ix < 0 || ix >= layer.input.width) continue;
            const std::int8_t* value =
                in.tensor->data.data() +
                (std::ptrdiff_t{iy} * layer.input.width + ix) * layer.input.channels +
                oc / group_outputs * group_inputs;
            for (int ic = 0; ic < group_inputs; ++ic) {
              sum += weight[ic] * (value[ic] - in.zero_point);
            }
          }
        }
        sums.push_back(sum);
      }
    }
  }
  return sums;
}

Accumulators fully_connected(const QuantizedLayer& q, const ReferenceInput& in) {
  Accumulators sums = q.bias;
  const std::int8_t* weight = q.weights.data();
  for (std::int32_t& sum : sums) {
    for (const std::int8_t value : in.tensor->data) sum += *weight++ * (value - in.zero_point);
  }
  return sums;
}

Accumulators matrix_product(const Layer& layer, const ReferenceInput& a, const ReferenceInput& b) {
  const std::int64_t m = std::int64_t{layer.output.height} * layer.output.width;
  const int k = layer.input.channels, n = layer.output.channels;
  Accumulators sums;
  for (std::int64_t row = 0; row < m; ++row) {
    for (int column = 0; column < n; ++column) {
      std::int32_t sum = 0;
      for (int i = 0; i < k; ++i) {
        sum +=
            (a.tensor->data[static_cast<std::size_t>(row * k + i)] - a.zero_point) *
            (b.tensor->data[static_cast<std::size_t>(std::int64_t{i} * n + column)] - b.zero_point);
      }
      sums.push_back(sum);
    }
  }
  return sums;
}

Accumulators global_sums(const Layer& layer, const ReferenceInput& in) {
  Accumulators sums(static_cast<std::size_t>(layer.output.channels));
  for (std::size_t i = 0; i < in.tensor->data.size(); ++i) {
    sums[i % sums.size()] += in.tensor->data[i] - in.zero_point;
  }
  return sums;
}

Accumulators products(const ReferenceInput& a, const ReferenceInput& b) {
  Accumulators sums(a.tensor->data.size());
  const bool gate = b.tensor->data.size() != a.tensor->data.size();
  const auto channels = static_cast<std::size_t>(a.tensor->shape.channels);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    sums[i] = (a.tensor->data[i] - a.zero_point) *
              (b.tensor->data[gate ? i % channels : i] - b.zero_point);
  }
  return sums;
}

Accumulators differences(const ReferenceInput& in) {
  Accumulators sums;
  for (const std::int8_t value : in.tensor->data) sums.push_back(value - in.zero_point);
  return sums;
}

void window_pool(const Layer& layer, const QuantizedLayer& q, const ReferenceInput& in,
                 QuantizedTensor& out) {
  for (int oy = 0; oy < layer.output.height; ++oy) {
    for (int ox = 0; ox < layer.output.width; ++ox) {
      for (int c = 0; c < layer.output.channels; ++c) {
        std::int32_t sum = 0, count = 0, largest = -128;
        for (int ky = 0; ky < layer.kernel_h; ++ky) {
          for (int kx = 0; kx < layer.kernel_w; ++kx) {
            const int iy = oy * layer.stride_h + ky * layer.dilation_h - layer.pad_top;
            const int ix = ox * layer.stride_w + kx * layer.dilation_w - layer.pad_left;
            if (iy < 0 || iy >= layer.input.height || ix < 0 || ix >= layer.input.width) continue;
            const std::int32_t value = in.tensor->at(iy, ix, c);
            sum += value;
            ++count;
            largest = std::max(largest, value);
          }
        }
        std::int32_t pooled = largest;
        if (layer.op == OpType::kAveragePool)
          pooled = count == 0 ? in.zero_point : rounded_mean(sum, count);
        out.data.push_back(
            requantize(q, std::int64_t{q.multipliers[0]} * (pooled - in.zero_point)));
      }
    }
  }
}

void addition(const QuantizedLayer& q, std::span<const ReferenceInput> inputs,
              QuantizedTensor& out) {
  for (std::size_t i = 0; i < inputs[0].tensor->data.size(); ++i) {
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < 2; ++k) {
      sum += std::int64_t{q.multipliers[k]} * (inputs[k].tensor->data[i] - inputs[k].zero_point);
    }
    out.data.push_back(requantize(q, sum));
  }
}

void concatenation(const QuantizedLayer& q, std::span<const ReferenceInput> inputs,
                   QuantizedTensor& out) {
  for (int y = 0; y < out.shape.height; ++y) {
    for (int x = 0; x < out.shape.width; ++x) {
      for (std::size_t k = 0; k < inputs.size(); ++k) {
        for (int c = 0; c < inputs[k].tensor->shape.channels; ++c) {
          out.data.push_back(
              requantize(q, std::int64_t{q.multipliers[k]} *
                                (inputs[k].tensor->at(y, x, c) - inputs[k].zero_point)));
        }
      }
    }
  }
}

}  // namespace

Accumulators reference_accumulators(const Layer& layer, const QuantizedLayer& quantized,
                                    std::span<const ReferenceInput> inputs) {
  switch (layer.op) {
    case OpType::kConv2d:
      return convolution(layer, quantized, inputs[0]);
    case OpType::kFullyConnected:
      return fully_connected(quantized, inputs[0]);
    case OpType::kMatMul:
      return matrix_product(layer, inputs[0], inputs[1]);
    case OpType::kGlobalAveragePool:
      return global_sums(layer, inputs[0]);
    case OpType::kMultiply:
      return products(inputs[0], inputs[1]);
    case OpType::kActivation:
      return differences(inputs[0]);
    default:
      throw std::logic_error("an operator without one accumulator an output");
  }
}

QuantizedTensor reference_layer(const Layer& layer, const QuantizedLayer& quantized,
                                std::span<const ReferenceInput> inputs) {
  QuantizedTensor out{layer.output, {}};
  out.data.reserve(static_cast<std::size_t>(layer.output.elements()));
  switch (layer.op) {
    case OpType::kAveragePool:
    case OpType::kMaxPool:
      window_pool(layer, quantized, inputs[0], out);
      break;
    case OpType::kAdd:
      addition(quantized, inputs, out);
      break;
    case OpType::kConcat:
      concatenation(quantized, inputs, out);
      break;
    default: {
      const Accumulators sums = reference_accumulators(layer, quantized, inputs);
      for (std::size_t i = 0; i < sums.size(); ++i) {
        const std::size_t channel = i % static_cast<std::size_t>(layer.output.channels);
        const std::int64_t multiplier = quantized.multipliers[layer.has_weights() ? channel : 0];
        out.data.push_back(requantize(quantized, sums[i] * multiplier));
      }
    }
  }
  return out;
}

std::vector<ReferenceInput> reference_inputs(const Layer& layer, const QuantizedNetwork& quantized,
                                             const QuantizedTensor& input,
                                             const std::vector<QuantizedTensor>& outputs) {
  std::vector<ReferenceInput> inputs;
  for (const int from : layer.inputs) {
    inputs.push_back({from == kNetworkInput ? &input : &outputs[static_cast<std::size_t>(from)],
                      quantized.zero_point_of(from)});
  }
  return inputs;
}

QuantizedTensor reference_output(const Network& network, const QuantizedNetwork& quantized,
                                 const QuantizedTensor& input) {
  std::vector<QuantizedTensor> outputs;
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    const Layer& layer = network.layers()[i];
    outputs.push_back(reference_layer(layer, quantized.layers[i],
                                      reference_inputs(layer, quantized, input, outputs)));
  }
  return outputs.back();
}

}  // namespace dovetail
