// What takes numbers to other places: parts, repetitions, shuffles.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>

#include "base/text/error.h"
#include "models/network/onnx/constant_folding.h"
#include "models/network/onnx/converters.h"
#include "models/network/onnx/onnx_cut.h"
#include "models/network/onnx/onnx_dims.h"

namespace dovetail {
namespace {

AxisPick& pick_of(Reorder& reorder, Axis axis) {
  return axis == Axis::kHeight  ? reorder.rows
         : axis == Axis::kWidth ? reorder.cols
                                : reorder.channels;
}

int& size_of(TensorShape& shape, Axis axis) {
  return axis == Axis::kHeight ? shape.height : axis == Axis::kWidth ? shape.width : shape.channels;
}

/// The height, width or channels that a dimension runs over, in common orders also if it is 1.
Axis only_axis(const Feature& x, std::size_t dimension) {
  const std::vector<Axis>& axes = x.layout.axes(dimension);
  if (axes.size() == 1 && axes[0] != Axis::kGroup && axes[0] != Axis::kMember) return axes[0];
  const bool first = x.layout.is_nchw();
  if (axes.empty() && dimension > 0 && (first || x.layout.is_nhwc())) {
    for (const Axis axis : {Axis::kHeight, Axis::kWidth}) {
      if (x.layout.position_dimension(axis) == dimension) return axis;
    }
    return Axis::kChannel;
  }
  throw InputError(
      fmt::format("of dimension {} of {}, which is not that of height, width or channels alone",
                  dimension, to_string(x.dims())));
}

/// A layer that takes `size` numbers along the axis of each dimension.
class Move {
 public:
  Move(LayerAssembler& assembler, const OnnxNode& node, const Feature& x)
      : assembler_(assembler),
        node_(node),
        x_(x),
        layer_(assembler.start(node, OpType::kReorder, x)) {
    layer_.output = layer_.input;
  }

  void take(std::size_t dimension, const AxisPick& pick, std::int64_t size) {
    const Axis axis = only_axis(x_, dimension);
    constexpr std::int64_t kMost = 1 << 20;
    if (size < 1 || size > kMost) {
      throw InputError(
          fmt::format("leaves {} of {}; allowed are 1 to {}", size, to_string(x_.dims()), kMost));
    }
    pick_of(layer_.reorder, axis) = pick;
    size_of(layer_.output, axis) = static_cast<int>(size);
  }

  void give(std::size_t output = 0) {
    const AxisLayout layout = this->layout();
    assembler_.give_layer(node_, std::move(layer_), layout, output);
  }

  /// Behind the copies, each number is weighed with its neighbours: those after it.
  void give_weighed() {
    const AxisLayout layout = this->layout();
    const TensorShape to = layer_.output, from = layer_.input;
    const Feature copies = assembler_.add_layer(node_, std::move(layer_), layout);
    Layer weighed = assembler_.start(node_, OpType::kConv2d, copies);
    weighed.groups = to.channels;
    weighed.kernel_h = to.height > from.height ? 2 : 1;
    weighed.kernel_w = to.width > from.width ? 2 : 1;
    weighed.pad_bottom = weighed.kernel_h - 1;
    weighed.pad_right = weighed.kernel_w - 1;
    weighed.weights_of = kFixedWeights;
    weighed.output = to;
    assembler_.give_layer(node_, std::move(weighed), layout);
  }

 private:
  AxisLayout layout() const {
    return x_.layout.is_nchw()   ? AxisLayout::nchw(layer_.output)
           : x_.layout.is_nhwc() ? AxisLayout::nhwc(layer_.output)
                                 : x_.layout.resized(layer_.output);
  }

  LayerAssembler& assembler_;
  const OnnxNode& node_;
  Feature x_;
  Layer layer_;
};

/// True for all channels of the network's input in another order, as of BGR: the weights of what
/// reads it stand in that order instead, and nothing moves.
bool permutes_input(const Feature& x, std::size_t dimension, OnnxDims indices) {
  if (x.layer != kNetworkInput || x.layout.channel_dimension() != dimension) return false;
  std::ranges::sort(indices);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (indices[i] != static_cast<std::int64_t>(i)) return false;
  }
  return static_cast<std::int64_t>(indices.size()) == x.dims()[dimension];
}

/// The only dimension that a cut turns round, whole.
std::optional<std::size_t> turned_dimension(const OnnxCut& cut, const OnnxDims& dims) {
  if (cut.dims != dims) return {};
  std::optional<std::size_t> turned;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (cut.step[i] >= 0) continue;
    if (turned) return {};
    turned = i;
  }
  return turned;
}

void give_cut(LayerAssembler& assembler, const OnnxNode& node, const OnnxCut& cut,
              std::size_t output) {
  const Feature x = assembler.feature_input(node, 0);
  const OnnxDims dims = x.dims();
  Move move(assembler, node, x);
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (cut.dims[i] == dims[i] && cut.first[i] == 0) continue;
    if (cut.step[i] < 0) throw InputError("backwards is not supported");
    move.take(i, {static_cast<int>(cut.first[i]), static_cast<int>(cut.step[i]), 1}, cut.dims[i]);
  }
  move.give(output);
}

