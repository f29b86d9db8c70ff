#include "models/network/onnx/plain_graph.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "base/text/error.h"
#include "models/network/onnx/constant_folding.h"
#include "models/network/onnx/expand_nodes.h"
#include "models/network/onnx/pointwise_regions.h"

namespace dovetail {
namespace {

constexpr std::string_view kMicrosoft = "com.microsoft";

const OnnxTensor* find_constant(const OnnxGraph& graph, const std::string& name) {
  const auto at = graph.constants.find(name);
  return at == graph.constants.end() ? nullptr : &at->second;
}

/// Works the node out if all that it reads is constant.
bool fold(OnnxGraph& graph, const OnnxNode& node) {
  if (!is_foldable(node)) return false;
  std::vector<const OnnxTensor*> inputs;
  for (const std::string& input : node.inputs) {
    inputs.push_back(find_constant(graph, input));
    if (inputs.back() == nullptr && !input.empty()) return false;
  }
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    if (!graph.constants.emplace(node.outputs[i], fold_constants(node, inputs, i)).second) {
      throw InputError(fmt::format("'{}' is given twice", node.outputs[i]));
    }
  }
  return true;
}

void make_real(OnnxNode& node) {
  const auto& table = quantized_operators();
  const auto row = std::ranges::find_if(table, [&](const QuantizedOperator& candidate) {
    return candidate.op == node.op && candidate.domain == node.domain;
  });
  if (row == table.end()) return;
  if (node.integer("channels_last", 0) != 0) {
    throw InputError("channels_last is 1; only channels first is supported");
  }
  std::vector<std::string> inputs;
  for (std::size_t i = row->first; i < node.inputs.size() && inputs.size() < row->count;
       i += row->step) {
    inputs.push_back(node.inputs[i]);
  }
  if (row->bias && !node.input(*row->bias).empty()) inputs.push_back(node.inputs[*row->bias]);
  node.op = row->plain;
  node.domain.clear();
  node.inputs = std::move(inputs);
}

bool near(double a, double b) {
  constexpr double kTolerance = 0.01;  // a constant may have been quantised
  return std::abs(a - b) <= kTolerance * std::abs(b);
}

/// Joins activations written as several nodes.
class ActivationFinder {
 public:
  explicit ActivationFinder(OnnxGraph& graph) : graph_(graph) {
    constexpr std::array<std::string_view, 5> kCopies = {"Cast", "DequantizeLinear", "Dropout",
                                                         "Identity", "QuantizeLinear"};
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const OnnxNode& node = graph.nodes[i];
      for (const std::string& output : node.outputs) giver_[output] = i;
      const bool copy = std::ranges::find(kCopies, node.op) != kCopies.end();
      if (copy && !node.inputs.empty() && !node.outputs.empty()) {
        source_[node.outputs[0]] = source(node.inputs[0]);
      }
    }
  }

  void run() {
    for (OnnxNode& node : graph_.nodes) {
      if (node.inputs.size() != 2 || (node.op != "Mul" && node.op != "Div")) continue;
      if (const auto sixth = operand_of_sixth(node)) {
        join_hard(node, *sixth);
      } else if (node.op == "Mul") {
        join_product(node, node.inputs[0], node.inputs[1]);
        if (node.op == "Mul") join_product(node, node.inputs[1], node.inputs[0]);
      }
    }
  }

 private:
  /// What `name` is a copy of.
  const std::string& source(const std::string& name) const {
    const auto at = source_.find(name);
    return at == source_.end() ? name : at->second;
  }

  /// The node of this operator that gives `name` or what it is a copy of, in the layer of `reader`.
  OnnxNode* giver(const std::string& name, std::string_view op, const OnnxNode& reader) const {
    const auto at = giver_.find(source(name));
    if (at == giver_.end()) return nullptr;
    OnnxNode& node = graph_.nodes[at->second];
    const bool joins = LayerNote::parse(node.doc).layer == LayerNote::parse(reader.doc).layer;
    return node.op == op && joins ? &node : nullptr;
  }

  std::optional<double> number(const std::string& name) const {
    const OnnxTensor* constant = find_constant(graph_, name);
    if (constant == nullptr || constant->elements() != 1 || !constant->values) return {};
    return constant->values->at(0);
  }

  /// y of y / 6, y * (1/6) and (1/6) * y.
  std::optional<std::string> operand_of_sixth(const OnnxNode& node) const {
    const auto first = number(node.inputs[0]), second = number(node.inputs[1]);
    if (node.op == "Div") {
      return second && near(*second, 6) ? std::optional(node.inputs[0]) : std::nullopt;
    }
    constexpr double kSixth = 1.0 / 6;
    if (second && near(*second, kSixth)) return node.inputs[0];
    return first && near(*first, kSixth) ? std::optional(node.inputs[1]) : std::nullopt;
  }

  /// x where `name` is clip(x + 3, 0, 6).
  std::optional<std::string> operand_of_gate(const std::string& name,
                                             const OnnxNode& reader) const {
    const OnnxNode* clip = giver(name, "Clip", reader);
    if (clip == nullptr) return {};
    const auto bounds =
        clip_bounds(*clip, [&](const std::string& bound) { return find_constant(graph_, bound); });
    if (!bounds || !near(bounds->first, 0) || !near(bounds->second, 6)) return {};
    const OnnxNode* sum = giver(clip->input(0), "Add", reader);
    if (sum == nullptr || sum->inputs.size() != 2) return {};
    const auto first = number(sum->inputs[0]), second = number(sum->inputs[1]);
    if (second && near(*second, 3)) return sum->inputs[0];
    return first && near(*first, 3) ? std::optional(sum->inputs[1]) : std::nullopt;
  }

