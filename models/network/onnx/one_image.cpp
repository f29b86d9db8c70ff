#include "models/network/onnx/one_image.h"

#include <fmt/core.h>

#include <algorithm>

#include "models/network/onnx/image_input.h"

namespace dovetail {
namespace {

/// Of the first input that has one; 1 if it is symbolic or unknown, or if the input is a picture
/// without a batch.
std::int64_t fixed_batch(const OnnxGraph& graph) {
  for (const OnnxInput& input : graph.inputs) {
    const std::optional<ImageInput> image = image_behind(graph, input);
    if (image && !image->has_batch) return 1;
    if (input.dims && !input.dims->empty()) return std::max<std::int64_t>(1, input.dims->front());
  }
  return 1;
}

}  // namespace

OnnxGraph of_one_image(OnnxGraph graph) {
  const std::int64_t batch = fixed_batch(graph);
  if (batch == 1) return graph;
  for (OnnxInput& input : graph.inputs) {
    if (input.dims && !input.dims->empty() && input.dims->front() == batch) input.dims->front() = 1;
  }
  for (OnnxNode& node : graph.nodes) {
    if (node.op != "Reshape" && node.op != "Expand") continue;
    const auto sizes = graph.constants.find(node.input(1));
    if (sizes == graph.constants.end() || !sizes->second.values || sizes->second.values->empty() ||
        sizes->second.values->front() != static_cast<double>(batch)) {
      continue;
    }
    OnnxTensor of_one = sizes->second;
    of_one.values->front() = 1;
    std::string name = node.inputs[1];
    do {
      name += ":one";
    } while (graph.constants.contains(name));
    graph.constants.emplace(name, std::move(of_one));
    node.inputs[1] = name;
  }
  return graph;
}

}  // namespace dovetail
