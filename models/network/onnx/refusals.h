#pragma once

#include <string>
#include <vector>

#include "base/text/error.h"
#include "models/network/onnx/onnx_graph.h"

namespace dovetail {

/// All nodes of a graph that cannot be read, in lines that hold nothing but what a terminal may
/// show.
class UnsupportedNodes : public InputError {
 public:
  using InputError::InputError;
};

/// Collects what is not supported of a graph, so that it is told at once.
class Refusals {
 public:
  void add(const OnnxNode& node, const std::string& reason);
  bool empty() const { return groups_.empty(); }
  /// Throws UnsupportedNodes: of several nodes a line for each operator and reason, with the names.
  [[noreturn]] void fail() const;

 private:
  struct Group {
    std::string op, reason;
    std::vector<std::string> names;
    std::size_t count = 0;
  };
  std::vector<Group> groups_;
  std::size_t nodes_ = 0, further_ = 0;  // of these, those in no group
};

}  // namespace dovetail
