// What changes shape, order, type, quantisation or padding, and moves no data on an accelerator.

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/text/error.h"
#include "models/network/onnx/constant_folding.h"
#include "models/network/onnx/converters.h"
#include "models/network/onnx/onnx_dims.h"

namespace dovetail {
namespace {

void convert_copy(LayerAssembler& assembler, const OnnxNode& node) {
  assembler.give_feature(node, assembler.feature_input(node, 0, true));
}

/// Channels in another order, for what reads them in theirs.
void give_shuffled(LayerAssembler& assembler, const OnnxNode& node, const Feature& x,
                   const AxisLayout& layout) {
  Layer layer = assembler.start(node, OpType::kReorder, x);
  layer.groups = layout.groups();
  layer.output = layer.input;
  assembler.give_layer(node, std::move(layer), layout.reordered());
}

void give_reshaped(LayerAssembler& assembler, const OnnxNode& node, const OnnxDims& dims) {
  Feature x = assembler.feature_input(node, 0);
  if (x.at_host) {
    x.at_host = dims;
    return assembler.give_feature(node, std::move(x));
  }
  const std::optional<AxisLayout> layout = x.layout.reshaped(dims);
  if (!layout) {
    throw InputError(fmt::format(
        "{} to {} cuts height or width in parts, or channels in more than two, which is not "
        "supported",
        to_string(x.dims()), to_string(dims)));
  }
  // A fully connected layer has its weights in any order.
  if (layout->is_shuffled() && !layout->is_flat()) {
    return give_shuffled(assembler, node, x, *layout);
  }
  x.layout = *layout;
  assembler.give_feature(node, std::move(x));
}

void convert_reshape(LayerAssembler& assembler, const OnnxNode& node) {
  const OnnxDims dims = assembler.feature_input(node, 0).dims();
  const OnnxDims wanted = integers_of(node, "shape", assembler.optional_constant(node, 1));
  give_reshaped(assembler, node, reshaped(dims, wanted, node.integer("allowzero", 0) != 0));
}

void convert_flatten(LayerAssembler& assembler, const OnnxNode& node) {
  const OnnxDims dims = assembler.feature_input(node, 0).dims();
  give_reshaped(assembler, node, flattened(dims, node.integer("axis", 1)));
}

void convert_squeeze(LayerAssembler& assembler, const OnnxNode& node) {
  const OnnxDims dims = assembler.feature_input(node, 0).dims();
  const OnnxDims axes = integers_of(node, "axes", assembler.optional_constant(node, 1));
  give_reshaped(assembler, node, squeezed(dims, axes));
}

void convert_unsqueeze(LayerAssembler& assembler, const OnnxNode& node) {
  const OnnxDims dims = assembler.feature_input(node, 0).dims();
  const OnnxDims axes = integers_of(node, "axes", assembler.optional_constant(node, 1));
  give_reshaped(assembler, node, unsqueezed(dims, axes));
}

void convert_transpose(LayerAssembler& assembler, const OnnxNode& node) {
  Feature x = assembler.feature_input(node, 0, true);
  x.layout = x.layout.transposed(checked_permutation(node.integers("perm", {}), x.layout.rank()));
  if (x.pad != OnnxPadding{} && !x.layout.position_dimension(Axis::kHeight) &&
      !x.layout.position_dimension(Axis::kWidth)) {
    throw InputError("of a padded tensor to an order that no convolution reads");
  }
  assembler.give_feature(node, std::move(x));
}

/// Paddings of all dimensions, those before and then those after, as Pad has them by operator set.
OnnxDims padding_of(const LayerAssembler& assembler, const OnnxNode& node, std::size_t rank) {
  const OnnxDims given = integers_of(node, "pads", assembler.optional_constant(node, 1));
  const OnnxTensor* axes = assembler.optional_constant(node, 3);
  OnnxDims full = axes == nullptr ? given : OnnxDims(2 * rank, 0);
  if (axes != nullptr) {
    const OnnxDims list = axes->integers();
    if (given.size() != 2 * list.size()) throw InputError("pads and axes do not fit");
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::size_t axis = normal_axis(list[i], rank);
      full[axis] = given[i];
      full[rank + axis] = given[list.size() + i];
    }
  }
  if (full.size() != 2 * rank) {
    throw InputError(fmt::format("{} paddings of {} dimensions", full.size(), rank));
  }
  return full;
}

/// Whether what is padded with is 0, as convolutions have it.
bool pads_zeros(const LayerAssembler& assembler, const OnnxNode& node) {
  if (node.input(2).empty()) return node.real("value", 0) == 0;
  const OnnxTensor* value = assembler.constant(node.input(2));
  return value != nullptr && value->values &&
         std::ranges::all_of(*value->values, [](double v) { return v == 0; });
}

void convert_pad(LayerAssembler& assembler, const OnnxNode& node) {
  Feature x = assembler.feature_input(node, 0, true);
  if (!pads_zeros(assembler, node)) assembler.lose(node, "it pads with other numbers than 0");
  const std::size_t rank = x.layout.rank();
  const OnnxDims pads = padding_of(assembler, node, rank);
  if (std::ranges::all_of(pads, [](std::int64_t pad) { return pad == 0; })) {
    return assembler.give_feature(node, std::move(x));
  }
  if (node.text("mode", "constant") != "constant") {
    throw InputError(
        fmt::format("mode '{}' is not supported; allowed is constant", node.text("mode", "")));
  }
  const auto rows = x.layout.position_dimension(Axis::kHeight);
  const auto cols = x.layout.position_dimension(Axis::kWidth);
  constexpr std::int64_t kMost = 65536;
  bool good = rows || cols;
  for (std::size_t i = 0; i < pads.size(); ++i) {
    const bool position = rows == i % rank || cols == i % rank;
    good = good && pads[i] >= 0 && pads[i] <= kMost && (position || pads[i] == 0);
  }
  if (!good) {
    throw InputError(fmt::format("pads {} of {}; supported are height and width, by 0 to {}",
                                 to_string(pads), to_string(x.dims()), kMost));
  }
  const auto add = [&](int& pad, std::size_t at) {
    if (pad + pads[at] > kMost) throw InputError(fmt::format("pads by more than {}", kMost));
    pad += static_cast<int>(pads[at]);
  };
  if (rows) add(x.pad.top, *rows);
  if (cols) add(x.pad.left, *cols);
  if (rows) add(x.pad.bottom, rank + *rows);
  if (cols) add(x.pad.right, rank + *cols);
  assembler.give_feature(node, std::move(x));
}

void convert_shape(LayerAssembler& assembler, const OnnxNode& node) {
  const OnnxDims dims = assembler.feature_input(node, 0, true).dims();
  assembler.give_constant(node.outputs[0], shape_constant(node, dims));
}

/// What it says of scale and zero point is taken as known beforehand, as of all tensors here.
void convert_dynamic_quantize(LayerAssembler& assembler, const OnnxNode& node) {
  assembler.give_feature(node, assembler.feature_input(node, 0));
  for (std::size_t i = 1; i < node.outputs.size(); ++i) {
    OnnxTensor number;
    number.why_no_values = "which depends on what is inferred";
    assembler.give_constant(node.outputs[i], std::move(number));
  }
}

void convert_if(LayerAssembler& /*assembler*/, const OnnxNode& /*node*/) {
  throw InputError("is supported with a constant condition only");
}

constexpr std::string_view kNothing = "nothing: the numbers stay";
constexpr std::string_view kOrder = "nothing: another order of the same numbers";

constexpr std::array kConverters = {
    Converter{"Cast", kNothing, convert_copy},
    Converter{"DequantizeLinear", kNothing, convert_copy},
    Converter{"Dropout", kNothing, convert_copy},
    Converter{"DynamicQuantizeLinear",
              "nothing: the numbers stay; their range is taken as known beforehand",
              convert_dynamic_quantize},
    Converter{"Flatten", kOrder, convert_flatten},
    Converter{"Identity", kNothing, convert_copy},
    Converter{"If", "the branch that a constant condition takes", convert_if},
    Converter{"Pad", "padding of the conv2d or pooling after it; of height and width, constant",
              convert_pad},
    Converter{"QuantizeLinear", kNothing, convert_copy},
    Converter{"Reshape",
              "nothing: another order of the same numbers; reorder where it shuffles channels",
              convert_reshape},
    Converter{"Shape", "a constant", convert_shape},
    Converter{"Size", "a constant", convert_shape},
    Converter{"Squeeze", kOrder, convert_squeeze},
    Converter{"Transpose", kOrder, convert_transpose},
    Converter{"Unsqueeze", kOrder, convert_unsqueeze},
};

}  // namespace

std::span<const Converter> view_converters() {
  return kConverters;
}

}  // namespace dovetail
