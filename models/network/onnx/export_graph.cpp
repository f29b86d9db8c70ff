#include "models/network/onnx/export_graph.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/text/error.h"
#include "models/network/layers/operators.h"

namespace dovetail {
namespace {

constexpr int kOpset = 13, kIrVersion = 7;  // what ONNX 1.8 of 2020 and all since can read

OnnxAttribute integer(std::string name, std::int64_t value) {
  return {std::move(name), value};
}
OnnxAttribute integers(std::string name, OnnxDims values) {
  return {std::move(name), std::move(values)};
}

class Exporter {
 public:
  explicit Exporter(const Network& network) : network_(network) {
    for (const Layer& layer : network.layers()) taken_.insert(layer.name);  // their outputs
  }

  ExportedGraph run() {
    OnnxGraph& graph = result_.graph;
    graph.name = network_.name();
    graph.producer = "dovetail";
    graph.ir_version = kIrVersion;
    graph.opsets[""] = kOpset;
    const TensorShape& input = network_.input();
    const std::string name = unique("input");
    graph.inputs.push_back(
        {name, kOnnxFloat, OnnxDims{1, input.channels, input.height, input.width}});
    maps_[kNetworkInput] = name;
    for (std::size_t i = 0; i < network_.layers().size(); ++i) add_layer(static_cast<int>(i));
    for (std::size_t i = 0; i < network_.layers().size(); ++i) {
      if (network_.last_reader()[i] != static_cast<int>(i)) continue;
      const Layer& output = network_.layers()[i];
      OnnxDims dims = {1, output.output.channels, output.output.height, output.output.width};
      if (rules_of(output.op).flattens) dims.resize(2);
      graph.outputs.push_back({output.name, kOnnxFloat, dims});
    }
    return std::move(result_);
  }

 private:
  void add_layer(int index) {
    layer_ = &network_.layers()[static_cast<std::size_t>(index)];
    index_ = index;
    // the layer's own node, what follows it, and the name of what the last of them gives
    std::vector<OnnxNode> nodes = {main_node()};
    if (layer_->has_batch_norm) nodes.push_back(batch_norm_node());
    add_activation(nodes);
    for (std::size_t i = 0; i + 1 < nodes.size(); ++i) {
      if (nodes[i].outputs.empty()) nodes[i].outputs = {unique(nodes[i].name + ":out")};
    }
    nodes.back().outputs = {layer_->name};
    for (std::size_t i = 1; i < nodes.size(); ++i) {
      for (std::string& input : nodes[i].inputs) {
        if (input.empty()) input = nodes[i - 1].outputs[0];
      }
    }
    for (OnnxNode& node : nodes) result_.graph.nodes.push_back(std::move(node));
    const bool vector = rules_of(layer_->op).flattens;
    (vector ? vectors_ : maps_)[index] = layer_->name;
    if (layer_->op == OpType::kMatMul) finish_matmul(index);
  }

  OnnxNode node(std::string op, const std::string& part, std::vector<std::string> inputs,
                std::vector<OnnxAttribute> attributes = {}) const {
    OnnxNode node;
    node.op = std::move(op);
    node.name = layer_->name + (part.empty() ? "" : "/" + part);
    node.doc = LayerNote{layer_->name, layer_->block}.str();
    node.inputs = std::move(inputs);
    node.attributes = std::move(attributes);
    return node;
  }

  OnnxNode main_node() {
    const bool product = layer_->op == OpType::kMatMul;
    if ((layer_->has_bias && !layer_->has_weights()) || (layer_->has_batch_norm && product)) {
      throw InputError(fmt::format("layer '{}': ONNX export has no bias or normalisation for {}",
                                   layer_->name, to_string(layer_->op)));
    }
    if (layer_->weights_of == kFixedWeights) {
      throw InputError(fmt::format(
          "layer '{}': ONNX export has no node for a layer whose weights are no parameters",
          layer_->name));
    }
    switch (layer_->op) {
      case OpType::kConv2d:
        return conv_node();
      case OpType::kFullyConnected:
        return gemm_node();
      case OpType::kAveragePool:
      case OpType::kMaxPool:
        return pool_node();
      case OpType::kGlobalAveragePool:
        return node("GlobalAveragePool", "", {map_of(layer_->inputs[0])});
      case OpType::kAdd:
        return node("Add", "", maps_of_inputs());
      case OpType::kMultiply:
        return node("Mul", "", maps_of_inputs());
      case OpType::kConcat:
        return node("Concat", "", maps_of_inputs(), {integer("axis", 1)});
      case OpType::kReorder:
        return reorder_node();
      case OpType::kActivation:
        return activation_layer();
      case OpType::kMatMul:
        return matmul_node();
    }
    throw InputError(fmt::format("layer '{}': ONNX export has no operator for {}", layer_->name,
                                 to_string(layer_->op)));
  }

