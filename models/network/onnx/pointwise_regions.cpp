#include "models/network/onnx/pointwise_regions.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>

namespace dovetail {
namespace {

/// What a tensor is a function of, and whether that takes more than the activations which are read
/// for themselves.
struct FunctionOf {
  std::string root;
  bool needs_table = false;
};

class TableFinder {
 public:
  explicit TableFinder(OnnxGraph& graph) : graph_(graph) {}

  void run() {
    for (OnnxNode& node : graph_.nodes) {
      if (node.outputs.empty() || !node.domain.empty() ||
          !LayerNote::parse(node.doc).layer.empty()) {
        continue;
      }
      if (is_any_of(kCopies, node.op) || is_any_of(kKnown, node.op)) {
        note(node, false);
      } else if (is_any_of(kUnary, node.op)) {
        note(node, true);
      } else if (is_any_of(kBinary, node.op) && node.inputs.size() == 2) {
        combine(node);
      }
    }
  }

 private:
  static constexpr std::array<std::string_view, 5> kCopies = {"Cast", "DequantizeLinear", "Dropout",
                                                              "Identity", "QuantizeLinear"};
  static constexpr std::array<std::string_view, 6> kKnown = {"Clip", "HardSigmoid", "HardSwish",
                                                             "Relu", "Sigmoid",     "Swish"};
  static constexpr std::array<std::string_view, 13> kUnary = {
      "Abs",  "Elu",  "Erf",  "Exp",      "LeakyRelu",  "Log",  "Neg",
      "Sign", "Sqrt", "Tanh", "Softplus", "Reciprocal", "Table"};
  static constexpr std::array<std::string_view, 7> kBinary = {"Add", "Div", "Max", "Min",
                                                              "Mul", "Pow", "Sub"};
  /// That have no layer for two activations which would do the same.
  static constexpr std::array<std::string_view, 5> kOnlyAsTable = {"Div", "Max", "Min", "Pow",
                                                                   "Sub"};

  template <std::size_t kSize>
  static bool is_any_of(const std::array<std::string_view, kSize>& ops, std::string_view op) {
    return std::ranges::find(ops, op) != ops.end();
  }

  bool is_number(const std::string& name) const {
    const auto constant = graph_.constants.find(name);
    return constant != graph_.constants.end() && constant->second.elements() == 1;
  }
  bool is_constant(const std::string& name) const { return graph_.constants.contains(name); }

  FunctionOf function_of(const std::string& name) const {
    const auto at = functions_.find(name);
    return at == functions_.end() ? FunctionOf{name, false} : at->second;
  }

  void note(const OnnxNode& node, bool needs_table) {
    FunctionOf function = function_of(node.input(0));
    function.needs_table = function.needs_table || needs_table;
    functions_[node.outputs[0]] = function;
  }

  void combine(OnnxNode& node) {
    for (const std::size_t i : {0U, 1U}) {
      if (!is_number(node.inputs[i]) || is_constant(node.inputs[1 - i])) continue;
      FunctionOf function = function_of(node.inputs[1 - i]);
      function.needs_table =
          function.needs_table || node.op == "Pow" || (node.op == "Div" && i == 0);
      functions_[node.outputs[0]] = function;
      return;
    }
    if (is_constant(node.inputs[0]) || is_constant(node.inputs[1])) return;
    const FunctionOf a = function_of(node.inputs[0]), b = function_of(node.inputs[1]);
    const bool table = a.needs_table || b.needs_table || is_any_of(kOnlyAsTable, node.op);
    if (a.root != b.root || !table || node.inputs[0] == node.inputs[1]) return;
    node.op = "Table";
    node.inputs = {a.root};
    node.attributes.clear();
    functions_[node.outputs[0]] = {a.root, true};
  }

  OnnxGraph& graph_;
  std::unordered_map<std::string, FunctionOf> functions_;
};

}  // namespace

OnnxGraph with_tables(OnnxGraph graph) {
  TableFinder(graph).run();
  return graph;
}

}  // namespace dovetail
