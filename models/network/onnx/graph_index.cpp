#include "models/network/onnx/graph_index.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/text/error.h"

namespace dovetail {

bool is_view(const OnnxNode& node) {
  constexpr std::array<std::string_view, 12> kViews = {
      "Cast",    "DequantizeLinear", "Dropout",   "DynamicQuantizeLinear",
      "Flatten", "Identity",         "Pad",       "QuantizeLinear",
      "Reshape", "Squeeze",          "Transpose", "Unsqueeze"};
  return std::ranges::find(kViews, node.op) != kViews.end();
}

GraphIndex::GraphIndex(const OnnxGraph& graph) : live_(graph.nodes.size()), graph_(graph) {
  link(graph);
  mark_live(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const OnnxNode& node = graph.nodes[i];
    if (!live_[i] || is_view(node) || node.op == "Shape" || node.op == "Size") continue;
    for (const std::string& input : node.reads()) ++readers_[base(input)];
  }
  for (const OnnxOutput& output : graph.outputs) ++readers_[base(output.name)];
  mark_last(graph);
}

void GraphIndex::mark_last(const OnnxGraph& graph) {
  constexpr std::array<std::string_view, 5> kOfHost = {"ArgMax", "ArgMin", "LogSoftmax", "Softmax",
                                                       "TopK"};
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const OnnxNode& node = graph.nodes[i];
    if (!live_[i] || is_view(node) || node.op == "Shape" || node.op == "Size") continue;
    const bool of_host = std::ranges::find(kOfHost, node.op) != kOfHost.end() &&
                         std::ranges::all_of(node.outputs, [&](const std::string& output) {
                           return is_last(output);
                         });
    if (of_host) continue;
    for (const std::string& input : node.reads()) read_before_end_.insert(base(input));
  }
}

void GraphIndex::link(const OnnxGraph& graph) {
  std::unordered_map<std::string, bool> known;  // true of what a node gives
  for (const auto& [name, constant] : graph.constants) known.emplace(name, false);
  for (const OnnxInput& input : graph.inputs) known.emplace(input.name, false);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const OnnxNode& node = graph.nodes[i];
    for (const std::string& input : node.reads()) {
      if (input.empty() || known.contains(input)) continue;
      throw InputError(
          fmt::format("{}: reads '{}', which no node before it gives", node.describe(), input));
    }
    for (const std::string& output : node.outputs) {
      if (output.empty()) continue;
      if (!known.emplace(output, true).second) {
        throw InputError(fmt::format("{}: '{}' is given twice", node.describe(), output));
      }
      giver_[output] = i;
      const bool view = is_view(node) && !node.input(0).empty() && output == node.outputs[0];
      base_[output] = view ? base(node.inputs[0]) : output;
    }
  }
  for (const OnnxOutput& output : graph.outputs) {
    if (known.contains(output.name)) continue;
    throw InputError(fmt::format("output '{}' is given by no node", output.name));
  }
}

void GraphIndex::mark_live(const OnnxGraph& graph) {
  std::unordered_map<std::string, bool> wanted;
  for (const OnnxOutput& output : graph.outputs) wanted[output.name] = true;
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const OnnxNode& node = graph.nodes[i];
    live_[i] = !LayerNote::parse(node.doc).layer.empty() ||
               std::ranges::any_of(node.outputs, [&](const std::string& output) {
                 return wanted.contains(output);
               });
    if (!live_[i]) continue;
    for (const std::string& input : node.reads()) wanted[input] = true;
  }
}

const std::string& GraphIndex::base(const std::string& name) const {
  const auto at = base_.find(name);
  return at == base_.end() ? name : at->second;
}

const OnnxNode* GraphIndex::producer(const std::string& name) const {
  const auto at = giver_.find(base(name));
  return at == giver_.end() ? nullptr : &graph_.nodes[at->second];
}

int GraphIndex::readers(const std::string& name) const {
  const auto at = readers_.find(base(name));
  return at == readers_.end() ? 0 : at->second;
}

}  // namespace dovetail
