#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/network/onnx/onnx_graph.h"

namespace dovetail {

/// An operator outside the standard that stands for several of it.
struct ExpandedOperator {
  std::string_view domain, op;
  std::string_view becomes;  // in words, for the user
  void (*expand)(const OnnxNode& node, std::vector<OnnxNode>& nodes);
};
std::span<const ExpandedOperator> expanded_operators();

/// The graph with the nodes of the standard in the place of each of such an operator. The last of
/// them gives what the node gave. Throws InputError with the node.
OnnxGraph with_expanded_nodes(OnnxGraph graph);

}  // namespace dovetail
