// Fully connected layers and matrix products.

#include <fmt/core.h>

#include <array>

#include "base/text/error.h"
#include "models/network/onnx/converters.h"

namespace dovetail {
namespace {

/// x times a constant of inputs x outputs: a fully connected layer where x is one vector, a 1x1
/// convolution where it has positions and channels.
void give_linear(LayerAssembler& assembler, const OnnxNode& node, const Feature& x,
                 std::int64_t inputs, std::int64_t outputs, bool bias) {
  const OnnxDims dims = x.layout.dims();
  if (dims.empty() || dims.back() != inputs) {
    throw InputError(fmt::format("{} times {}x{} do not fit", to_string(dims), inputs, outputs));
  }
  constexpr std::int64_t kMost = 1 << 20;
  if (outputs < 1 || outputs > kMost) {
    throw InputError(fmt::format("{} outputs; allowed are 1 to {}", outputs, kMost));
  }
  const auto channels = static_cast<int>(outputs);
  const bool flat = x.layout.is_flat();
  if (!flat && !x.layout.channels_last()) {
    throw InputError(fmt::format(
        "reads a tensor of {} whose last dimension is not that of the channels", to_string(dims)));
  }
  Layer layer = assembler.start(node, flat ? OpType::kFullyConnected : OpType::kConv2d, x);
  layer.has_bias = bias;
  layer.output = {1, 1, channels};
  if (!flat) layer.output = {layer.input.height, layer.input.width, channels};
  const AxisLayout before = flat ? x.layout.pooled() : x.layout;
  const AxisLayout layout = before.with_channels(dims.size() - 1, channels);
  assembler.give_layer(node, std::move(layer), layout);
}

void convert_gemm(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature& x = assembler.feature_input(node, 0);
  const OnnxTensor& weights = assembler.constant_input(node, 1, 2, "the weight");
  if (node.integer("transA", 0) != 0 || x.layout.rank() != 2) {
    throw InputError("supported is a product of two dimensions with transA = 0");
  }
  const bool transposed = node.integer("transB", 0) != 0;
  const std::int64_t outputs = weights.dims[transposed ? 0 : 1];
  const OnnxTensor* bias = assembler.optional_constant(node, 2);
  if (bias != nullptr && bias->elements() != outputs && bias->elements() != 1) {
    throw InputError(fmt::format("a bias of {} for {} outputs", to_string(bias->dims), outputs));
  }
  give_linear(assembler, node, x, weights.dims[transposed ? 1 : 0], outputs, bias != nullptr);
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
        "{} times {}, both computed; supported are matrices of positions times channels whose "
        "second has a position for each channel of the first",
        to_string(first), to_string(second)));
  }
  Layer layer = assembler.start(node, OpType::kMatMul, a);
  layer.inputs.push_back(b.layer);
  layer.output = {layer.input.height, layer.input.width, shape.channels};
  const AxisLayout layout = a.layout.with_channels(first.size() - 1, shape.channels);
  assembler.give_layer(node, std::move(layer), layout);
}

void convert_matmul(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature& x = assembler.feature_input(node, 0);
  if (assembler.is_feature(node.input(1))) {
    return give_product(assembler, node, x, assembler.feature_input(node, 1));
  }
  const OnnxTensor& weights = assembler.constant_input(node, 1, 2, "the weight");
  give_linear(assembler, node, x, weights.dims[0], weights.dims[1], false);
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
