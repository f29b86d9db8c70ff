#include "models/network/onnx/int8_graph.h"

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/text/error.h"

namespace dovetail {
namespace {

template <typename Number>
std::string bytes_of(const std::vector<Number>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)};
}

class Int8Writer {
 public:
  Int8Writer(ExportedGraph exported, const Network& network, const OnnxInt8& int8)
      : from_(std::move(exported)), network_(network), int8_(int8) {
    for (std::size_t i = 0; i < network.layers().size(); ++i) {
      places_[network.layers()[i].name] = i;
    }
    for (const OnnxInput& input : from_.graph.inputs) taken_.insert(input.name);
    for (const OnnxNode& node : from_.graph.nodes) {
      taken_.insert(node.outputs.begin(), node.outputs.end());
    }
  }

  ExportedGraph run() {
    to_.graph = from_.graph;
    to_.graph.nodes.clear();
    for (const OnnxWeight& weight : from_.weights) to_.graph.constants.erase(weight.name);
    const std::string input = from_.graph.inputs.at(0).name;
    now_[input] = rounded(input, int8_.input, "");
    for (OnnxNode& node : from_.graph.nodes) add(std::move(node));
    return std::move(to_);
  }

 private:
  /// What a tensor of the float graph is called in this one, at this point of it.
  const std::string& now(const std::string& name) const {
    const auto at = now_.find(name);
    return at == now_.end() ? name : at->second;
  }

  void add(OnnxNode node) {
    const auto place = places_.at(LayerNote::parse(node.doc).layer);
    layer_ = &network_.layers()[place];
    numbers_ = &int8_.layers.at(place);
    const bool norm = node.op == "BatchNormalization";  // it is in the weights
    if (is_of_table(node)) round_before(node.inputs.at(0));
    for (std::string& input : node.inputs) input = now(input);
    if (node.op == "Conv" || node.op == "Gemm") set_weights(place, node);
    const std::string output = node.outputs.at(0);
    const bool last = output == layer_->name;
    std::string real = norm ? node.inputs[0] : last ? unique(output + ":real") : output;
    if (!norm) {
      node.outputs[0] = real;
      to_.graph.nodes.push_back(std::move(node));
    }
    if (last) {
      rounded_as(std::move(real), numbers_->behind, "", output);
    } else if (norm) {
      now_[output] = std::move(real);
    }
  }

  /// The first node of an activation that the int8 network looks up in a table.
  bool is_of_table(const OnnxNode& node) const {
    return is_table_activation(layer_->activation) &&
           (node.op == "Sigmoid" || node.op == "HardSigmoid");
  }
  void round_before(const std::string& name) {
    now_[name] = rounded(now(name), numbers_->before, "before_");
  }

  void set_weights(std::size_t place, OnnxNode& node) {
    const std::string weight = layer_->name + ".weight";
    const OnnxDims& dims = from_.graph.constants.at(node.inputs.at(1)).dims;
    const auto outputs = static_cast<std::size_t>(layer_->output.channels);
    if (element_count(dims) != static_cast<std::int64_t>(numbers_->weights.size()) ||
        numbers_->weight_scales.size() != outputs || numbers_->bias.size() != outputs) {
      throw InputError(fmt::format("layer '{}': the int8 weights are not its own", layer_->name));
    }
    node.inputs[1] = dequantized("weight",
                                 {unique(weight), dims, OnnxWeight::Kind::kWeight, 1, kOnnxInt8,
                                  bytes_of(numbers_->weights)},
                                 numbers_->weight_scales, true);
    node.inputs.resize(2);
    LayerNote note = LayerNote::parse(node.doc);
    note.folded_norm = layer_->has_batch_norm;
    note.folded_bias = layer_->has_batch_norm && layer_->has_bias;
    node.doc = note.str();
    if (!layer_->has_bias && !layer_->has_batch_norm) return;
    const int from = network_.layers()[place].inputs[0];
    const double input_scale = from == kNetworkInput
                                   ? int8_.input.scale
                                   : int8_.layers.at(static_cast<std::size_t>(from)).behind.scale;
    std::vector<double> scales = numbers_->weight_scales;
    for (double& scale : scales) scale *= input_scale;
    node.inputs.push_back(dequantized("bias",
                                      {unique(layer_->name + ".bias"),
                                       {static_cast<std::int64_t>(outputs)},
                                       OnnxWeight::Kind::kZero,
                                       1,
                                       kOnnxInt32,
                                       bytes_of(numbers_->bias)},
                                      scales, false));
  }