  std::vector<OnnxAttribute> window_attributes(bool dilations) const {
    std::vector<OnnxAttribute> attributes = {
        integers("kernel_shape", {layer_->kernel_h, layer_->kernel_w}),
        integers("strides", {layer_->stride_h, layer_->stride_w}),
        integers("pads",
                 {layer_->pad_top, layer_->pad_left, layer_->pad_bottom, layer_->pad_right})};
    if (dilations) {
      attributes.push_back(integers("dilations", {layer_->dilation_h, layer_->dilation_w}));
    }
    return attributes;
  }

  OnnxNode conv_node() {
    const std::int64_t inputs = layer_->input.channels / layer_->groups;
    const OnnxDims dims = {layer_->output.channels, inputs, layer_->kernel_h, layer_->kernel_w};
    std::vector<std::string> names = {map_of(layer_->inputs[0]),
                                      weight("weight", dims, OnnxWeight::Kind::kWeight)};
    if (layer_->has_bias) names.push_back(channel_weight("bias", OnnxWeight::Kind::kZero));
    std::vector<OnnxAttribute> attributes = window_attributes(true);
    attributes.push_back(integer("group", layer_->groups));
    return node("Conv", "", std::move(names), std::move(attributes));
  }

  OnnxNode gemm_node() {
    const OnnxDims dims = {layer_->output.channels, layer_->input.elements()};
    std::vector<std::string> names = {vector_of(layer_->inputs[0]),
                                      weight("weight", dims, OnnxWeight::Kind::kWeight)};
    if (layer_->has_bias) names.push_back(channel_weight("bias", OnnxWeight::Kind::kZero));
    return node("Gemm", "", std::move(names), {integer("transB", 1)});
  }

  OnnxNode pool_node() {
    const bool average = layer_->op == OpType::kAveragePool;
    if (average && (layer_->dilation_h != 1 || layer_->dilation_w != 1)) {
      throw InputError(fmt::format("layer '{}': operator set {} has no average pool with dilation",
                                   layer_->name, kOpset));
    }
    return node(average ? "AveragePool" : "MaxPool", "", {map_of(layer_->inputs[0])},
                window_attributes(!average));
  }

  OnnxNode matmul_node() {
    std::vector<std::string> inputs = {rows_of(layer_->inputs[0], "a"),
                                       rows_of(layer_->inputs[1], "b")};
    return node("MatMul", "", std::move(inputs));
  }

  /// The first node of an activation's nodes stands for the layer.
  OnnxNode activation_layer() {
    const std::string input = map_of(layer_->inputs[0]);
    return node("Identity", "copy", {input});
  }

