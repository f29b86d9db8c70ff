#include "models/network/onnx/expand_nodes.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text/error.h"

namespace dovetail {
namespace {

constexpr std::string_view kMicrosoft = "com.microsoft";
constexpr std::string_view kChannelsLast = "qonnx.custom_op.channels_last";
constexpr std::string_view kQuantizers = "qonnx.custom_op.general";

/// The same operators under the names that older files have for their domain.
std::string_view domain_of(const OnnxNode& node) {
  constexpr std::array<std::string_view, 3> kSame = {"finn.custom_op.general", "onnx.brevitas",
                                                     kQuantizers};
  const bool quantizers = std::ranges::find(kSame, node.domain) != kSame.end();
  return quantizers ? kQuantizers : std::string_view(node.domain);
}

/// Nodes one after another, each of which reads the one before, in the place of one.
class Chain {
 public:
  Chain(const OnnxNode& whole, std::vector<OnnxNode>& nodes)
      : whole_(whole),
        nodes_(nodes),
        name_(whole.name.empty() ? whole.op + "_" + whole.outputs.at(0) : whole.name) {}

  /// The next node; its first input is what the one before gives, at first that of the whole.
  OnnxNode& add(std::string op, std::vector<std::string> further = {}) {
    const bool first = count_ == 0;
    OnnxNode node;
    node.op = std::move(op);
    node.name = first ? name_ : fmt::format("{}.{}", name_, count_ + 1);
    node.doc = whole_.doc;
    node.inputs = {first ? whole_.input(0) : nodes_.back().outputs[0]};
    node.inputs.insert(node.inputs.end(), further.begin(), further.end());
    node.outputs = {fmt::format("{}:{}", whole_.outputs.at(0), ++count_)};
    nodes_.push_back(std::move(node));
    return nodes_.back();
  }

  /// The last node gives what the whole gave.
  void finish() { nodes_.back().outputs = whole_.outputs; }
  const std::string& name() const { return name_; }

