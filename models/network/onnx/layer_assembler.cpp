#include "models/network/onnx/layer_assembler.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <utility>

#include "base/text/error.h"
#include "models/network/onnx/image_input.h"

namespace dovetail {
namespace {

/// Printable, and with nothing that needs quoting in CSV or on a command line.
std::string unquoted(const std::string& name) {
  std::string result = printable(name);
  for (char& c : result) {
    if (std::string_view(" \"',;\\`").find(c) != std::string_view::npos) c = '_';
  }
  return result;
}

/// True if a one-dimensional convolution or pooling reads the input before any other order does.
bool reads_ncl(const OnnxGraph& graph, const OnnxInput& input) {
  constexpr std::array<std::string_view, 7> kKeepsOrder = {
      "Add", "Cast", "DequantizeLinear", "Div", "Identity", "Mul", "QuantizeLinear"};
  constexpr std::array<std::string_view, 8> kReadsMaps = {
      "Conv", "ConvTranspose",      "MaxPool",           "AveragePool",
      "Pad",  "BatchNormalization", "GlobalAveragePool", "InstanceNormalization"};
  std::unordered_set<std::string> same = {input.name};
  for (const OnnxNode& node : graph.nodes) {
    if (!same.contains(node.input(0))) continue;
    if (std::ranges::find(kReadsMaps, node.op) != kReadsMaps.end()) return true;
    if (std::ranges::find(kKeepsOrder, node.op) == kKeepsOrder.end()) return false;
    same.insert(node.outputs.begin(), node.outputs.end());
  }
  return false;
}

/// How the first node that is not a mere change of numbers reads the network's input.
bool reads_nhwc(const OnnxGraph& graph, const OnnxInput& input) {
  const bool single_channel_last = input.dims->at(3) == 1 && input.dims->at(1) > 1;
  std::unordered_set<std::string> same = {input.name};
  for (const OnnxNode& node : graph.nodes) {
    const bool reads = std::ranges::any_of(
        node.inputs, [&](const std::string& name) { return same.contains(name); });
    if (!reads) continue;
    if (node.op == "Transpose") {
      const OnnxDims to_nchw = {0, 3, 1, 2};
      return node.integers("perm", {}) == to_nchw;
    }
    if (node.op == "Reshape") return single_channel_last;  // stands for a Transpose there
    constexpr std::array<std::string_view, 12> kKeepsOrder = {
        "Add", "Cast", "DequantizeLinear", "Div",   "Gather", "Identity",
        "Mul", "Pad",  "QuantizeLinear",   "Shape", "Slice",  "Sub"};
    if (std::ranges::find(kKeepsOrder, node.op) == kKeepsOrder.end()) return false;
    if (node.op != "Shape") same.insert(node.outputs.begin(), node.outputs.end());
  }
  return false;
}

}  // namespace

OnnxDims Feature::dims() const {
  if (at_host) return *at_host;
  OnnxDims dims = layout.dims();
  if (pad == OnnxPadding{}) return dims;
  const auto rows = layout.position_dimension(Axis::kHeight);
  const auto cols = layout.position_dimension(Axis::kWidth);
  if (rows) dims[*rows] += pad.top + pad.bottom;
  if (cols) dims[*cols] += pad.left + pad.right;
  return dims;
}

LayerAssembler::LayerAssembler(const OnnxGraph& graph, const GraphIndex& index)
    : graph_(graph), index_(index) {
  set_input();
}

void LayerAssembler::set_input() {
  std::vector<const OnnxInput*> used;
  for (const OnnxInput& input : graph_.inputs) {
    if (index_.readers(input.name) > 0) used.push_back(&input);
  }
  if (used.empty()) throw InputError("a network has an input; this graph reads none");
  if (used.size() > 1) return join_inputs(used);
  const OnnxInput& input = *used[0];
  const auto image = image_behind(graph_, input);
  const AxisLayout layout = image ? image->layout : declared_layout(input);
  input_ = image ? image->shape : layout.shape();
  check_shape(input_);
  features_.emplace(input.name, Feature{kNetworkInput, layout});
}

/// Several inputs stand side by side in one, as its channels, and each is copied out of it.
void LayerAssembler::join_inputs(const std::vector<const OnnxInput*>& inputs) {
  std::vector<AxisLayout> layouts;
  std::string sizes;
  std::int64_t channels = 0;
  bool alike = true;
  for (const OnnxInput* input : inputs) {
    layouts.push_back(declared_layout(*input));
    const TensorShape& shape = layouts.back().shape();
    const TensorShape& first = layouts.front().shape();
    alike = alike && shape.height == first.height && shape.width == first.width;
    channels += shape.channels;
    sizes += fmt::format("{}{} of {}", sizes.empty() ? "" : ", ", input->name,
                         to_string(layouts.back().dims()));
  }
  constexpr std::int64_t kMost = 1 << 20;
  if (!alike || channels > kMost) {
    throw InputError(fmt::format(
        "reads {} inputs ({}); supported are one, and several of one height and width with at most "
        "{} channels in all",
        inputs.size(), sizes, kMost));
  }
  input_ = layouts.front().shape();
  input_.channels = static_cast<int>(channels);
  check_shape(input_);
  int first = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    OnnxNode node;
    node.name = inputs[i]->name;
    node.op = "input";  // for a name of quotation marks alone, of which nothing is left
    node.outputs = {inputs[i]->name};
    Layer copy = start(node, OpType::kReorder, {kNetworkInput, AxisLayout::nchw(input_)});
    copy.output = layouts[i].shape();
    copy.reorder.channels.first = first;
    first += copy.output.channels;
    features_.emplace(inputs[i]->name, add_layer(node, std::move(copy), layouts[i]));
  }
}