void convert_slice(LayerAssembler& assembler, const OnnxNode& node) {
  const OnnxDims dims = assembler.feature_input(node, 0).dims();
  std::vector<const OnnxTensor*> bounds;
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    bounds.push_back(assembler.optional_constant(node, i));
  }
  const OnnxCut cut = cut_of_slice(node, dims, bounds);
  if (cut.keeps_all(dims)) return assembler.give_joined(node, 0);
  const Feature& x = assembler.feature_input(node, 0);
  if (const auto turned = turned_dimension(cut, dims)) {
    OnnxDims all(static_cast<std::size_t>(dims[*turned]));
    std::iota(all.begin(), all.end(), std::int64_t{0});
    if (permutes_input(x, *turned, std::move(all))) return assembler.give_feature(node, x);
  }
  give_cut(assembler, node, cut, 0);
}

void convert_split(LayerAssembler& assembler, const OnnxNode& node) {
  const OnnxDims dims = assembler.feature_input(node, 0).dims();
  const OnnxTensor* sizes = assembler.optional_constant(node, 1);
  if (node.outputs.size() == 1) return assembler.give_joined(node, 0);
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    if (!assembler.is_read(node.outputs[i])) continue;
    give_cut(assembler, node, cut_of_split(node, dims, sizes, i), i);
  }
}

/// One of the groups of channels, or one member of each.
void give_group(LayerAssembler& assembler, const OnnxNode& node, const Feature& x, Axis axis,
                std::int64_t index, const OnnxDims& dims) {
  Layer layer = assembler.start(node, OpType::kReorder, x);
  const int groups = x.layout.groups(), members = layer.input.channels / groups;
  const bool group = axis == Axis::kGroup;
  layer.output = layer.input;
  layer.output.channels = group ? members : groups;
  layer.reorder.channels = {static_cast<int>(index) * (group ? members : 1), group ? 1 : members,
                            1};
  const std::optional<AxisLayout> layout =
      x.layout.of_group(axis, layer.output.channels).reshaped(dims);
  if (!layout) throw InputError(fmt::format("of {} is not supported", to_string(x.dims())));
  assembler.give_layer(node, std::move(layer), *layout);
}

void convert_gather(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature x = assembler.feature_input(node, 0);
  const OnnxTensor* which = assembler.optional_constant(node, 1);
  if (which == nullptr) throw InputError("the indices must be constant");
  const OnnxDims dims = x.dims();
  const std::size_t axis = normal_axis(node.integer("axis", 0), dims.size());
  OnnxDims indices = which->integers();
  for (std::int64_t& index : indices) {
    if (index < -dims[axis] || index >= dims[axis]) {
      throw InputError(fmt::format("index {} of {} elements", index, dims[axis]));
    }
    if (index < 0) index += dims[axis];
  }
  if (which->dims.size() > 1 || indices.empty()) {
    throw InputError("indices of more than one dimension are not supported");
  }
  if (which->dims.size() == 1 && permutes_input(x, axis, indices)) {
    return assembler.give_feature(node, x);
  }
  const std::int64_t step = indices.size() > 1 ? indices[1] - indices[0] : 1;
  for (std::size_t i = 1; i < indices.size(); ++i) {
    if (step < 1 || indices[i] != indices[i - 1] + step) {
      throw InputError("supported are indices in even steps upwards");
    }
  }
  OnnxDims left = dims;
  left[axis] = static_cast<std::int64_t>(indices.size());
  if (which->dims.empty()) left.erase(left.begin() + static_cast<std::ptrdiff_t>(axis));
  const std::vector<Axis>& axes = x.layout.axes(axis);
  if (which->dims.empty() && axes.size() == 1 &&
      (axes[0] == Axis::kGroup || axes[0] == Axis::kMember)) {
    return give_group(assembler, node, x, axes[0], indices[0], left);
  }
  if (dims[axis] == 1) {
    assembler.give_joined(node, 0);
  } else {
    Move move(assembler, node, x);
    move.take(axis, {static_cast<int>(indices[0]), static_cast<int>(step), 1},
              static_cast<std::int64_t>(indices.size()));
    move.give();
  }
  Feature part = assembler.features().at(node.outputs[0]);
  part.layout = part.layout.reshaped(left).value();
  assembler.give_feature(node, std::move(part));
}

