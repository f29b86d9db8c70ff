#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "models/network/onnx/onnx_graph.h"

namespace dovetail {

/// Works out nodes that read constants only; they are gone then. Throws InputError with the node.
OnnxGraph folded_graph(OnnxGraph graph);

/// The graph in fewer operators, so that the importer has one case for each kind of layer:
/// - operators on quantised tensors (QLinearConv, com.microsoft.QLinearAdd, ...) become those on
///   real numbers, without scales and zero points;
/// - operators outside the standard that stand for several of it become those (expand_nodes.h), and
///   several nodes that are a function of one number become one of operator "Table"
///   (pointwise_regions.h);
/// - swish, h-swish and h-sigmoid that an exporter wrote as several nodes (x * sigmoid(x),
///   clip(x + 3, 0, 6) / 6, ...) become one node, of operator "Swish", "HardSwish" or
///   "HardSigmoid", that gives the output of the last of them; the others are left, unread.
/// Nodes with LayerNotes of different layers are not joined.
/// Throws InputError with the node.
OnnxGraph plain_graph(OnnxGraph graph);

/// The bounds of a Clip; infinite where there is none. Nothing if they are not `constant`, which
/// finds constants by name.
std::optional<std::pair<double, double>> clip_bounds(
    const OnnxNode& node, const std::function<const OnnxTensor*(const std::string&)>& constant);

/// An operator on quantised tensors and which of its inputs carry numbers.
struct QuantizedOperator {
  std::string_view domain, op, plain;
  std::size_t first, step, count;  // inputs first, first + step, ...
  std::optional<std::size_t> bias;
};
const std::vector<QuantizedOperator>& quantized_operators();

}  // namespace dovetail