/// Of an input that is read as the graph declares it.
AxisLayout LayerAssembler::declared_layout(const OnnxInput& input) const {
  const auto fail = [&](const std::string& what) {
    return InputError(fmt::format("input '{}' {}", input.name, what));
  };
  if (!input.dims) throw fail("has no shape; export the model with fixed sizes");
  OnnxDims dims = *input.dims;
  if (dims.size() < 2 || dims.size() > 4) {
    throw fail(
        fmt::format("has {} dimensions; allowed are 4 (batch, channels, height, width, or "
                    "channels last), 3 (batch, positions, channels, or channels first), 2 (batch, "
                    "channels), and fewer than 4 that are reshaped to those of an image",
                    dims.size()));
  }
  dims[0] = 1;  // one image of the batch
  if (std::ranges::count(dims, 0) > 0) {
    throw fail(
        fmt::format("has a symbolic or unknown size besides the batch ({}, 0 being unknown); "
                    "export the model with fixed sizes",
                    to_string(dims)));
  }
  constexpr std::int64_t kMost = std::numeric_limits<int>::max();
  if (std::ranges::any_of(dims, [](std::int64_t size) { return size > kMost; })) {
    throw fail(fmt::format("of {} is too large", to_string(dims)));
  }
  const auto size = [&](std::size_t i) { return static_cast<int>(dims[i]); };
  if (dims.size() == 2) return AxisLayout::vector({1, 1, size(1)});
  if (dims.size() == 3 && reads_ncl(graph_, input)) {
    return AxisLayout::ncl({size(2), 1, size(1)});
  }
  if (dims.size() == 3) return AxisLayout::rows({size(1), 1, size(2)});
  if (reads_nhwc(graph_, input)) return AxisLayout::nhwc({size(1), size(2), size(3)});
  return AxisLayout::nchw({size(2), size(3), size(1)});
}

const TensorShape& LayerAssembler::shape_of(const Feature& feature) const {
  return feature.layer == kNetworkInput ? input_
                                        : layers_[static_cast<std::size_t>(feature.layer)].output;
}