  static void become(OnnxNode& node, std::string op, std::string operand) {
    node.op = std::move(op);
    node.inputs = {std::move(operand)};
    node.attributes.clear();
  }

  /// `node` is a sixth of y.
  void join_hard(OnnxNode& node, const std::string& y) {
    if (const auto x = operand_of_gate(y, node)) return become(node, "HardSigmoid", *x);
    const OnnxNode* product = giver(y, "Mul", node);
    if (product == nullptr || product->inputs.size() != 2) return;
    for (const std::size_t i : {0U, 1U}) {
      const auto x = operand_of_gate(product->inputs[i], node);
      if (x && source(*x) == source(product->inputs[1 - i])) return become(node, "HardSwish", *x);
    }
  }

  /// `node` is x * gate.
  void join_product(OnnxNode& node, const std::string& x, const std::string& gate) {
    for (const auto& [op, joined] : {std::pair{"Sigmoid", "Swish"}, {"HardSigmoid", "HardSwish"}}) {
      OnnxNode* given = giver(gate, op, node);
      if (given == nullptr || source(given->input(0)) != source(x)) continue;
      given->doc.clear();  // a LayerNote keeps a node that nothing reads
      return become(node, joined, x);
    }
  }

  OnnxGraph& graph_;
  std::unordered_map<std::string, std::size_t> giver_;
  std::unordered_map<std::string, std::string> source_;
};

}  // namespace

const std::vector<QuantizedOperator>& quantized_operators() {
  constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
  static const std::vector<QuantizedOperator> kTable = {
      {"", "ConvInteger", "Conv", 0, 1, 2, {}},
      {"", "MatMulInteger", "MatMul", 0, 1, 2, {}},
      {"", "QLinearConv", "Conv", 0, 3, 2, 8},
      {"", "QLinearMatMul", "MatMul", 0, 3, 2, {}},
      {kMicrosoft, "DequantizeLinear", "DequantizeLinear", 0, 1, kAll, {}},
      {kMicrosoft, "DynamicQuantizeMatMul", "MatMul", 0, 1, 2, 4},
      {kMicrosoft, "FusedMatMul", "MatMul", 0, 1, 2, {}},
      {kMicrosoft, "MatMulIntegerToFloat", "MatMul", 0, 1, 2, 6},
      {kMicrosoft, "QGemm", "Gemm", 0, 3, 2, 6},
      {kMicrosoft, "QLinearAdd", "Add", 0, 3, 2, {}},
      {kMicrosoft, "QLinearAveragePool", "AveragePool", 0, 1, 1, {}},
      {kMicrosoft, "QLinearConcat", "Concat", 2, 3, kAll, {}},
      {kMicrosoft, "QLinearGlobalAveragePool", "GlobalAveragePool", 0, 1, 1, {}},
      {kMicrosoft, "QLinearLeakyRelu", "LeakyRelu", 0, 1, 1, {}},
      {kMicrosoft, "QLinearMul", "Mul", 0, 3, 2, {}},
      {kMicrosoft, "QLinearSigmoid", "Sigmoid", 0, 1, 1, {}},
      {kMicrosoft, "QLinearSoftmax", "Softmax", 0, 1, 1, {}},
      {kMicrosoft, "QuantizeLinear", "QuantizeLinear", 0, 1, kAll, {}},
  };
  return kTable;
}

std::optional<std::pair<double, double>> clip_bounds(
    const OnnxNode& node, const std::function<const OnnxTensor*(const std::string&)>& find) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  std::pair bounds(node.real("min", -kInfinite), node.real("max", kInfinite));
  for (const std::size_t i : {1U, 2U}) {
    if (node.input(i).empty()) continue;
    const OnnxTensor* constant = find(node.input(i));
    if (constant == nullptr || constant->elements() != 1 || !constant->values) return {};
    (i == 1 ? bounds.first : bounds.second) = constant->values->at(0);
  }
  constexpr double kHuge = 1e30;  // the largest float stands for no bound
  if (bounds.first < -kHuge) bounds.first = -kInfinite;
  if (bounds.second > kHuge) bounds.second = kInfinite;
  return bounds;
}

OnnxGraph folded_graph(OnnxGraph graph) {
  std::vector<OnnxNode> nodes;
  for (OnnxNode& node : graph.nodes) {
    try {
      if (fold(graph, node)) continue;
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}: {}", node.describe(), error.what()));
    }
    nodes.push_back(std::move(node));
  }
  graph.nodes = std::move(nodes);
  return graph;
}

OnnxGraph plain_graph(OnnxGraph graph) {
  for (OnnxNode& node : graph.nodes) {
    try {
      make_real(node);
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}: {}", node.describe(), error.what()));
    }
  }
  graph = with_expanded_nodes(std::move(graph));
  ActivationFinder(graph).run();
  return with_tables(std::move(graph));
}

}  // namespace dovetail
