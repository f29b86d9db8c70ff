#include "models/network/onnx/taken_branches.h"

#include <fmt/core.h>

#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/text/error.h"

namespace dovetail {
namespace {

/// The nodes of a branch as nodes of the graph around it, whose names for its outputs they take.
void put_branch(const OnnxNode& node, const OnnxGraph& branch, OnnxGraph& graph,
                std::vector<OnnxNode>& nodes) {
  if (branch.outputs.size() != node.outputs.size()) {
    throw InputError(fmt::format("{}: a branch with {} outputs, not {}", node.describe(),
                                 branch.outputs.size(), node.outputs.size()));
  }
  for (const auto& [name, constant] : branch.constants) graph.constants.emplace(name, constant);
  std::unordered_set<std::string> inner_names;
  for (const OnnxNode& inner : branch.nodes) {
    inner_names.insert(inner.outputs.begin(), inner.outputs.end());
  }
  std::unordered_map<std::string, std::string> renamed;
  std::vector<OnnxNode> copies;  // of what stands around the branch, or twice among its outputs
  for (std::size_t i = 0; i < branch.outputs.size(); ++i) {
    const std::string& inner = branch.outputs[i].name;
    if (inner_names.contains(inner) && renamed.emplace(inner, node.outputs[i]).second) continue;
    OnnxNode copy;
    copy.op = "Identity";
    copy.name = node.name;
    copy.inputs = {inner};
    copy.outputs = {node.outputs[i]};
    copies.push_back(std::move(copy));
  }
  std::vector<OnnxNode> inside = branch.nodes;
  inside.insert(inside.end(), copies.begin(), copies.end());
  for (OnnxNode& moved : inside) {
    for (std::vector<std::string>* names : {&moved.inputs, &moved.outputs}) {
      for (std::string& name : *names) {
        if (const auto at = renamed.find(name); at != renamed.end()) name = at->second;
      }
    }
    nodes.push_back(std::move(moved));
  }
}

}  // namespace

OnnxGraph with_taken_branches(OnnxGraph graph, const std::map<std::string, bool>& conditions) {
  std::vector<OnnxNode> nodes;
  for (OnnxNode& node : graph.nodes) {
    const auto condition = node.op == "If" && !node.outputs.empty()
                               ? conditions.find(node.outputs[0])
                               : conditions.end();
    if (condition == conditions.end()) {
      nodes.push_back(std::move(node));
      continue;
    }
    const OnnxGraph* branch = node.graph(condition->second ? "then_branch" : "else_branch");
    if (branch == nullptr) throw InputError(fmt::format("{}: has no branch", node.describe()));
    put_branch(node, *branch, graph, nodes);
  }
  graph.nodes = std::move(nodes);
  return graph;
}

}  // namespace dovetail