void convert_expand(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature x = assembler.feature_input(node, 0);
  const OnnxTensor* sizes = assembler.optional_constant(node, 1);
  if (sizes == nullptr) throw InputError("the sizes must be constant");
  const OnnxDims dims = x.dims(), wanted = broadcast(dims, sizes->integers());
  if (wanted == dims) return assembler.give_joined(node, 0);
  if (wanted.size() != dims.size()) {
    throw InputError(fmt::format("{} to {}; supported are as many dimensions", to_string(dims),
                                 to_string(wanted)));
  }
  Move move(assembler, node, x);
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (wanted[i] == dims[i]) continue;
    constexpr std::int64_t kMost = 1 << 20;
    if (wanted[i] > kMost) throw InputError(fmt::format("to {}", to_string(wanted)));
    move.take(i, {0, 1, static_cast<int>(wanted[i])}, wanted[i]);
  }
  move.give();
}

/// Factors of Resize and Upsample by operator set: sizes, or scales.
std::vector<double> scales_of(const LayerAssembler& assembler, const OnnxNode& node,
                              const OnnxDims& dims) {
  const std::size_t at = node.inputs.size() > 2 ? 2 : 1;
  const OnnxTensor* sizes = assembler.optional_constant(node, 3);
  if (sizes != nullptr && sizes->elements() > 0) {
    std::vector<double> scales;
    const OnnxDims wanted = sizes->integers();
    for (std::size_t i = 0; i < std::min(wanted.size(), dims.size()); ++i) {
      scales.push_back(static_cast<double>(wanted[i]) / static_cast<double>(dims[i]));
    }
    return scales;
  }
  if (node.has("scales")) return node.reals("scales");
  const OnnxTensor* scales = assembler.optional_constant(node, at);
  if (scales == nullptr) throw InputError("has no scales");
  return scales->known_values();
}

bool is_linear(const OnnxNode& node) {
  const std::string mode = node.text("mode", "nearest");
  return mode == "linear" || mode == "bilinear";
}

void check_nearest(const OnnxNode& node, bool shrinks) {
  const std::string mode = node.text("mode", "nearest");
  if (mode != "nearest" && (!is_linear(node) || shrinks)) {
    throw InputError(fmt::format(
        "mode '{}' is not supported{}; allowed is nearest, and linear where it makes larger", mode,
        shrinks ? " where it makes smaller" : ""));
  }
  if (is_linear(node)) return;  // which four numbers are weighed, and how, costs the same
  const std::string how = node.text("coordinate_transformation_mode", "half_pixel");
  const bool simple = how == "asymmetric" || node.op == "Upsample";
  if (how == "align_corners" || how == "tf_crop_and_resize" || (shrinks && !simple)) {
    throw InputError(fmt::format("coordinate_transformation_mode '{}' is not supported{}", how,
                                 shrinks ? " where it makes smaller" : ""));
  }
  if (node.has("axes") && !node.integers("axes", {}).empty()) {
    throw InputError("axes are not supported");
  }
}

void convert_resize(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature x = assembler.feature_input(node, 0);
  const OnnxDims dims = x.dims();
  const std::vector<double> scales = scales_of(assembler, node, dims);
  if (scales.size() != dims.size()) throw InputError("has not one scale for each dimension");
  const bool shrinks = std::ranges::any_of(scales, [](double scale) { return scale < 1; });
  check_nearest(node, shrinks);
  if (std::ranges::all_of(scales, [](double scale) { return scale == 1; })) {
    return assembler.give_joined(node, 0);
  }
  Move move(assembler, node, x);
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (scales[i] == 1 || dims[i] == 0) continue;
    const double factor = scales[i] > 1 ? scales[i] : 1 / scales[i];
    constexpr double kMost = 65536;
    if (!(factor <= kMost) || factor != std::round(factor)) {
      throw InputError(
          fmt::format("scale {:g}; supported are whole numbers and 1 by them", scales[i]));
    }
    const int by = static_cast<int>(factor);
    if (scales[i] > 1) {
      move.take(i, {0, 1, by}, dims[i] * by);
    } else {
      move.take(i, {0, by, 1},
                static_cast<std::int64_t>(std::floor(static_cast<double>(dims[i]) * scales[i])));
    }
  }
  if (!is_linear(node)) return move.give();
  if (x.layout.channel_dimension() && scales[*x.layout.channel_dimension()] != 1) {
    throw InputError("mode 'linear' over channels is not supported");
  }
  move.give_weighed();
}

constexpr std::array kConverters = {
    Converter{"Expand", "reorder; nothing where it has the sizes", convert_expand},
    Converter{
        "Gather",
        "reorder: with constant indices in even steps; nothing where it orders the channels of "
        "the input anew",
        convert_gather},
    Converter{
        "Resize",
        "reorder; to nearest, by whole numbers only; linear, by whole numbers upwards, with a "
        "depthwise conv2d without parameters behind it",
        convert_resize},
    Converter{"Slice", "reorder; nothing where it keeps all", convert_slice},
    Converter{"Split", "reorder, one for each part that is read", convert_split},
    Converter{"Upsample", "as Resize", convert_resize},
};

}  // namespace

std::span<const Converter> move_converters() {
  return kConverters;
}

}  // namespace dovetail