const OnnxTensor* LayerAssembler::constant(const std::string& name) const {
  if (const auto at = graph_.constants.find(name); at != graph_.constants.end()) return &at->second;
  const auto at = constants_.find(name);
  return at == constants_.end() ? nullptr : &at->second;
}

const OnnxTensor& LayerAssembler::constant_input(const OnnxNode& node, std::size_t i,
                                                 std::size_t rank, const char* what) const {
  const OnnxTensor* tensor = constant(node.input(i));
  if (tensor == nullptr) {
    throw InputError(fmt::format("{} ('{}') must be constant", what, node.input(i)));
  }
  if (tensor->dims.size() != rank) {
    throw InputError(fmt::format("{} ('{}') of {}; allowed are {} dimensions", what, node.input(i),
                                 to_string(tensor->dims), rank));
  }
  return *tensor;
}

const OnnxTensor* LayerAssembler::optional_constant(const OnnxNode& node, std::size_t i) const {
  const std::string& name = node.input(i);
  if (name.empty()) return nullptr;
  const OnnxTensor* tensor = constant(name);
  if (tensor == nullptr) throw InputError(fmt::format("input '{}' must be constant", name));
  return tensor;
}

const Feature& LayerAssembler::feature_input(const OnnxNode& node, std::size_t i,
                                             bool takes_padding) const {
  const auto at = features_.find(node.input(i));
  if (at == features_.end()) {
    if (constant(node.input(i)) != nullptr) {
      throw InputError(
          fmt::format("reads the constant '{}' as input {}; supported are activations "
                      "there",
                      node.input(i), i));
    }
    throw InputError(node.input(i).empty()
                         ? fmt::format("input {} is missing", i)
                         : fmt::format("'{}' is an output that is not supported", node.input(i)));
  }
  if (!takes_padding && at->second.pad != OnnxPadding{}) {
    throw InputError("reads a padded tensor; supported is Pad in front of Conv and pooling");
  }
  return at->second;
}

Layer LayerAssembler::start(const OnnxNode& node, OpType op, const Feature& first) {
  Layer layer;
  layer.name = unique_name(node);
  layer.block = printable(LayerNote::parse(node.doc).block);
  layer.op = op;
  layer.inputs = {first.layer};
  layer.input = shape_of(first);
  return layer;
}

std::string LayerAssembler::unique_name(const OnnxNode& node) {
  const std::string noted = LayerNote::parse(node.doc).layer;
  std::string name = noted.empty() ? unquoted(node.name) : printable(noted);
  if (name.empty()) name = unquoted(node.op + "_" + node.outputs.at(0));
  const std::string stem = name;
  int& uses = names_[stem];
  while (!taken_.insert(name).second) name = fmt::format("{}.{}", stem, ++uses + 1);
  return name;
}

void LayerAssembler::check_shape(const TensorShape& shape) {
  constexpr int kMostPositions = 65536, kMostChannels = 1 << 20;
  if (shape.height > kMostPositions || shape.width > kMostPositions ||
      shape.channels > kMostChannels ||
      static_cast<double>(shape.height) * shape.width * shape.channels >
          std::numeric_limits<int>::max()) {
    throw InputError(fmt::format(
        "a tensor of {} positions high, {} wide and {} channels; allowed are {}, {} and {}, and "
        "2^31 "
        "numbers in all",
        shape.height, shape.width, shape.channels, kMostPositions, kMostPositions, kMostChannels));
  }
}

Feature LayerAssembler::add_layer(const OnnxNode& node, Layer layer, const AxisLayout& layout) {
  check_shape(layer.output);
  layers_.push_back(std::move(layer));
  notes_.push_back(LayerNote::parse(node.doc).layer);
  return {static_cast<int>(layers_.size()) - 1, layout};
}

void LayerAssembler::give_layer(const OnnxNode& node, Layer layer, const AxisLayout& layout,
                                std::size_t output) {
  give_feature(node, add_layer(node, std::move(layer), layout), output);
}

