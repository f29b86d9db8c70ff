#pragma once

#include <map>
#include <string>

#include "models/network/onnx/onnx_graph.h"

namespace dovetail {

/// The graph with the branch in the place of each If whose first output is in `conditions`: its
/// then_branch where that is true. Throws InputError, with the node, for branches that do not fit.
OnnxGraph with_taken_branches(OnnxGraph graph, const std::map<std::string, bool>& conditions);

}  // namespace dovetail