  /// A part, a repetition or a shuffle: the importer makes layers that are one of the three.
  OnnxNode reorder_node() {
    const Reorder& reorder = layer_->reorder;
    const std::string input = map_of(layer_->inputs[0]);
    const TensorShape &in = layer_->input, &out = layer_->output;
    const bool whole =
        out.height == in.height * reorder.block_rows && out.width == in.width * reorder.block_cols;
    if (reorder.block() > 1 && reorder.block_rows == reorder.block_cols && whole) {
      return node("DepthToSpace", "", {input},
                  {integer("blocksize", reorder.block_rows),
                   {"mode", std::string(reorder.inner ? "CRD" : "DCR")}});
    }
    const std::array<AxisPick, 3> picks = {reorder.channels, reorder.rows, reorder.cols};
    const std::array<int, 3> from = {in.channels, in.height, in.width};
    const std::array<int, 3> to = {out.channels, out.height, out.width};
    const bool part = std::ranges::all_of(picks, [](const AxisPick& p) { return p.repeat == 1; });
    bool repeats = true;
    for (std::size_t i = 0; i < picks.size(); ++i) {
      repeats = repeats && picks[i].first == 0 && picks[i].step == 1 &&
                to[i] == from[i] * picks[i].repeat;
    }
    if (part && repeats) {
      return layer_->groups > 1 ? shuffle_node(input) : node("Identity", "copy", {input});
    }
    if (layer_->groups > 1 || reorder.block() > 1 || (!part && !repeats)) {
      throw InputError(fmt::format(
          "layer '{}': ONNX export has no node for a reorder that does several things at once",
          layer_->name));
    }
    if (repeats) {
      OnnxTensor scales{{4}, kOnnxFloat, std::vector<double>{1}, {}};
      for (const AxisPick& pick : picks) scales.values->push_back(pick.repeat);
      return node("Resize", "", {input, "", constant("scales", std::move(scales))},
                  {{"mode", "nearest"},
                   {"coordinate_transformation_mode", "asymmetric"},
                   {"nearest_mode", "floor"}});
    }
    OnnxDims starts, ends, steps;
    for (std::size_t i = 0; i < picks.size(); ++i) {
      starts.push_back(picks[i].first);
      ends.push_back(picks[i].input_of(to[i] - 1) + 1);
      steps.push_back(picks[i].step);
    }
    return node("Slice", "",
                {input, sizes("starts", starts), sizes("ends", ends), sizes("axes", {1, 2, 3}),
                 sizes("steps", steps)});
  }

  OnnxNode shuffle_node(const std::string& input) {
    const TensorShape& out = layer_->output;
    const std::string cut =
        add_view("Reshape", "cut",
                 {input, sizes("groups", {0, layer_->groups, -1, out.height, out.width})}, {}, "");
    const std::string turned =
        add_view("Transpose", "turn", {cut}, {integers("perm", {0, 2, 1, 3, 4})}, "");
    return node("Reshape", "",
                {turned, sizes("channels", {0, out.channels, out.height, out.width})});
  }

  OnnxNode batch_norm_node() {
    return node("BatchNormalization", "bn",
                {"", channel_weight("scale", OnnxWeight::Kind::kOne),
                 channel_weight("shift", OnnxWeight::Kind::kZero),
                 channel_weight("mean", OnnxWeight::Kind::kZero),
                 channel_weight("variance", OnnxWeight::Kind::kOne)});
  }

  /// Nodes of the layer's activation behind `nodes`; "" is what the node before gives.
  void add_activation(std::vector<OnnxNode>& nodes) {
    const OnnxAttribute slope = {"alpha", 1.0 / 6}, middle = {"beta", 0.5};
    switch (layer_->activation) {
      case Activation::kNone:
        return;
      case Activation::kRelu:
        nodes.push_back(node("Relu", "relu", {""}));
        return;
      case Activation::kRelu6:
        nodes.push_back(node("Clip", "relu6", {"", number("zero", 0), number("six", 6)}));
        return;
      case Activation::kSigmoid:
        nodes.push_back(node("Sigmoid", "sigmoid", {""}));
        return;
      case Activation::kHardSigmoid:
        nodes.push_back(node("HardSigmoid", "hsigmoid", {""}, {slope, middle}));
        return;
      case Activation::kClamp:
        nodes.push_back(node("Clip", "clamp", {"", number("low", -1), number("high", 1)}));
        return;
      case Activation::kTable:  // some function that needs one: which it was is not kept
        nodes.push_back(node("Tanh", "table", {""}));
        return;
      case Activation::kSwish:
        return add_gated(nodes, node("Sigmoid", "sigmoid", {""}));
      case Activation::kHardSwish:
        return add_gated(nodes, node("HardSigmoid", "hsigmoid", {""}, {slope, middle}));
    }
  }

  /// x * gate(x), x being what the last of `nodes` gives.
  void add_gated(std::vector<OnnxNode>& nodes, OnnxNode gate) {
    const std::string x = unique(nodes.back().name + ":out");
    nodes.back().outputs = {x};
    nodes.push_back(std::move(gate));
    nodes.push_back(node("Mul", "mul", {x, ""}));
  }

