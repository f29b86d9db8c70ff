#include "models/network/onnx/import_graph.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/text/error.h"
#include "base/text/text.h"
#include "models/network/onnx/constant_folding.h"
#include "models/network/onnx/converters.h"
#include "models/network/onnx/onnx_operators.h"
#include "models/network/onnx/plain_graph.h"

namespace dovetail {
namespace {

constexpr int kOldestOpset = 7, kNewestOpset = 23;  // between them, what each says is known here

void convert_node(LayerAssembler& assembler, const OnnxNode& node) {
  if (node.outputs.empty() || node.outputs[0].empty()) throw InputError("has no output");
  std::vector<const OnnxTensor*> inputs;
  bool constant = is_foldable(node.op) && node.domain.empty() && node.outputs.size() == 1;
  for (const std::string& input : node.inputs) {
    inputs.push_back(assembler.constant(input));
    constant = constant && (inputs.back() != nullptr || input.empty());
  }
  if (constant) {  // of what Shape gave
    assembler.give_constant(node.outputs[0], fold_constants(node, inputs));
  } else {
    find_converter(node).convert(assembler, node);
  }
}

bool is_pointwise_on_vector(const Layer& layer) {
  const TensorShape one = {1, 1, layer.input.channels};
  return layer.op == OpType::kConv2d && layer.kernel_h == 1 && layer.kernel_w == 1 &&
         layer.groups == 1 && layer.input == one && layer.output.height == 1 &&
         layer.output.width == 1 && layer.pad_top + layer.pad_bottom == 0 &&
         layer.pad_left + layer.pad_right == 0;
}

/// The two 1x1 convolutions of a squeeze-and-excite block are the fully connected layers that the
/// block is defined with (Hu et al. 2018): pool, reduce, expand, multiply with the pool's input.
void name_squeeze_excite(std::vector<Layer>& layers) {
  const auto at = [&](int index) {
    return index < 0 ? nullptr : &layers[static_cast<std::size_t>(index)];
  };
  for (const Layer& scale : layers) {
    if (scale.op != OpType::kMultiply) continue;
    Layer* expand = at(scale.inputs[1]);
    if (expand == nullptr || !is_pointwise_on_vector(*expand)) continue;
    Layer* reduce = at(expand->inputs[0]);
    if (reduce == nullptr || !is_pointwise_on_vector(*reduce)) continue;
    const Layer* pool = at(reduce->inputs[0]);
    if (pool == nullptr || pool->op != OpType::kGlobalAveragePool ||
        pool->inputs[0] != scale.inputs[0]) {
      continue;
    }
    for (Layer* layer : {expand, reduce}) {
      layer->op = OpType::kFullyConnected;
      layer->stride_h = layer->stride_w = layer->dilation_h = layer->dilation_w = 1;
    }
  }
}

void check_versions(const OnnxGraph& graph) {
  if (graph.opset() < kOldestOpset || graph.opset() > kNewestOpset) {
    throw InputError(fmt::format("operator set {}; allowed are {} to {}", graph.opset(),
                                 kOldestOpset, kNewestOpset));
  }
  if (graph.outputs.size() != 1) {
    throw InputError(
        fmt::format("a network has one output; this graph has {}", graph.outputs.size()));
  }
}

/// The graph for a second opinion: live nodes, the constants and the input that they read.
OnnxGraph remainder(const OnnxGraph& folded, const GraphIndex& index,
                    const LayerAssembler& assembler) {
  OnnxGraph rest;
  rest.name = folded.name;
  rest.ir_version = folded.ir_version;
  rest.opsets = folded.opsets;
  rest.outputs = folded.outputs;
  rest.outputs[0].dims = assembler.features().at(rest.outputs[0].name).dims();
  for (std::size_t i = 0; i < folded.nodes.size(); ++i) {
    const OnnxNode& node = folded.nodes[i];
    const bool computed = std::ranges::any_of(
        node.outputs, [&](const auto& output) { return assembler.constant(output) != nullptr; });
    if (!index.is_live(i) || computed) continue;
    rest.nodes.push_back(node);
    for (const std::string& input : node.inputs) {
      if (const OnnxTensor* constant = assembler.constant(input)) {
        rest.constants.emplace(input, *constant);
      }
    }
  }
  for (OnnxInput input : folded.inputs) {
    const auto feature = assembler.features().find(input.name);
    if (feature == assembler.features().end()) continue;
    input.dims = feature->second.dims();
    rest.inputs.push_back(std::move(input));
  }
  return rest;
}

}  // namespace

ImportedGraph import_graph(OnnxGraph graph, const std::string& network_name) {
  check_versions(graph);
  const OnnxGraph folded = folded_graph(std::move(graph));
  const OnnxGraph plain = plain_graph(folded);
  const GraphIndex index(plain);
  LayerAssembler assembler(plain, index);
  for (std::size_t i = 0; i < plain.nodes.size(); ++i) {
    if (!index.is_live(i)) continue;
    try {
      convert_node(assembler, plain.nodes[i]);
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}: {}", plain.nodes[i].describe(), error.what()));
    }
  }
  const int output = assembler.output_layer();
  std::vector<Layer> layers = std::move(assembler.layers());
  if (output + 1 != static_cast<int>(layers.size())) {
    throw InputError("the output is not that of the last layer");
  }
  const bool ours = std::ranges::any_of(
      plain.nodes, [](const OnnxNode& node) { return !LayerNote::parse(node.doc).layer.empty(); });
  if (!ours) name_squeeze_excite(layers);

  ImportedGraph result;
  for (const auto& [name, feature] : assembler.features()) result.dims[name] = feature.dims();
  result.graph = remainder(folded, GraphIndex(folded), assembler);
  result.network = Network(printable(ours && !plain.name.empty() ? plain.name : network_name),
                           assembler.input(), std::move(layers));
  return result;
}

}  // namespace dovetail
