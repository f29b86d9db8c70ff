#include "models/network/onnx/import_graph.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <unordered_set>
#include <utility>

#include "base/text/error.h"
#include "base/text/text.h"
#include "models/network/onnx/constant_folding.h"
#include "models/network/onnx/converters.h"
#include "models/network/onnx/one_image.h"
#include "models/network/onnx/onnx_operators.h"
#include "models/network/onnx/plain_graph.h"
#include "models/network/onnx/refusals.h"
#include "models/network/onnx/taken_branches.h"

namespace dovetail {
namespace {

constexpr int kOldestOpset = 1, kNewestOpset = 23;  // between them, what each says is known here
constexpr std::size_t kMostWork = 500'000;  // nodes, each as often as branches are decided anew

/// Goes over the nodes of a plain graph and makes layers of them.
class Import {
 public:
  Import(const OnnxGraph& plain, const GraphIndex& index) : assembler_(plain, index) {
    for (std::size_t i = 0; i < plain.nodes.size(); ++i) {
      if (index.is_live(i)) convert(plain.nodes[i]);
    }
  }

  LayerAssembler& assembler() { return assembler_; }
  /// Of each If whose condition is known, by its first output.
  const std::map<std::string, bool>& conditions() const { return conditions_; }
  const Refusals& refusals() const { return refusals_; }

 private:
  void convert(const OnnxNode& node) {
    const auto is_unknown = [&](const std::string& name) { return unknown_.contains(name); };
    try {
      if (std::ranges::any_of(node.reads(), is_unknown)) {
        unknown_.insert(node.outputs.begin(), node.outputs.end());
        find_converter(node);  // an operator that is not supported is none whatever it reads
      } else {
        convert_known(node);
      }
    } catch (const InputError& error) {
      refusals_.add(node, error.what());
      go_on_behind(node);
    }
  }

  /// What a refused node gives is not known, and nor is what follows from it, but where it has the
  /// sizes of an input, or can be read as if it had, so that what is behind it is looked at, too.
  void go_on_behind(const OnnxNode& node) {
    constexpr std::array<std::string_view, 14> kKeepsSizes = {"Add",
                                                              "Div",
                                                              "GroupNormalization",
                                                              "InstanceNormalization",
                                                              "LRN",
                                                              "LogSoftmax",
                                                              "Mul",
                                                              "LayerNormalization",
                                                              "LpNormalization",
                                                              "Pow",
                                                              "ReduceMean",
                                                              "ReduceSum",
                                                              "Softmax",
                                                              "Sub"};
    unknown_.insert(node.outputs.begin(), node.outputs.end());
    if (std::ranges::find(kKeepsSizes, node.op) == kKeepsSizes.end() || node.outputs.size() != 1) {
      return;
    }
    const Feature* largest = nullptr;
    for (const std::string& input : node.inputs) {
      const auto at = assembler_.features().find(input);
      if (at == assembler_.features().end() || at->second.at_host) continue;
      if (largest == nullptr ||
          assembler_.shape_of(at->second).elements() > assembler_.shape_of(*largest).elements()) {
        largest = &at->second;
      }
    }
    if (largest == nullptr) return;
    Feature as_input = *largest;
    as_input.exclusive = false;
    assembler_.give_feature(node, std::move(as_input));
    unknown_.erase(node.outputs[0]);
  }

  void convert_known(const OnnxNode& node) {
    if (node.outputs.empty() || node.outputs[0].empty()) throw InputError("has no output");
    std::vector<const OnnxTensor*> inputs;
    bool constant = true;
    for (const std::string& input : node.inputs) {
      inputs.push_back(assembler_.constant(input));
      constant = constant && (inputs.back() != nullptr || input.empty());
    }
    if (node.op == "If" && !inputs.empty() && inputs[0] != nullptr)
      return take_branch(node, *inputs[0]);
    if (!constant || !is_foldable(node)) {
      find_converter(node).convert(assembler_, node);
      return note_numbers(node);
    }
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {  // of what Shape gave
      assembler_.give_constant(node.outputs[i], fold_constants(node, inputs, i));
    }
  }

  /// Whether the layers compute what the node does, for who wants to keep its numbers.
  void note_numbers(const OnnxNode& node) {
    constexpr std::array<std::string_view, 4> kOfHost = {"ArgMax", "LogSoftmax", "Softmax", "TopK"};
    constexpr std::array<std::string_view, 31> kExact = {"Add",
                                                         "AveragePool",
                                                         "BatchNormalization",
                                                         "Cast",
                                                         "Clip",
                                                         "Concat",
                                                         "Conv",
                                                         "Div",
                                                         "Dropout",
                                                         "Flatten",
                                                         "Gemm",
                                                         "Identity",
                                                         "GlobalAveragePool",
                                                         "HardSwish",
                                                         "HardSigmoid",
                                                         "MatMul",
                                                         "MaxPool",
                                                         "Mul",
                                                         "Pad",
                                                         "ReduceMean",
                                                         "Relu",
                                                         "Reshape",
                                                         "Shape",
                                                         "Sigmoid",
                                                         "Size",
                                                         "Squeeze",
                                                         "Sub",
                                                         "Sum",
                                                         "Swish",
                                                         "Transpose",
                                                         "Unsqueeze"};
    if (std::ranges::find(kExact, node.op) != kExact.end()) return;
    if (std::ranges::find(kOfHost, node.op) != kOfHost.end() &&
        std::ranges::all_of(
            node.outputs, [&](const std::string& output) { return assembler_.is_last(output); })) {
      return assembler_.numbers().left_out.push_back(node.describe());
    }
    assembler_.lose(node, "its cost alone is modelled");
  }

