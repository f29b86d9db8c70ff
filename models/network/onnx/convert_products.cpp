// Fully connected layers and matrix products.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text/error.h"
#include "models/network/onnx/converters.h"

namespace dovetail {
namespace {

struct LinearForm {
  std::int64_t inputs, outputs;
  bool bias = false;
  bool from_left =
      false;  // the constant stands first: what is multiplied is the last dimension but one
  bool outputs_first = false;  // in the weights
  std::string weight{}, bias_name{};
  double factor = 1, bias_factor = 1;  // of them
};

/// The last two dimensions changed places.
AxisLayout turned(const AxisLayout& layout) {
  OnnxDims order;
  for (std::size_t i = 0; i < layout.rank(); ++i) order.push_back(static_cast<std::int64_t>(i));
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  return layout.transposed(order);
}

/// Where the numbers of the layer added last are in the file.
void keep_numbers(LayerAssembler& assembler, const OnnxNode& node, const AxisLayout& input,
                  const LinearForm& form) {
  if (form.from_left) assembler.lose(node, "the constant stands before what it is multiplied with");
  assembler.keep(NumberStep::Kind::kWeight, {form.weight}, form.factor);
  NumberStep& step = assembler.numbers().steps.back();
  step.turned = !form.outputs_first;
  if (input.is_flat()) step.order = input.axes(input.rank() - 1);
  const bool parts = std::ranges::any_of(
      step.order, [](Axis axis) { return axis == Axis::kGroup || axis == Axis::kMember; });
  if (parts) assembler.lose(node, "it reads channels that are shuffled");
  if (!form.bias_name.empty()) {
    assembler.keep(NumberStep::Kind::kAdd, {form.bias_name}, form.bias_factor);
  }
}

/// x times a constant of inputs x outputs: a fully connected layer where x is one vector, a 1x1
/// convolution where it has positions and channels.
void give_linear(LayerAssembler& assembler, const OnnxNode& node, Feature x,
                 const OnnxTensor& weights, const LinearForm& form) {
  if (form.from_left && x.layout.rank() < 2) throw InputError("of a vector is not supported");
  if (form.from_left) x.layout = turned(x.layout);
  const OnnxDims dims = x.layout.dims();
  if (dims.empty() || dims.back() != form.inputs) {
    throw InputError(
        fmt::format("{} times {}x{} do not fit", to_string(dims), form.inputs, form.outputs));
  }
  constexpr std::int64_t kMost = 1 << 20;
  if (form.outputs < 1 || form.outputs > kMost) {
    throw InputError(fmt::format("{} outputs; allowed are 1 to {}", form.outputs, kMost));
  }
  const auto channels = static_cast<int>(form.outputs);
  const bool flat = x.layout.is_flat();
  if (!flat && !x.layout.channels_last()) {
    throw InputError(
        fmt::format("reads a tensor of {} whose {} dimension is not that of the "
                    "channels",
                    to_string(x.dims()), form.from_left ? "last but one" : "last"));
  }
  Layer layer = assembler.start(node, flat ? OpType::kFullyConnected : OpType::kConv2d, x);
  LayerAssembler::set_bias(node, form.bias, layer);
  layer.output = {1, 1, channels};
  if (!flat) layer.output = {layer.input.height, layer.input.width, channels};
  assembler.take_weights(weights, layer);
  const AxisLayout before = flat ? x.layout.pooled() : x.layout;
  const AxisLayout layout = before.with_channels(dims.size() - 1, channels);
  assembler.give_layer(node, std::move(layer), form.from_left ? turned(layout) : layout);
  keep_numbers(assembler, node, x.layout, form);
}

void convert_gemm(LayerAssembler& assembler, const OnnxNode& node) {
  const bool from_left = assembler.constant(node.input(0)) != nullptr;  // A is the constant
  const std::size_t at = from_left ? 0 : 1;
  const OnnxTensor& weights = assembler.constant_input(node, at, 2, "the weight");
  Feature x = assembler.feature_input(node, 1 - at);
  if (x.layout.rank() != 2) throw InputError("supported is a product of two dimensions");
  const char* const turn[] = {"transA", "transB"};
  if (node.integer(turn[1 - at], 0) != 0) x.layout = turned(x.layout);
  const bool transposed = node.integer(turn[at], 0) != 0;
  // Of B inputs stand first, of A outputs.
  const std::size_t inputs = transposed != from_left ? 1 : 0;
  const std::int64_t outputs = weights.dims[1 - inputs];
  const OnnxTensor* bias =
      node.real("beta", 1) == 0 ? nullptr : assembler.optional_constant(node, 2);
  if (bias != nullptr && bias->elements() != outputs && bias->elements() != 1) {
    throw InputError(fmt::format("a bias of {} for {} outputs", to_string(bias->dims), outputs));
  }
  give_linear(assembler, node, std::move(x), weights,
              {.inputs = weights.dims[inputs],
               .outputs = outputs,
               .bias = bias != nullptr,
               .from_left = from_left,
               .outputs_first = inputs == 1,
               .weight = node.input(at),
               .bias_name = bias == nullptr ? "" : node.input(2),
               .factor = node.real("alpha", 1),
               .bias_factor = node.real("beta", 1)});
}

/// Product of two activations: positions of the second are the channels of the first.
void give_product(LayerAssembler& assembler, const OnnxNode& node, const Feature& a,
                  const Feature& b) {
  const OnnxDims first = a.layout.dims(), second = b.layout.dims();
  const TensorShape& shape = assembler.shape_of(b);
  bool one_matrix = second.size() >= 2 && b.layout.channels_last() && a.layout.channels_last();
  for (std::size_t i = 0; one_matrix && i + 2 < second.size(); ++i) one_matrix = second[i] == 1;
  // leading dimensions of b must not widen those of a
  if (!one_matrix || second.size() > first.size() ||
      std::int64_t{shape.height} * shape.width != first.back()) {
    throw InputError(fmt::format(
        "is a product of two computed tensors, of {} and {}; supported is one matrix times one "
        "matrix, without a batch or heads before the rows and columns of the second, whose rows "
        "are positions and whose columns are channels in both, and whose second has a row for "
        "each column of the first",
        to_string(first), to_string(second)));
  }
  Layer layer = assembler.start(node, OpType::kMatMul, a);
  layer.inputs.push_back(b.layer);
  layer.output = {layer.input.height, layer.input.width, shape.channels};
  const AxisLayout layout = a.layout.with_channels(first.size() - 1, shape.channels);
  assembler.give_layer(node, std::move(layer), layout);
}

/// A matrix that is constant; dimensions of 1 before its two do nothing.
OnnxTensor constant_matrix(const LayerAssembler& assembler, const OnnxNode& node, std::size_t i,
                           std::size_t rank) {
  OnnxTensor matrix = *assembler.constant(node.input(i));
  while (matrix.dims.size() > 2 && matrix.dims.size() <= rank && matrix.dims.front() == 1) {
    matrix.dims.erase(matrix.dims.begin());
  }
  if (matrix.dims.size() != 2) {
    throw InputError(fmt::format("the weight ('{}') of {}; allowed are 2 dimensions", node.input(i),
                                 to_string(matrix.dims)));
  }
  return matrix;
}

void convert_matmul(LayerAssembler& assembler, const OnnxNode& node) {
  const bool from_left = assembler.constant(node.input(0)) != nullptr;
  const std::size_t at = from_left ? 0 : 1;
  Feature x = assembler.feature_input(node, 1 - at);
  const char* const turn[] = {"transA", "transB"};  // of com.microsoft.FusedMatMul
  if (node.integer(turn[1 - at], 0) != 0) {
    if (x.layout.rank() < 2) throw InputError("of a vector is not supported");
    x.layout = turned(x.layout);
  }
  if (assembler.is_feature(node.input(at))) {
    Feature second = assembler.feature_input(node, at);
    if (node.integer(turn[at], 0) != 0) second.layout = turned(second.layout);
    return give_product(assembler, node, x, second);
  }
  if (assembler.constant(node.input(at)) == nullptr) assembler.feature_input(node, at);  // throws
  const OnnxTensor weights = constant_matrix(assembler, node, at, x.layout.rank());
  const bool transposed = node.integer(turn[at], 0) != 0;
  const std::size_t inputs = transposed != from_left ? 1 : 0;
  const bool bias = !node.input(2).empty();
  give_linear(assembler, node, std::move(x), weights,
              {.inputs = weights.dims[inputs],
               .outputs = weights.dims[1 - inputs],
               .bias = bias,
               .from_left = from_left,
               .outputs_first = inputs == 1,
               .weight = node.input(at),
               .bias_name = node.input(2),
               .factor = node.real("alpha", 1)});
}

constexpr std::array kConverters = {
    Converter{"Gemm", "fully_connected, or a 1x1 conv2d where there are several positions",
              convert_gemm},
    Converter{"MatMul",
              "as Gemm with a constant; matmul where both are activations (positions x channels)",
              convert_matmul},
};

}  // namespace

std::span<const Converter> product_converters() {
  return kConverters;
}

}  // namespace dovetail
