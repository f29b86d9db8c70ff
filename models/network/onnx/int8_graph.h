#pragma once

#include "models/network/layers/network.h"
#include "models/network/onnx/export_graph.h"
#include "models/network/onnx/onnx_int8.h"

namespace dovetail {

/// The graph that export_graph() made of the network in the form that quantisers call QDQ: weights
/// are int8 and biases int32 behind a DequantizeLinear, batch normalisation is in them, and behind
/// each layer (and before each activation that is a table) a QuantizeLinear and a DequantizeLinear
/// round to int8. Input and outputs of the graph stay float32. The importer finds the same layers.
/// Throws InputError unless `int8` is of this network.
ExportedGraph with_int8(ExportedGraph exported, const Network& network, const OnnxInt8& int8);

}  // namespace dovetail