void LayerAssembler::give_feature(const OnnxNode& node, Feature feature, std::size_t output) {
  features_.insert_or_assign(node.outputs.at(output), std::move(feature));
}

void LayerAssembler::set_bias(const OnnxNode& node, bool has_bias, Layer& layer) {
  const LayerNote note = LayerNote::parse(node.doc);
  layer.has_bias = note.folded_norm ? note.folded_bias : has_bias;
  layer.has_batch_norm = note.folded_norm;
}

void LayerAssembler::take_weights(const OnnxTensor& weights, Layer& layer) {
  if (weights.origin.empty()) return;
  const auto next = static_cast<int>(layers_.size());
  const auto [at, added] = weights_.emplace(weights.origin, next);
  if (added) return;
  const Layer& owner = layers_[static_cast<std::size_t>(at->second)];
  if (owner.op == layer.op && owner.weight_count() == layer.weight_count()) {
    layer.weights_of = at->second;
  }
}

void LayerAssembler::give_constant(const std::string& name, OnnxTensor tensor) {
  constants_.insert_or_assign(name, std::move(tensor));
}

Layer* LayerAssembler::joinable(const OnnxNode& node, std::size_t i) {
  const Feature& feature = feature_input(node, i);
  if (feature.layer == kNetworkInput || !feature.exclusive || index_.readers(node.input(i)) != 1) {
    return nullptr;
  }
  const auto layer = static_cast<std::size_t>(feature.layer);
  return notes_[layer] == LayerNote::parse(node.doc).layer ? &layers_[layer] : nullptr;
}

void LayerAssembler::give_joined(const OnnxNode& node, std::size_t i) {
  Feature feature = feature_input(node, i);
  feature.exclusive = feature.exclusive && index_.readers(node.input(i)) == 1;
  give_feature(node, std::move(feature));
}

void LayerAssembler::keep(NumberStep::Kind kind, std::vector<std::string> tensors, double factor) {
  const auto last = static_cast<int>(layers_.size()) - 1;
  numbers_.steps.push_back({last, kind, std::move(tensors), factor});
}

void LayerAssembler::lose(const OnnxNode& node, const std::string& why) {
  numbers_.lost.push_back(fmt::format("{}: {}", node.describe(), why));
}

void LayerAssembler::finish_outputs() {
  std::set<int> outputs;
  for (const OnnxOutput& output : graph_.outputs) {
    const auto at = features_.find(output.name);
    const std::string named =
        graph_.outputs.size() == 1 ? "the output" : fmt::format("output '{}'", output.name);
    if (at == features_.end() || at->second.layer == kNetworkInput) {
      throw InputError(named + " does not depend on the input");
    }
    if (at->second.pad != OnnxPadding{}) throw InputError(named + " is a padded tensor");
    outputs.insert(at->second.layer);
  }
  std::unordered_set<int> read;
  for (const Layer& layer : layers_) read.insert(layer.inputs.begin(), layer.inputs.end());
  for (int i = 0; i < static_cast<int>(layers_.size()); ++i) {
    if (!read.contains(i) && !outputs.contains(i)) {
      throw InputError(fmt::format("layer '{}' is neither read nor an output",
                                   layers_[static_cast<std::size_t>(i)].name));
    }
  }
  for (const int output : outputs) {
    if (read.contains(output)) add_output_copy(output);
  }
}

/// An output that layers read as well leaves the accelerator as a copy of its own.
void LayerAssembler::add_output_copy(int of) {
  const Layer& source = layers_[static_cast<std::size_t>(of)];
  OnnxNode node;
  node.name = source.name + ".output";
  Layer copy = start(node, OpType::kReorder, {of, AxisLayout::nchw(source.output)});
  copy.output = copy.input;
  add_layer(node, std::move(copy), AxisLayout::nchw(source.output));
}

}  // namespace dovetail