  void take_branch(const OnnxNode& node, const OnnxTensor& condition) {
    conditions_[node.outputs[0]] = condition.one_value() != 0;
    unknown_.insert(node.outputs.begin(), node.outputs.end());
  }

  LayerAssembler assembler_;
  std::map<std::string, bool> conditions_;
  std::unordered_set<std::string> unknown_;  // given by nodes that are not supported
  Refusals refusals_;
};

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

/// Slopes and offsets that the importer does not look at: those of its functions are a sixth and a
/// half.
void note_inexact_activations(const OnnxGraph& graph, NumberPlan& numbers) {
  constexpr double kSixth = 1.0 / 6, kHalf = 0.5, kTolerance = 1e-6;
  for (const OnnxNode& node : graph.nodes) {
    if (node.op != "HardSigmoid") continue;
    const double slope = node.real("alpha", 0.2), middle = node.real("beta", kHalf);
    if (std::abs(slope - kSixth) < kTolerance && std::abs(middle - kHalf) < kTolerance) continue;
    numbers.lost.push_back(
        fmt::format("{}: slope {:g} and offset {:g}, allowed are a sixth and a half",
                    node.describe(), slope, middle));
  }
}

void check_versions(const OnnxGraph& graph) {
  if (graph.opset() < kOldestOpset || graph.opset() > kNewestOpset) {
    throw InputError(fmt::format("operator set {}; allowed are {} to {}", graph.opset(),
                                 kOldestOpset, kNewestOpset));
  }
  if (graph.outputs.empty()) throw InputError("the graph has no output");
}

/// The graph for a second opinion: live nodes, the constants and the input that they read.
OnnxGraph remainder(const OnnxGraph& folded, const GraphIndex& index,
                    const LayerAssembler& assembler) {
  OnnxGraph rest;
  rest.name = folded.name;
  rest.ir_version = folded.ir_version;
  rest.opsets = folded.opsets;
  rest.outputs = folded.outputs;
  for (OnnxOutput& output : rest.outputs) {
    output.dims = assembler.features().at(output.name).dims();
  }
  std::unordered_set<std::string> given;
  for (std::size_t i = 0; i < folded.nodes.size(); ++i) {
    const OnnxNode& node = folded.nodes[i];
    const bool computed = std::ranges::all_of(
        node.outputs, [&](const auto& output) { return assembler.constant(output) != nullptr; });
    if (!index.is_live(i) || computed) continue;
    rest.nodes.push_back(node);
    given.insert(node.outputs.begin(), node.outputs.end());
    for (const std::string& input : node.inputs) {
      const OnnxTensor* constant = assembler.constant(input);
      if (constant != nullptr && !given.contains(input)) rest.constants.emplace(input, *constant);
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

ImportedGraph finished(const OnnxGraph& folded, const OnnxGraph& plain, LayerAssembler& assembler,
                       const std::string& network_name) {
  assembler.finish_outputs();
  std::vector<Layer> layers = std::move(assembler.layers());
  const bool ours = std::ranges::any_of(
      plain.nodes, [](const OnnxNode& node) { return !LayerNote::parse(node.doc).layer.empty(); });
  if (!ours) name_squeeze_excite(layers);

  ImportedGraph result;
  for (const auto& [name, feature] : assembler.features()) result.dims[name] = feature.dims();
  result.graph = remainder(folded, GraphIndex(folded), assembler);
  result.constants = folded.constants;
  result.numbers = std::move(assembler.numbers());
  note_inexact_activations(folded, result.numbers);
  result.network = Network(printable(ours && !plain.name.empty() ? plain.name : network_name),
                           assembler.input(), std::move(layers));
  return result;
}

}  // namespace

ImportedGraph import_graph(OnnxGraph graph, const std::string& network_name) {
  check_versions(graph);
  OnnxGraph folded = of_one_image(folded_graph(std::move(graph)));
  for (std::size_t work = 0; work < kMostWork; work += folded.nodes.size()) {
    const OnnxGraph plain = plain_graph(folded);
    const GraphIndex index(plain);
    Import import(plain, index);
    if (!import.conditions().empty()) {  // what they decide changes who reads what
      folded = folded_graph(with_taken_branches(std::move(folded), import.conditions()));
      continue;
    }
    if (!import.refusals().empty()) import.refusals().fail();
    return finished(folded, plain, import.assembler(), network_name);
  }
  throw InputError("has too many If nodes, each of which depends on the one before");
}

}  // namespace dovetail
