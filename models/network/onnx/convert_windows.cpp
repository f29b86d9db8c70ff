// Convolution and pooling.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "base/text/error.h"
#include "models/network/onnx/constant_folding.h"
#include "models/network/onnx/converters.h"
#include "models/network/onnx/onnx_dims.h"

namespace dovetail {
namespace {

constexpr std::int64_t kMost = 65536;  // of kernel, stride, dilation and padding

/// A list attribute of `count` numbers from `low` to kMost.
std::vector<int> numbers(const OnnxNode& node, std::string_view name, std::size_t count,
                         std::int64_t low, std::int64_t fallback) {
  const OnnxDims list = node.integers(name, OnnxDims(count, fallback));
  const bool good = list.size() == count && std::ranges::all_of(list, [&](std::int64_t number) {
                      return number >= low && number <= kMost;
                    });
  if (!good) {
    throw InputError(fmt::format("{} = {}; allowed are {} numbers from {} to {} (two dimensions)",
                                 name, to_string(list), count, low, kMost));
  }
  return {list.begin(), list.end()};
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
void set_window(const OnnxNode& node, const Feature& x, std::vector<int> kernel, int channels,
                Layer& layer) {
  const std::vector<int> strides = numbers(node, "strides", 2, 1, 1);
  const std::vector<int> dilations = numbers(node, "dilations", 2, 1, 1);
  const std::vector<int> pads = numbers(node, "pads", 4, 0, 0);
  const auto reach = [&](std::size_t i) {
    return std::int64_t{dilations[i]} * (kernel[i] - 1) + 1;
  };
  const Span rows = window_span(node, layer.input.height, reach(0), strides[0], {pads[0], pads[2]},
                                {x.pad.top, x.pad.bottom});
  const Span columns = window_span(node, layer.input.width, reach(1), strides[1],
                                   {pads[1], pads[3]}, {x.pad.left, x.pad.right});
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

const Feature& map_input(const LayerAssembler& assembler, const OnnxNode& node) {
  const Feature& x = assembler.feature_input(node, 0, true);
  if (!x.layout.is_nchw()) {
    throw InputError(fmt::format(
        "reads a tensor of {} whose dimensions are not batch, channels, height and width",
        to_string(x.dims())));
  }
  return x;
}

void convert_conv(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature& x = map_input(assembler, node);
  const OnnxTensor& weights = assembler.constant_input(node, 1, 4, "the weight");
  Layer layer = assembler.start(node, OpType::kConv2d, x);
  const std::int64_t groups = node.integer("group", 1);
  const OnnxDims& dims = weights.dims;  // outputs, inputs of a group, height, width
  if (groups < 1 || groups > layer.input.channels || dims[1] * groups != layer.input.channels ||
      dims[0] < 1 || dims[0] % groups != 0) {
    throw InputError(fmt::format("a weight of {} and {} groups do not fit {} input channels",
                                 to_string(dims), groups, layer.input.channels));
  }
  if (dims[0] > kMost || std::min(dims[2], dims[3]) < 1 || std::max(dims[2], dims[3]) > kMost) {
    throw InputError(
        fmt::format("a weight of {}; allowed are sizes from 1 to {}", to_string(dims), kMost));
  }
  const OnnxDims kernel = node.integers("kernel_shape", {dims[2], dims[3]});
  if (kernel != OnnxDims{dims[2], dims[3]}) {
    throw InputError(
        fmt::format("kernel_shape is {}, the weight {}", to_string(kernel), to_string(dims)));
  }
  if (!node.input(2).empty() &&
      assembler.constant_input(node, 2, 1, "the bias").dims[0] != dims[0]) {
    throw InputError("the bias has not one number for each output channel");
  }
  layer.groups = static_cast<int>(groups);
  layer.has_bias = !node.input(2).empty();
  set_window(node, x, {static_cast<int>(kernel[0]), static_cast<int>(kernel[1])},
             static_cast<int>(dims[0]), layer);
  const AxisLayout layout = AxisLayout::nchw(layer.output);
  assembler.give_layer(node, std::move(layer), layout);
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
  return x.pad == OnnxPadding{} && mode != "SAME_UPPER" && mode != "SAME_LOWER" &&
         numbers(node, "pads", 4, 0, 0) == std::vector<int>(4, 0);
}

void convert_pool(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature& x = map_input(assembler, node);
  const bool average = node.op == "AveragePool";
  if (!node.has("kernel_shape")) throw InputError("has no kernel_shape");
  const std::vector<int> kernel = numbers(node, "kernel_shape", 2, 1, 1);
  const TensorShape& map = assembler.shape_of(x);
  if (LayerNote::parse(node.doc).layer.empty() && is_unpadded(node, x)) {
    const std::vector<int> one = {1, 1};  // of an adaptive pool to the size that there is
    if (kernel == one && numbers(node, "strides", 2, 1, 1) == one) {
      return assembler.give_joined(node, 0);
    }
    if (average && kernel == std::vector{map.height, map.width}) {
      return give_global_average(assembler, node, x, x.layout.pooled());
    }
  }
  Layer layer = assembler.start(node, average ? OpType::kAveragePool : OpType::kMaxPool, x);
  set_window(node, x, kernel, layer.input.channels, layer);
  const AxisLayout layout = AxisLayout::nchw(layer.output);
  assembler.give_layer(node, std::move(layer), layout);
}

void convert_global_max_pool(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature& x = assembler.feature_input(node, 0);
  map_input(assembler, node);
  Layer layer = assembler.start(node, OpType::kMaxPool, x);
  set_window(node, x, {layer.input.height, layer.input.width}, layer.input.channels, layer);
  const AxisLayout layout = AxisLayout::nchw(layer.output);
  assembler.give_layer(node, std::move(layer), layout);
}

void convert_global_average_pool(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature& x = assembler.feature_input(node, 0);
  map_input(assembler, node);
  give_global_average(assembler, node, x, x.layout.pooled());
}

void convert_reduce_mean(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature& x = assembler.feature_input(node, 0);
  OnnxDims axes = integers_of(node, "axes", assembler.optional_constant(node, 1));
  std::vector<bool> reduced(x.layout.rank());
  for (const std::int64_t axis : axes) reduced[normal_axis(axis, reduced.size())] = true;
  OnnxDims kept;
  bool positions_only = !axes.empty(), all_positions = true;
  for (std::size_t i = 0; i < reduced.size(); ++i) {
    for (const Axis axis : x.layout.axes(i)) {
      if (axis == Axis::kChannel && reduced[i]) positions_only = false;
      if (axis != Axis::kChannel && !reduced[i]) all_positions = false;
    }
    if (!reduced[i]) kept.push_back(x.layout.dims()[i]);
  }
  if (!positions_only || !all_positions || reduced[0]) {
    throw InputError(fmt::format("axes {} of {}; supported is the mean over height and width",
                                 to_string(axes), to_string(x.dims())));
  }
  AxisLayout layout = x.layout.pooled();
  if (node.integer("keepdims", 1) == 0) layout = layout.reshaped(kept).value();
  give_global_average(assembler, node, x, layout);
}

constexpr std::array kConverters = {
    Converter{
        "AveragePool",
        "average_pool; global_average_pool where the window is the whole map; nothing where it "
        "is 1x1",
        convert_pool},
    Converter{"Conv",
              "conv2d, or a squeeze-and-excite block's fully_connected; grouped, dilated, any "
              "padding, two dimensions",
              convert_conv},
    Converter{"GlobalAveragePool", "global_average_pool", convert_global_average_pool},
    Converter{"GlobalMaxPool", "max_pool with a window of the whole map", convert_global_max_pool},
    Converter{"MaxPool", "max_pool; nothing where the window is 1x1", convert_pool},
    Converter{"ReduceMean", "global_average_pool; over height and width only", convert_reduce_mean},
};

}  // namespace

std::span<const Converter> window_converters() {
  return kConverters;
}

}  // namespace dovetail
