// What makes more positions of fewer channels, or the other way round.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "base/text/error.h"
#include "models/network/onnx/converters.h"
#include "models/network/onnx/onnx_dims.h"
#include "models/network/onnx/tensor_passes.h"

namespace dovetail {
namespace {

constexpr std::int64_t kMost = 65536;  // of kernel, padding and sizes
constexpr int kMostStride = 32, kMostBlock = 64;

/// Outputs of a transposed convolution along one axis, of those that stand `stride` apart, which
/// read the same inputs through as many taps.
struct Phases {
  int first = 0, count = 0;
  int taps = 0, shift = 0;  // output m of a phase reads inputs m + shift - taps + 1 to m + shift
};

/// A transposed convolution along one axis.
struct TransposedAxis {
  int input = 1, kernel = 1, stride = 1, dilation = 1, pad = 0, output = 1;

  int positions() const { return (output + stride - 1) / stride; }
  int reach() const { return (kernel - 1) * dilation + 1; }
  std::vector<Phases> phases() const;
};

std::vector<Phases> TransposedAxis::phases() const {
  std::vector<Phases> all;
  for (int phase = 0; phase < stride; ++phase) {
    const int tap = (phase + pad) % stride;
    const Phases one{phase, 1, (kernel - tap + stride - 1) / stride,
                     dilation > 1 ? pad : (phase + pad - tap) / stride};
    if (one.taps < 1) {
      throw InputError(fmt::format(
          "a kernel of {} with stride {} leaves positions that no input reaches", kernel, stride));
    }
    if (!all.empty() && all.back().taps == one.taps && all.back().shift == one.shift) {
      ++all.back().count;
    } else {
      all.push_back(one);
    }
  }
  return all;
}

/// Both axes of a transposed convolution; of one dimension, the other one does nothing.
class TransposedWindow {
 public:
  TransposedWindow(const OnnxNode& node, const Feature& x, const TensorShape& map,
                   const OnnxDims& kernel)
      : node_(node), two_(x.layout.is_nchw()) {
    const bool along_height = two_ || x.layout.position_dimension(Axis::kHeight).has_value();
    axes_[0].input = map.height;
    axes_[1].input = map.width;
    if (two_) {
      set(axes_[0], 0, kernel);
      set(axes_[1], 1, kernel);
    } else {
      set(axes_[along_height ? 0 : 1], 0, kernel);
    }
  }

  const TransposedAxis& rows() const { return axes_[0]; }
  const TransposedAxis& cols() const { return axes_[1]; }

 private:
  /// The i-th of a list attribute with a number for each axis, or for its start and its end.
  int number(std::string_view name, std::size_t i, std::int64_t low, std::int64_t high,
             std::int64_t fallback, std::size_t lists = 1) const {
    const std::size_t count = lists * (two_ ? 2 : 1);
    const OnnxDims list = node_.integers(name, OnnxDims(count, fallback));
    if (list.size() != count || list[i] < low || list[i] > high) {
      throw InputError(fmt::format("{} = {}; allowed are {} numbers from {} to {}", name,
                                   to_string(list), count, low, high));
    }
    return static_cast<int>(list[i]);
  }

  void set(TransposedAxis& axis, std::size_t i, const OnnxDims& kernel) const {
    const std::size_t count = two_ ? 2 : 1;
    axis.kernel = static_cast<int>(kernel[i]);
    axis.stride = number("strides", i, 1, kMostStride, 1);
    axis.dilation = number("dilations", i, 1, kMost, 1);
    if (axis.dilation > 1 && axis.stride > 1) {
      throw InputError("with dilation is supported with a stride of 1");
    }
    const int more = number("output_padding", i, 0, kMostStride - 1, 0);
    const std::int64_t full = std::int64_t{axis.stride} * (axis.input - 1) + more +
                              std::int64_t{axis.kernel - 1} * axis.dilation + 1;
    const std::string mode = node_.text("auto_pad", "NOTSET");
    std::int64_t output = 0;
    if (node_.has("output_shape") || mode == "SAME_UPPER" || mode == "SAME_LOWER") {
      output = node_.has("output_shape") ? number("output_shape", i, 1, kMost, 1)
                                         : std::int64_t{axis.stride} * axis.input;
      const std::int64_t total = std::max<std::int64_t>(full - output, 0);
      axis.pad = static_cast<int>(mode == "SAME_UPPER" ? total / 2 : total - total / 2);
    } else if (mode == "NOTSET" || mode == "VALID") {
      const bool pads = mode == "NOTSET";
      axis.pad = pads ? number("pads", i, 0, kMost, 0, 2) : 0;
      output = full - axis.pad - (pads ? number("pads", count + i, 0, kMost, 0, 2) : 0);
    } else {
      throw InputError(fmt::format("auto_pad = '{}'", mode));
    }
    if (output < 1 || output > kMost || axis.pad >= axis.reach() + axis.stride) {
      throw InputError(fmt::format("gives {} positions of {}", output, axis.input));
    }
    axis.output = static_cast<int>(output);
  }

