// Convolution and pooling.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "base/text/error.h"
#include "models/network/onnx/constant_folding.h"
#include "models/network/onnx/converters.h"
#include "models/network/onnx/onnx_dims.h"
#include "models/network/onnx/tensor_passes.h"

namespace dovetail {
namespace {

constexpr std::int64_t kMost = 65536;  // of kernel, stride, dilation and padding

/// The axes that a window slides along: one or both of height and width, as the tensor has them.
class WindowAxes {
 public:
  explicit WindowAxes(const AxisLayout& layout) : both_(layout.is_nchw()) {
    if (!both_) height_ = layout.position_dimension(Axis::kHeight).has_value();
  }

  std::size_t count() const { return both_ ? 2 : 1; }
  /// Height and width of numbers that stand for these axes.
  std::array<int, 2> of(const std::vector<int>& numbers, int other) const {
    if (both_) return {numbers[0], numbers[1]};
    return height_ ? std::array{numbers[0], other} : std::array{other, numbers[0]};
  }

 private:
  bool both_ = true, height_ = true;
};

/// A list attribute of `count` numbers from `low` to kMost.
std::vector<int> numbers(const OnnxNode& node, std::string_view name, std::size_t count,
                         std::int64_t low, std::int64_t fallback) {
  const OnnxDims list = node.integers(name, OnnxDims(count, fallback));
  const bool good = list.size() == count && std::ranges::all_of(list, [&](std::int64_t number) {
                      return number >= low && number <= kMost;
                    });
  if (!good) {
    throw InputError(fmt::format("{} = {}; allowed are {} numbers from {} to {}", name,
                                 to_string(list), count, low, kMost));
  }
  return {list.begin(), list.end()};
}

/// A list attribute of a number for each axis, as height and width.
std::array<int, 2> axis_numbers(const OnnxNode& node, std::string_view name,
                                const WindowAxes& axes) {
  return axes.of(numbers(node, name, axes.count(), 1, 1), 1);
}

/// Padding before and after, each as height and width.
std::array<std::array<int, 2>, 2> padding(const OnnxNode& node, const WindowAxes& axes) {
  const std::vector<int> all = numbers(node, "pads", 2 * axes.count(), 0, 0);
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(axes.count());
  return {axes.of({all.begin(), middle}, 0), axes.of({middle, all.end()}, 0)};
}

struct Span {
  int before, after, output;
};

/// Padding and output size along one axis, by auto_pad or the given padding; `pad` has been added
/// by a Pad node before.
Span window_span(const OnnxNode& node, std::int64_t size, std::int64_t reach, std::int64_t stride,
                 std::pair<int, int> given, std::pair<int, int> pad) {
  const std::string mode = node.text("auto_pad", "NOTSET");
  const std::int64_t padded = size + pad.first + pad.second;
  std::int64_t before = 0, after = 0;
  if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    const std::int64_t output = (padded + stride - 1) / stride;
    const std::int64_t total = std::max<std::int64_t>((output - 1) * stride + reach - padded, 0);
    before = mode == "SAME_UPPER" ? total / 2 : total - total / 2;
    after = total - before;
  } else if (mode == "NOTSET" || mode == "VALID") {
    if (mode == "NOTSET") std::tie(before, after) = given;
  } else {
    throw InputError(
        fmt::format("auto_pad = '{}'; allowed are NOTSET, SAME_UPPER, SAME_LOWER and VALID", mode));
  }
  const std::int64_t room = padded + before + after - reach;
  if (room < 0 || reach > 2 * kMost) {
    throw InputError(fmt::format("a window of {} does not fit {} and padding", reach, size));
  }
  std::int64_t output = room / stride + 1;
  if (node.integer("ceil_mode", 0) != 0 && room % stride != 0) {
    if (output * stride >= padded + before) {
      throw InputError(
          "ceil_mode leaves a window that lies in the padding, which runtimes disagree on");
    }
    after += (output * stride + reach) - (padded + before + after);
    ++output;
  }
  return {static_cast<int>(pad.first + before), static_cast<int>(pad.second + after),
          static_cast<int>(output)};
}

/// Fills window, padding and output size of a layer that slides a window over `x`.
void set_window(const OnnxNode& node, const Feature& x, std::array<int, 2> kernel, int channels,
                Layer& layer) {
  const WindowAxes axes(x.layout);
  const auto strides = axis_numbers(node, "strides", axes);
  const auto dilations = axis_numbers(node, "dilations", axes);
  const auto [before, after] = padding(node, axes);
  const auto reach = [&](std::size_t i) {
    return std::int64_t{dilations[i]} * (kernel[i] - 1) + 1;
  };
  const Span rows = window_span(node, layer.input.height, reach(0), strides[0],
                                {before[0], after[0]}, {x.pad.top, x.pad.bottom});
  const Span columns = window_span(node, layer.input.width, reach(1), strides[1],
                                   {before[1], after[1]}, {x.pad.left, x.pad.right});
  layer.kernel_h = kernel[0];
  layer.kernel_w = kernel[1];
  layer.stride_h = strides[0];
  layer.stride_w = strides[1];
  layer.dilation_h = dilations[0];
  layer.dilation_w = dilations[1];
  layer.pad_top = rows.before;
  layer.pad_bottom = rows.after;
  layer.pad_left = columns.before;
  layer.pad_right = columns.after;
  layer.output = {rows.output, columns.output, channels};
}

/// The order of `x` for a tensor of another shape.
AxisLayout like(const Feature& x, const TensorShape& shape) {
  return x.layout.is_nchw() ? AxisLayout::nchw(shape) : AxisLayout::ncl(shape);
}

const Feature& map_input(const LayerAssembler& assembler, const OnnxNode& node) {
  const Feature& x = assembler.feature_input(node, 0, true);
  if (!x.layout.is_nchw() && !x.layout.is_ncl()) {
    throw InputError(fmt::format(
        "reads a tensor of {} as batch, channels, height and width (or one of the two), but its "
        "numbers stand in another order: what gives it makes channels of positions, or positions "
        "of channels",
        to_string(x.dims())));
  }
  return x;
}

/// Checks a convolution's weight of outputs, inputs of a group, and the kernel's sizes.
void check_weight(const OnnxNode& node, const OnnxDims& dims, std::int64_t groups, int inputs) {
  if (groups < 1 || groups > inputs || dims[1] * groups != inputs || dims[0] < 1 ||
      dims[0] % groups != 0) {
    throw InputError(fmt::format("a weight of {} and {} groups do not fit {} input channels",
                                 to_string(dims), groups, inputs));
  }
  const OnnxDims kernel(dims.begin() + 2, dims.end());
  if (dims[0] > kMost ||
      std::ranges::any_of(kernel, [](std::int64_t size) { return size < 1 || size > kMost; })) {
    throw InputError(
        fmt::format("a weight of {}; allowed are sizes from 1 to {}", to_string(dims), kMost));
  }
  const OnnxDims named = node.integers("kernel_shape", kernel);
  if (named != kernel) {
    throw InputError(
        fmt::format("kernel_shape is {}, the weight {}", to_string(named), to_string(dims)));
  }
}

void convert_conv(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature x = map_input(assembler, node);
  const WindowAxes axes(x.layout);
  const OnnxTensor& weights = assembler.constant_input(node, 1, 2 + axes.count(), "the weight");
  Layer layer = assembler.start(node, OpType::kConv2d, x);
  const std::int64_t groups = node.integer("group", 1);
  const OnnxDims& dims = weights.dims;
  check_weight(node, dims, groups, layer.input.channels);
  if (!node.input(2).empty() &&
      assembler.constant_input(node, 2, 1, "the bias").dims[0] != dims[0]) {
    throw InputError("the bias has not one number for each output channel");
  }
  layer.groups = static_cast<int>(groups);
  LayerAssembler::set_bias(node, !node.input(2).empty(), layer);
  set_window(node, x, axes.of({dims.begin() + 2, dims.end()}, 1), static_cast<int>(dims[0]), layer);
  assembler.take_weights(weights, layer);
  const AxisLayout layout = like(x, layer.output);
  assembler.give_layer(node, std::move(layer), layout);
  assembler.keep(NumberStep::Kind::kWeight, {node.input(1)});
  if (!node.input(2).empty()) assembler.keep(NumberStep::Kind::kAdd, {node.input(2)});
}

void give_global_average(LayerAssembler& assembler, const OnnxNode& node, const Feature& x,
                         const AxisLayout& layout) {
  Layer layer = assembler.start(node, OpType::kGlobalAveragePool, x);
  layer.output = {1, 1, layer.input.channels};
  assembler.give_layer(node, std::move(layer), layout);
}

/// No padding by the node or one before it.
bool is_unpadded(const OnnxNode& node, const Feature& x) {
  const std::string mode = node.text("auto_pad", "NOTSET");
  const std::array<int, 2> none = {0, 0};
  return x.pad == OnnxPadding{} && mode != "SAME_UPPER" && mode != "SAME_LOWER" &&
         padding(node, WindowAxes(x.layout)) == std::array{none, none};
}

void convert_pool(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature x = map_input(assembler, node);
  const WindowAxes axes(x.layout);
  const bool average = node.op == "AveragePool";
  if (!node.has("kernel_shape")) throw InputError("has no kernel_shape");
  for (std::size_t i = 1; i < node.outputs.size(); ++i) {
    if (assembler.is_read(node.outputs[i])) throw InputError("gives the places of the maxima");
  }
  const auto kernel = axis_numbers(node, "kernel_shape", axes);
  const TensorShape& map = assembler.shape_of(x);
  if (LayerNote::parse(node.doc).layer.empty() && is_unpadded(node, x)) {
    const std::array<int, 2> one = {1, 1};  // of an adaptive pool to the size that there is
    if (kernel == one && axis_numbers(node, "strides", axes) == one) {
      return assembler.give_joined(node, 0);
    }
    if (average && kernel == std::array{map.height, map.width}) {
      return give_global_average(assembler, node, x, x.layout.pooled());
    }
  }
  const bool counts_padding = average && node.integer("count_include_pad", 0) != 0;
  if (x.pad != OnnxPadding{} || (counts_padding && !is_unpadded(node, x))) {
    assembler.lose(node, "its padding counts, and is left out here");
  }
  Layer layer = assembler.start(node, average ? OpType::kAveragePool : OpType::kMaxPool, x);
  set_window(node, x, kernel, layer.input.channels, layer);
  const AxisLayout layout = like(x, layer.output);
  assembler.give_layer(node, std::move(layer), layout);
}

/// A pool whose window is all rows, all columns or both, without attributes of its own.
void give_whole_pool(LayerAssembler& assembler, const OnnxNode& node, OpType op, const Feature& x,
                     bool rows, bool cols, const AxisLayout& layout) {
  Layer layer = assembler.start(node, op, x);
  layer.kernel_h = rows ? layer.input.height : 1;
  layer.kernel_w = cols ? layer.input.width : 1;
  layer.output = {rows ? 1 : layer.input.height, cols ? 1 : layer.input.width,
                  layer.input.channels};
  assembler.give_layer(node, std::move(layer), layout);
}

void convert_global_max_pool(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature x = assembler.feature_input(node, 0);
  map_input(assembler, node);
  give_whole_pool(assembler, node, OpType::kMaxPool, x, true, true, x.layout.pooled());
}

void convert_global_average_pool(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature x = assembler.feature_input(node, 0);
  map_input(assembler, node);
  give_global_average(assembler, node, x, x.layout.pooled());
}

/// Over the channels, and before that over all positions if they go, too.
void give_channel_sum(LayerAssembler& assembler, const OnnxNode& node, Feature x,
                      const Reduced& over, const std::vector<bool>& reduced) {
  const TensorShape shape = assembler.shape_of(x);
  const bool rows = over.rows || shape.height == 1, cols = over.cols || shape.width == 1;
  const bool positions = over.rows || over.cols;
  if (node.op == "ReduceMax" || (positions && !(rows && cols))) {
    throw InputError(fmt::format("{} of {} over channels{}", node.op, to_string(x.dims()),
                                 node.op == "ReduceMax" ? "" : " and some of the positions"));
  }
  if (positions) x = position_mean(assembler, node, x);
  Feature sum = channel_sum(assembler, node, x);
  sum.layout =
      sum.layout
          .reshaped(without_reduced(sum.layout.dims(), reduced, node.integer("keepdims", 1) != 0))
          .value();
  assembler.give_feature(node, std::move(sum));
}

/// The mean over one of height and width is an average pool; over the other after it, or over both,
/// a global one. A sum is a mean with another scale.
void convert_reduction(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature x = assembler.feature_input(node, 0);
  const OnnxDims axes = integers_of(node, "axes", assembler.optional_constant(node, 1));
  const std::vector<bool> reduced = reduced_dimensions(node, axes, x.layout.rank());
  const TensorShape shape = assembler.shape_of(x);
  const Reduced over = reduced_axes(node, x, shape, reduced);
  if (over.channels) return give_channel_sum(assembler, node, x, over, reduced);
  AxisLayout layout = x.layout.pooled(over.rows, over.cols);
  layout =
      layout.reshaped(without_reduced(layout.dims(), reduced, node.integer("keepdims", 1) != 0))
          .value();
  const bool all = over.rows && over.cols;
  if (node.op == "ReduceMax") {
    return give_whole_pool(assembler, node, OpType::kMaxPool, x, over.rows, over.cols, layout);
  }
  Layer* before = assembler.joinable(node, 0);
  if (all && before != nullptr && assembler.is_half_mean(x.layer)) {
    assembler.rename(node, *before);
    before->op = OpType::kGlobalAveragePool;
    before->kernel_h = before->kernel_w = 1;
    before->output = {1, 1, before->input.channels};
    Feature both = x;
    both.layout = layout;
    return assembler.give_feature(node, std::move(both));
  }
  if (all) return give_global_average(assembler, node, x, layout);
  give_whole_pool(assembler, node, OpType::kAveragePool, x, over.rows, over.cols, layout);
  assembler.note_half_mean();
}

constexpr std::array kConverters = {
    Converter{
        "AveragePool",
        "average_pool; global_average_pool where the window is the whole map; nothing where it "
        "is 1x1",
        convert_pool},
    Converter{"Conv",
              "conv2d, or a squeeze-and-excite block's fully_connected; grouped, dilated, any "
              "padding, one or two dimensions",
              convert_conv},
    Converter{"GlobalAveragePool", "global_average_pool", convert_global_average_pool},
    Converter{"GlobalMaxPool", "max_pool with a window of the whole map", convert_global_max_pool},
    Converter{"MaxPool", "max_pool; nothing where the window is 1x1", convert_pool},
    Converter{"ReduceMax", "max_pool with a window of all rows, all columns or both",
              convert_reduction},
    Converter{"ReduceMean",
              "global_average_pool over height and width, also one after the other; average_pool "
              "over one of them; over channels a 1x1 conv2d without parameters",
              convert_reduction},
    Converter{"ReduceSum", "as ReduceMean, with another scale", convert_reduction},
};

}  // namespace

std::span<const Converter> window_converters() {
  return kConverters;
}

}  // namespace dovetail
