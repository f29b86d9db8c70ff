#pragma once

#include <vector>

#include "models/network/layers/network.h"
#include "sim/kernels/operator_kernels.h"

namespace dovetail {

// What a network computes, by the reference of each operator: the mapped computation is compared
// with it.

/// What a layer reads: the network's input, or outputs of layers before it.
std::vector<ReferenceInput> reference_inputs(const Layer& layer, const QuantizedNetwork& quantized,
                                             const QuantizedTensor& input,
                                             const std::vector<QuantizedTensor>& outputs);

/// The output of one layer.
QuantizedTensor reference_layer(const Layer& layer, const QuantizedLayer& quantized,
                                ReferenceInputs inputs);

/// The outputs of all layers.
std::vector<QuantizedTensor> reference_outputs(const Network& network,
                                               const QuantizedNetwork& quantized,
                                               const QuantizedTensor& input);
/// The output of the network: that of its last layer.
QuantizedTensor reference_output(const Network& network, const QuantizedNetwork& quantized,
                                 const QuantizedTensor& input);

}  // namespace dovetail