  const OnnxNode& node_;
  bool two_;
  std::array<TransposedAxis, 2> axes_;
};

/// Padding of a phase's convolution, before and after; none of them may leave inputs out.
std::pair<int, int> padding_of(const TransposedAxis& axis, const Phases& phases) {
  const int before = (phases.taps - 1) * axis.dilation - phases.shift;
  const int after = axis.positions() - 1 + phases.shift - (axis.input - 1);
  if (before < 0 || after < 0) {
    throw InputError(fmt::format("pads of {} leave out inputs of a kernel of {} with stride {}",
                                 axis.pad, axis.kernel, axis.stride));
  }
  return {before, after};
}

Layer phase_layer(LayerAssembler& assembler, const OnnxNode& node, const Feature& x,
                  const TransposedWindow& window, const Phases& rows, const Phases& cols) {
  Layer layer = assembler.start(node, OpType::kConv2d, x);
  layer.kernel_h = rows.taps;
  layer.kernel_w = cols.taps;
  layer.dilation_h = window.rows().dilation;
  layer.dilation_w = window.cols().dilation;
  std::tie(layer.pad_top, layer.pad_bottom) = padding_of(window.rows(), rows);
  std::tie(layer.pad_left, layer.pad_right) = padding_of(window.cols(), cols);
  layer.output.height = window.rows().positions();
  layer.output.width = window.cols().positions();
  return layer;
}

/// One by one, in their order.
std::vector<Phases> one_by_one(const std::vector<Phases>& phases) {
  std::vector<Phases> all;
  for (const Phases& some : phases) {
    for (int i = 0; i < some.count; ++i) all.push_back({some.first + i, 1, some.taps, some.shift});
  }
  return all;
}

/// The order of `x`, a map, for a tensor of another shape.
AxisLayout as_map(const Feature& x, const TensorShape& shape) {
  return x.layout.is_nchw() ? AxisLayout::nchw(shape) : AxisLayout::ncl(shape);
}

/// Maps of one height and width joined along channels; in several steps if they are more than an
/// accelerator joins at once.
Feature side_by_side(LayerAssembler& assembler, const OnnxNode& node, std::vector<Feature> parts) {
  constexpr std::size_t kMostAtOnce = 8;
  while (parts.size() > 1) {
    std::vector<Feature> joined;
    for (std::size_t first = 0; first < parts.size(); first += kMostAtOnce) {
      const auto some =
          std::span(parts).subspan(first, std::min(kMostAtOnce, parts.size() - first));
      if (some.size() == 1) {
        joined.push_back(some[0]);
        continue;
      }
      Layer layer = assembler.start(node, OpType::kConcat, some[0]);
      layer.inputs.clear();
      layer.output = {layer.input.height, layer.input.width, 0};
      for (const Feature& part : some) {
        layer.inputs.push_back(part.layer);
        layer.output.channels += assembler.shape_of(part).channels;
      }
      const AxisLayout layout = as_map(some[0], layer.output);
      joined.push_back(assembler.add_layer(node, std::move(layer), layout));
    }
    parts = std::move(joined);
  }
  return parts.front();
}

/// What convolutions with the taps of each phase give, as parts of the channels in the order of the
/// phases, row by row.
Feature all_phases(LayerAssembler& assembler, const OnnxNode& node, const Feature& x,
                   const TransposedWindow& window, int channels, int groups) {
  std::vector<Phases> rows = window.rows().phases(), cols = window.cols().phases();
  // Phases share a convolution where its outputs stand in their order.
  if (groups > 1) cols = one_by_one(cols);
  if (groups > 1 || cols.size() > 1) rows = one_by_one(rows);
  std::vector<Feature> parts;
  for (const Phases& row : rows) {
    for (const Phases& col : cols) {
      Layer layer = phase_layer(assembler, node, x, window, row, col);
      layer.groups = groups;
      layer.output.channels = channels * row.count * col.count;
      const AxisLayout layout = as_map(x, layer.output);
      parts.push_back(assembler.add_layer(node, std::move(layer), layout));
    }
  }
  return side_by_side(assembler, node, std::move(parts));
}

void check_transposed_weight(const OnnxNode& node, const OnnxDims& dims, std::int64_t groups,
                             int inputs) {
  const bool fits = groups >= 1 && inputs % std::max<std::int64_t>(groups, 1) == 0 &&
                    dims[0] == inputs && dims[1] >= 1 && dims[1] * groups <= kMost;
  const bool kernel = std::all_of(dims.begin() + 2, dims.end(),
                                  [](std::int64_t size) { return size >= 1 && size <= kMost; });
  const OnnxDims named = node.integers("kernel_shape", OnnxDims(dims.begin() + 2, dims.end()));
  if (fits && kernel && named == OnnxDims(dims.begin() + 2, dims.end())) return;
  throw InputError(fmt::format("a weight of {} and {} groups do not fit {} input channels",
                               to_string(dims), groups, inputs));
}

/// A convolution of the input with each phase of the kernel, and their outputs in turn: as many
/// multiply-accumulates as the definition has, and none with the zeros that another way to write
/// it puts between the inputs.
void convert_conv_transpose(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature x = assembler.feature_input(node, 0);
  if (!x.layout.is_nchw() && !x.layout.is_ncl()) {
    throw InputError(
        fmt::format("reads a tensor of {} whose numbers stand in another order than "
                    "batch, channels, height and width",
                    to_string(x.dims())));
  }
  const TensorShape map = assembler.shape_of(x);
  const OnnxTensor& weights =
      assembler.constant_input(node, 1, x.layout.is_nchw() ? 4 : 3, "the weight");
  const std::int64_t groups = node.integer("group", 1);
  check_transposed_weight(node, weights.dims, groups, map.channels);
  const auto channels = static_cast<int>(weights.dims[1] * groups);
  const bool bias = !node.input(2).empty();
  if (bias && assembler.constant_input(node, 2, 1, "the bias").dims[0] != channels) {
    throw InputError("the bias has not one number for each output channel");
  }
  const TransposedWindow window(node, x, map, {weights.dims.begin() + 2, weights.dims.end()});
  const Feature phases = all_phases(assembler, node, x, window, channels, static_cast<int>(groups));
  Layer& last = assembler.layers().back();
  const bool one = window.rows().stride == 1 && window.cols().stride == 1;
  if (one) {
    last.has_bias = bias;
    return assembler.give_feature(node, phases);
  }
  Layer layer = assembler.start(node, OpType::kReorder, phases);
  layer.reorder.block_rows = layer.reorder.rows.repeat = window.rows().stride;
  layer.reorder.block_cols = layer.reorder.cols.repeat = window.cols().stride;
  layer.has_bias = bias;
  layer.output = {window.rows().output, window.cols().output, channels};
  const AxisLayout layout = as_map(x, layer.output);
  assembler.give_layer(node, std::move(layer), layout);
  assembler.note_transposed();
}

/// Input and block size of DepthToSpace and SpaceToDepth.
std::pair<Feature, int> block_input(const LayerAssembler& assembler, const OnnxNode& node) {
  const Feature& x = assembler.feature_input(node, 0);
  const std::int64_t block = node.integer("blocksize", 0);
  if (!x.layout.is_nchw() || block < 1 || block > kMostBlock) {
    throw InputError(fmt::format(
        "of {} in blocks of {}; supported are 1 to {}, of batch, channels, height and width",
        to_string(x.dims()), block, kMostBlock));
  }
  return {x, static_cast<int>(block)};
}

void convert_depth_to_space(LayerAssembler& assembler, const OnnxNode& node) {
  const auto [x, block] = block_input(assembler, node);
  const std::string mode = node.text("mode", "DCR");
  const TensorShape map = assembler.shape_of(x);
  if (block == 1) return assembler.give_joined(node, 0);
  if ((mode != "DCR" && mode != "CRD") || map.channels % (block * block) != 0) {
    throw InputError(
        fmt::format("mode '{}' of {} channels in blocks of {}; allowed are DCR and "
                    "CRD, and channels in whole blocks",
                    mode, map.channels, block));
  }
  Layer layer = assembler.start(node, OpType::kReorder, x);
  Reorder& reorder = layer.reorder;
  reorder.block_rows = reorder.rows.repeat = reorder.block_cols = reorder.cols.repeat = block;
  reorder.inner = mode == "CRD";
  layer.output = {map.height * block, map.width * block, map.channels / (block * block)};
  const AxisLayout layout = AxisLayout::nchw(layer.output);
  assembler.give_layer(node, std::move(layer), layout);
}

/// Each place in the block as a Slice, and all of them side by side.
void convert_space_to_depth(LayerAssembler& assembler, const OnnxNode& node) {
  const auto [x, block] = block_input(assembler, node);
  const TensorShape map = assembler.shape_of(x);
  if (block == 1) return assembler.give_joined(node, 0);
  if (map.height % block != 0 || map.width % block != 0) {
    throw InputError(fmt::format("{} is not in whole blocks of {}", to_string(x.dims()), block));
  }
  const TensorShape part{map.height / block, map.width / block, map.channels};
  std::vector<Feature> parts;
  for (int i = 0; i < block * block; ++i) {
    Layer layer = assembler.start(node, OpType::kReorder, x);
    layer.reorder.rows = {i / block, block, 1};
    layer.reorder.cols = {i % block, block, 1};
    layer.output = part;
    parts.push_back(assembler.add_layer(node, std::move(layer), AxisLayout::nchw(part)));
  }
  assembler.give_feature(node, side_by_side(assembler, node, std::move(parts)));
}

constexpr std::array kConverters = {
    Converter{"ConvTranspose",
              "conv2d for each phase of the kernel, concat of their outputs, and reorder; one "
              "conv2d with a stride of 1",
              convert_conv_transpose},
    Converter{"DepthToSpace", "reorder", convert_depth_to_space},
    Converter{"SpaceToDepth", "reorder for each place in a block, and concat",
              convert_space_to_depth},
};

}  // namespace

std::span<const Converter> upsampling_converters() {
  return kConverters;
}

}  // namespace dovetail