  /// Behind a product: rows of channels become channels of a map.
  void finish_matmul(int index) {
    OnnxNode& last = result_.graph.nodes.back();
    const std::string rows = last.outputs[0] = unique(layer_->name + ":rows");
    const std::string columns =
        add_view("Transpose", "transpose_out", {rows}, {integers("perm", {0, 2, 1})}, "");
    const TensorShape& out = layer_->output;
    const std::string shape = sizes("out_shape", {0, 0, out.height, out.width});
    add_view("Reshape", "reshape_out", {columns, shape}, {}, layer_->name);
    maps_[index] = layer_->name;
  }

  /// Adds a node that changes shape; `output` "" is a name of its own. Returns the output's name.
  std::string add_view(std::string op, const std::string& part, std::vector<std::string> inputs,
                       std::vector<OnnxAttribute> attributes, std::string output) {
    OnnxNode view = node(std::move(op), part, std::move(inputs), std::move(attributes));
    if (output.empty()) output = unique(view.name + ":out");
    view.outputs = {output};
    result_.graph.nodes.push_back(std::move(view));
    return output;
  }

  /// The output of a layer as batch, channels, height, width.
  std::string map_of(int index) {
    if (const auto at = maps_.find(index); at != maps_.end()) return at->second;
    const std::string shape = sizes("shape", {0, network_.shape_of(index).channels, 1, 1});
    const std::string part = fmt::format("reshape_{}", index + 1);
    return maps_[index] = add_view("Reshape", part, {vectors_.at(index), shape}, {}, "");
  }

  std::vector<std::string> maps_of_inputs() {
    std::vector<std::string> names;
    for (const int input : layer_->inputs) names.push_back(map_of(input));
    return names;
  }

  /// The output of a layer as batch and all its numbers.
  std::string vector_of(int index) {
    if (const auto at = vectors_.find(index); at != vectors_.end()) return at->second;
    return vectors_[index] =
               add_view("Flatten", "flatten", {maps_.at(index)}, {integer("axis", 1)}, "");
  }

  /// The output of a layer as batch, positions, channels.
  std::string rows_of(int index, const std::string& side) {
    const std::string shape = sizes(side + "_shape", {0, 0, -1});
    const std::string columns =
        add_view("Reshape", "reshape_" + side, {map_of(index), shape}, {}, "");
    return add_view("Transpose", "transpose_" + side, {columns}, {integers("perm", {0, 2, 1})}, "");
  }

  std::string constant(const std::string& part, OnnxTensor tensor) {
    std::string name = unique(layer_->name + "." + part);
    result_.graph.constants.emplace(name, std::move(tensor));
    return name;
  }
  std::string sizes(const std::string& part, const OnnxDims& values) {
    OnnxTensor tensor{{static_cast<std::int64_t>(values.size())}, kOnnxInt64, {}, {}};
    tensor.values.emplace(values.begin(), values.end());
    return constant(part, std::move(tensor));
  }
  std::string number(const std::string& part, double value) {
    return constant(part, {{}, kOnnxFloat, std::vector{value}, {}});
  }
  std::string weight(const std::string& part, const OnnxDims& dims, OnnxWeight::Kind kind) {
    if (layer_->weights_of != kOwnWeights && kind == OnnxWeight::Kind::kWeight) {
      const std::string& shared = shared_weights_.at(layer_->weights_of);
      if (result_.graph.constants.at(shared).dims == dims) return shared;
    }
    std::string name = constant(part, {dims, kOnnxFloat, {}, {}});
    const std::int64_t outputs = dims[0];
    if (kind == OnnxWeight::Kind::kWeight) shared_weights_[index_] = name;
    result_.weights.push_back({name, dims, kind, element_count(dims) / outputs});
    return name;
  }
  std::string channel_weight(const std::string& part, OnnxWeight::Kind kind) {
    return weight(part, {layer_->output.channels}, kind);
  }

  std::string unique(const std::string& wanted) {
    std::string name = wanted;
    for (int i = 2; !taken_.insert(name).second; ++i) name = fmt::format("{}.{}", wanted, i);
    return name;
  }

  const Network& network_;
  const Layer* layer_ = nullptr;
  int index_ = 0;
  std::unordered_map<int, std::string> shared_weights_;  // name of each layer's weights
  ExportedGraph result_;
  std::unordered_map<int, std::string> maps_, vectors_;  // names of outputs in either form
  std::unordered_set<std::string> taken_;
};

}  // namespace

ExportedGraph export_graph(const Network& network) {
  return Exporter(network).run();
}

}  // namespace dovetail