 private:
  const OnnxNode& whole_;
  std::vector<OnnxNode>& nodes_;
  std::string name_;
  int count_ = 0;
};

/// What a fused operator does behind its own: adds a tensor, and an activation by its name.
void add_fused_activation(const OnnxNode& node, Chain& chain) {
  const std::string activation = node.text("activation", "");
  if (activation.empty()) return;
  OnnxNode& added = chain.add(activation);
  const std::vector<double> numbers = node.reals("activation_params");
  const auto number = [&](const char* name, std::size_t i) {
    if (i < numbers.size()) added.attributes.push_back({name, numbers[i]});
  };
  if (activation == "Clip") {
    number("min", 0);
    number("max", 1);
  } else {
    number("alpha", 0);
    number("beta", 1);
  }
}

void expand_fused_conv(const OnnxNode& node, std::vector<OnnxNode>& nodes) {
  Chain chain(node, nodes);
  OnnxNode& conv = chain.add("Conv", {node.input(1), node.input(2)});
  conv.attributes = node.attributes;
  if (!node.input(3).empty()) chain.add("Add", {node.input(3)});
  add_fused_activation(node, chain);
  chain.finish();
}

void expand_fused_gemm(const OnnxNode& node, std::vector<OnnxNode>& nodes) {
  Chain chain(node, nodes);
  OnnxNode& gemm = chain.add("Gemm", {node.input(1), node.input(2)});
  gemm.attributes = node.attributes;
  add_fused_activation(node, chain);
  chain.finish();
}

/// An activation that a bias may be added to before.
void expand_gelu(const OnnxNode& node, std::vector<OnnxNode>& nodes) {
  Chain chain(node, nodes);
  if (!node.input(1).empty()) chain.add("Add", {node.input(1)});
  chain.add("Gelu");
  chain.finish();
}

double number_of(const OnnxNode& node, std::string_view attribute, double fallback) {
  for (const OnnxAttribute& each : node.attributes) {
    if (each.name != attribute) continue;
    if (const auto* tensor = std::get_if<OnnxTensor>(&each.value)) return tensor->one_value();
    if (const auto* integer = std::get_if<std::int64_t>(&each.value)) {
      return static_cast<double>(*integer);
    }
    return node.real(attribute, fallback);
  }
  return fallback;
}

/// (x * mul + add) / div, rounded down and clamped to the range of an integer.
void expand_requant_shift(const OnnxNode& node, std::vector<OnnxNode>& nodes) {
  Chain chain(node, nodes);
  chain.add("Mul", {node.input(1)});
  chain.add("Add", {node.input(2)});
  chain.add(number_of(node, "signed", 1) == 0 ? "Relu" : "Identity");
  chain.finish();
}

/// What differs from channel to channel, and a table of the rest.
void expand_thresholds(const OnnxNode& node, std::vector<OnnxNode>& nodes) {
  Chain chain(node, nodes);
  chain.add("MultiThreshold", {node.input(1)});
  chain.add("Table");
  chain.finish();
}

/// Quantises without a change of type; how many bits is not looked at.
void expand_quantizer(const OnnxNode& node, std::vector<OnnxNode>& nodes) {
  Chain chain(node, nodes);
  chain.add("QuantizeLinear");
  chain.finish();
}

OnnxDims channels_first(std::size_t rank) {
  return rank == 3 ? OnnxDims{0, 2, 1} : OnnxDims{0, 3, 1, 2};
}
OnnxDims channels_last(std::size_t rank) {
  return rank == 3 ? OnnxDims{0, 2, 1} : OnnxDims{0, 2, 3, 1};
}

/// The operator of the same name between changes of order, of its weights, too.
void expand_channels_last(const OnnxNode& node, std::vector<OnnxNode>& nodes) {
  const std::size_t rank = 2 + node.integers("kernel_shape", {1, 1}).size();
  std::vector<std::string> further(node.inputs.begin() + 1, node.inputs.end());
  if (node.op == "Conv") {
    OnnxNode turned;
    turned.op = "Transpose";
    turned.name = node.called() + ".weight";
    turned.inputs = {node.input(1)};
    turned.outputs = {node.outputs.at(0) + ":weight"};
    turned.attributes = {{"perm", channels_first(rank)}};
    further[0] = turned.outputs[0];
    nodes.push_back(std::move(turned));
  }
  Chain chain(node, nodes);
  chain.add("Transpose").attributes = {{"perm", channels_first(rank)}};
  OnnxNode& inner = chain.add(node.op, further);
  inner.name = chain.name();
  inner.attributes = node.attributes;
  chain.add("Transpose").attributes = {{"perm", channels_last(rank)}};
  chain.finish();
}

constexpr std::string_view kQuantizes = "nothing: the numbers stay; every number is int8 here";
constexpr std::string_view kLast = "as the standard's, with channels last";

constexpr std::array kOperators = {
    ExpandedOperator{"", "FusedConv", "as com.microsoft.FusedConv", expand_fused_conv},
    ExpandedOperator{"", "RequantShift", "Mul, Add and a clamp", expand_requant_shift},
    ExpandedOperator{kMicrosoft, "BiasGelu", "Add and Gelu", expand_gelu},
    ExpandedOperator{kMicrosoft, "FastGelu", "Add, if it has a bias, and Gelu", expand_gelu},
    ExpandedOperator{kMicrosoft, "FusedConv", "Conv, Add, if it has a fourth input, and activation",
                     expand_fused_conv},
    ExpandedOperator{kMicrosoft, "FusedGemm", "Gemm and activation", expand_fused_gemm},
    ExpandedOperator{kMicrosoft, "Gelu", "as Gelu", expand_gelu},
    ExpandedOperator{kMicrosoft, "QuickGelu", "as Gelu", expand_gelu},
    ExpandedOperator{kChannelsLast, "AveragePool", kLast, expand_channels_last},
    ExpandedOperator{kChannelsLast, "Conv", kLast, expand_channels_last},
    ExpandedOperator{kChannelsLast, "MaxPool", kLast, expand_channels_last},
    ExpandedOperator{kQuantizers, "BipolarQuant", kQuantizes, expand_quantizer},
    ExpandedOperator{kQuantizers, "FloatQuant", kQuantizes, expand_quantizer},
    ExpandedOperator{kQuantizers, "IntQuant", kQuantizes, expand_quantizer},
    ExpandedOperator{kQuantizers, "MultiThreshold", "MultiThreshold and activation table",
                     expand_thresholds},
    ExpandedOperator{kQuantizers, "Quant", kQuantizes, expand_quantizer},
    ExpandedOperator{kQuantizers, "Trunc", kQuantizes, expand_quantizer},
};

}  // namespace

std::span<const ExpandedOperator> expanded_operators() {
  return kOperators;
}

OnnxGraph with_expanded_nodes(OnnxGraph graph) {
  std::vector<OnnxNode> nodes;
  for (OnnxNode& node : graph.nodes) {
    const std::string_view domain = domain_of(node);
    const auto* const row = std::ranges::find_if(kOperators, [&](const ExpandedOperator& known) {
      return known.op == node.op && known.domain == domain;
    });
    if (row == kOperators.end() || node.outputs.empty()) {
      nodes.push_back(std::move(node));
      continue;
    }
    try {
      row->expand(node, nodes);
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}: {}", node.describe(), error.what()));
    }
  }
  graph.nodes = std::move(nodes);
  return graph;
}

}  // namespace dovetail
