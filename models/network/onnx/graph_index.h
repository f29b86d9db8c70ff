#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "models/network/onnx/onnx_graph.h"

namespace dovetail {

/// True for nodes that hand their first input on without computing on an accelerator: changes of
/// shape, order, type or quantisation, and padding, which the next window takes.
bool is_view(const OnnxNode& node);

/// Who gives and who reads the tensors of a graph. Each tensor stands for the one that it is a view
/// of. Throws InputError, with the node's name, if a node reads what nothing before it gives (which
/// is so for every circle), or a tensor is given twice.
class GraphIndex {
 public:
  explicit GraphIndex(const OnnxGraph& graph);

  /// The tensor of which `name` is a view, itself if it is none.
  const std::string& base(const std::string& name) const;
  /// The node that computes the tensor of which `name` is a view; null for inputs and constants.
  const OnnxNode* producer(const std::string& name) const;
  /// Whether the network's output depends on the node, or the node has a LayerNote.
  bool is_live(std::size_t node) const { return live_[node]; }
  /// How many live nodes read the tensor or a view of it as numbers (not its shape), and the
  /// outputs of the graph.
  int readers(const std::string& name) const;
  /// True if nothing reads the tensor as numbers but the graph's outputs and what is left to the
  /// host behind it: a softmax, the places of the largest.
  bool is_last(const std::string& name) const { return !read_before_end_.contains(base(name)); }

 private:
  void link(const OnnxGraph& graph);
  void mark_live(const OnnxGraph& graph);
  void mark_last(const OnnxGraph& graph);

  std::unordered_map<std::string, std::string> base_;
  std::unordered_map<std::string, std::size_t> giver_;
  std::unordered_map<std::string, int> readers_;
  std::unordered_set<std::string> read_before_end_;
  std::vector<bool> live_;
  const OnnxGraph& graph_;
};

}  // namespace dovetail
