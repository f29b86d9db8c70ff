#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/network/layers/network.h"
#include "models/network/onnx/onnx_graph.h"

namespace dovetail {

/// An initialiser that the writer fills: float32, or what its data say.
struct OnnxWeight {
  enum class Kind : std::uint8_t { kWeight, kZero, kOne };

  std::string name;
  OnnxDims dims;
  Kind kind = Kind::kWeight;
  std::int64_t fan_in = 1;  // numbers that are summed up to one of the output
  int element_type = kOnnxFloat;
  std::string data{};  // its bytes, if they are known already
};

struct ExportedGraph {
  OnnxGraph graph;  // weights are constants without values
  std::vector<OnnxWeight> weights;
};

/// The network as an ONNX graph of operator set 13: batch 1, channels first, one node for each
/// layer and further ones for batch normalisation, activation and change of shape, each with its
/// LayerNote. Tensors and nodes bear the layers' names. Throws InputError for what ONNX cannot say.
ExportedGraph export_graph(const Network& network);

}  // namespace dovetail
