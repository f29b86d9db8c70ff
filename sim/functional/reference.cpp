#include "sim/functional/reference.h"

namespace dovetail {

QuantizedTensor reference_layer(const Layer& layer, const QuantizedLayer& quantized,
                                ReferenceInputs inputs) {
  QuantizedTensor out{layer.output, {}};
  out.data.reserve(static_cast<std::size_t>(layer.output.elements()));
  const OperatorKernels& kernels = kernels_of(layer.op);
  if (kernels.outputs != nullptr) {
    kernels.outputs(layer, quantized, inputs, out);
    return out;
  }
  const Accumulators sums = kernels.accumulators(layer, quantized, inputs);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::size_t channel = i % static_cast<std::size_t>(layer.output.channels);
    const std::int64_t multiplier = quantized.multipliers[layer.has_weights() ? channel : 0];
    out.data.push_back(requantize(quantized, sums[i] * multiplier));
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

std::vector<QuantizedTensor> reference_outputs(const Network& network,
                                               const QuantizedNetwork& quantized,
                                               const QuantizedTensor& input) {
  std::vector<QuantizedTensor> outputs;
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    const Layer& layer = network.layers()[i];
    outputs.push_back(reference_layer(layer, quantized.layers[i],
                                      reference_inputs(layer, quantized, input, outputs)));
  }
  return outputs;
}

QuantizedTensor reference_output(const Network& network, const QuantizedNetwork& quantized,
                                 const QuantizedTensor& input) {
  return reference_outputs(network, quantized, input).back();
}

}  // namespace dovetail
