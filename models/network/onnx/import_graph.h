#pragma once

#include <map>
#include <string>

#include "models/network/layers/network.h"
#include "models/network/onnx/number_plan.h"
#include "models/network/onnx/onnx_graph.h"

namespace dovetail {

/// A network and what it was made from.
struct ImportedGraph {
  Network network;
  /// The graph without what was worked out and what the output does not depend on, with the batch
  /// set to 1, for a second opinion.
  OnnxGraph graph;
  /// Sizes of its tensors as the importer understands them.
  std::map<std::string, OnnxDims> dims;
  /// What is a constant, and how the layers' numbers follow from these.
  std::map<std::string, OnnxTensor> constants;
  NumberPlan numbers;
};

/// Throws InputError, with the node but not the file, for what is not supported.
ImportedGraph import_graph(OnnxGraph graph, const std::string& network_name);

}  // namespace dovetail