  /// A weight that is the writer's to fill, dequantised with a scale an output channel.
  std::string dequantized(const std::string& part, OnnxWeight weight,
                          const std::vector<double>& scales, bool with_zero_points) {
    const OnnxDims each = {static_cast<std::int64_t>(scales.size())};
    OnnxNode node = node_of("DequantizeLinear", part + "_dequantize");
    node.attributes = {{"axis", std::int64_t{0}}};
    node.inputs = {weight.name, constant(part + "_scale", {each, kOnnxFloat, scales, {}})};
    if (with_zero_points) {
      node.inputs.push_back(constant(part + "_zero_point",
                                     {each, kOnnxInt8, std::vector<double>(scales.size(), 0), {}}));
    }
    node.outputs = {unique(weight.name + ":real")};
    to_.graph.constants[weight.name] = {weight.dims, weight.element_type, {}, {}};
    to_.weights.push_back(std::move(weight));
    to_.graph.nodes.push_back(node);
    return node.outputs[0];
  }

  std::string rounded(const std::string& name, const OnnxScale& scale, const std::string& part) {
    return rounded_as(name, scale, part, unique(name + ":rounded"));
  }

  /// `name` to int8 and back, which is called `output`.
  std::string rounded_as(std::string name, const OnnxScale& scale, const std::string& part,
                         std::string output) {
    const std::string factor =
        constant(part + "scale", {{}, kOnnxFloat, std::vector{scale.scale}, {}});
    const std::string zero =
        constant(part + "zero_point",
                 {{}, kOnnxInt8, std::vector{static_cast<double>(scale.zero_point)}, {}});
    OnnxNode quantize = node_of("QuantizeLinear", part + "quantize");
    OnnxNode dequantize = node_of("DequantizeLinear", part + "dequantize");
    const std::string integers = unique(output + ":int8");
    quantize.inputs = {std::move(name), factor, zero};
    quantize.outputs = {integers};
    dequantize.inputs = {integers, factor, zero};
    dequantize.outputs = {output};
    to_.graph.nodes.push_back(std::move(quantize));
    to_.graph.nodes.push_back(std::move(dequantize));
    return output;
  }

  /// A node of the layer, or of the network's input.
  OnnxNode node_of(std::string op, const std::string& part) const {
    OnnxNode node;
    node.op = std::move(op);
    node.name = (layer_ == nullptr ? from_.graph.inputs[0].name : layer_->name) + "/" + part;
    if (layer_ != nullptr) node.doc = LayerNote{layer_->name, layer_->block}.str();
    return node;
  }

  std::string constant(const std::string& part, OnnxTensor tensor) {
    const std::string& of = layer_ == nullptr ? from_.graph.inputs[0].name : layer_->name;
    std::string name = unique(of + "." + part);
    to_.graph.constants.insert_or_assign(name, std::move(tensor));
    return name;
  }

  std::string unique(const std::string& wanted) {
    std::string name = wanted;
    for (int i = 2; taken_.contains(name) || to_.graph.constants.contains(name); ++i) {
      name = fmt::format("{}.{}", wanted, i);
    }
    taken_.insert(name);
    return name;
  }

  ExportedGraph from_, to_;
  const Network& network_;
  const OnnxInt8& int8_;
  std::unordered_map<std::string, std::size_t> places_;  // of layers
  std::unordered_set<std::string> taken_;
  std::unordered_map<std::string, std::string> now_;
  const Layer* layer_ = nullptr;  // null while it is the network's input
  const OnnxInt8Layer* numbers_ = nullptr;
};

}  // namespace

ExportedGraph with_int8(ExportedGraph exported, const Network& network, const OnnxInt8& int8) {
  if (int8.layers.size() != network.layers().size()) {
    throw InputError(fmt::format("{}: found int8 numbers of {} layers, allowed are those of {}",
                                 network.name(), int8.layers.size(), network.layers().size()));
  }
  return Int8Writer(std::move(exported), network, int8).run();
}

}  // namespace dovetail
