#include "models/network/layers/operators.h"

#include <fmt/core.h>

#include <array>
#include <limits>

#include "base/text/error.h"

namespace dovetail {
namespace {

using Shapes = std::span<const TensorShape>;

constexpr int kAny = std::numeric_limits<int>::max();

std::string text(const TensorShape& shape) {
  return fmt::format("{}x{}x{}", shape.height, shape.width, shape.channels);
}

// ---- work ----

template <WorkKind kKind>
WorkKind always(const Layer&) {
  return kKind;
}

WorkKind convolution_work(const Layer& layer) {
  return layer.is_depthwise() ? WorkKind::kDepthwise : WorkKind::kDense;
}

/// Where channels stay, a PE that has some of the output needs just those of the input.
WorkKind reorder_work(const Layer& layer) {
  const bool stay = layer.reorder.channels == AxisPick{} && layer.groups == 1 &&
                    layer.input.channels == layer.output.channels;
  return stay ? WorkKind::kElementwise : WorkKind::kGather;
}

// ---- multiply-accumulates of one output ----

std::int64_t none(const Layer&) {
  return 0;
}

std::int64_t window_products(const Layer& layer) {
  return product_of({layer.kernel_h, layer.kernel_w, layer.input.channels / layer.groups});
}

std::int64_t vector_products(const Layer& layer) {
  return product_of({layer.input.height, layer.input.width, layer.input.channels});
}

std::int64_t row_products(const Layer& layer) {
  return layer.input.channels;
}

// ---- output shapes ----

int window_output(int size, int kernel, int stride, int dilation, int padding) {
  const int reach = dilation * (kernel - 1) + 1;
  return size + padding < reach ? 0 : (size + padding - reach) / stride + 1;
}

/// Of a layer that slides a window.
TensorShape window_shape(const Layer& layer, int channels) {
  if (layer.kernel_h < 1 || layer.kernel_w < 1 || layer.stride_h < 1 || layer.stride_w < 1 ||
      layer.dilation_h < 1 || layer.dilation_w < 1) {
    throw InputError("kernel, stride and dilation must be at least 1");
  }
  if (layer.pad_top < 0 || layer.pad_left < 0 || layer.pad_bottom < 0 || layer.pad_right < 0) {
    throw InputError("padding must not be negative");
  }
  return {window_output(layer.input.height, layer.kernel_h, layer.stride_h, layer.dilation_h,
                        layer.pad_top + layer.pad_bottom),
          window_output(layer.input.width, layer.kernel_w, layer.stride_w, layer.dilation_w,
                        layer.pad_left + layer.pad_right),
          channels};
}

TensorShape convolution_output(const Layer& layer, Shapes) {
  const TensorShape shape = window_shape(layer, layer.output.channels);
  if (layer.groups < 1 || layer.input.channels % layer.groups != 0 ||
      layer.output.channels % layer.groups != 0) {
    throw InputError(fmt::format("{} groups do not divide {} input and {} output channels",
                                 layer.groups, layer.input.channels, layer.output.channels));
  }
  return shape;
}

TensorShape pool_output(const Layer& layer, Shapes) {
  return window_shape(layer, layer.input.channels);
}

TensorShape vector_output(const Layer& layer, Shapes) {
  return {1, 1, layer.output.channels};
}

TensorShape global_pool_output(const Layer& layer, Shapes) {
  return {1, 1, layer.input.channels};
}

TensorShape activation_output(const Layer& layer, Shapes) {
  if (layer.activation == Activation::kNone) throw InputError("has no activation");
  return layer.input;
}

void require_fit(const Layer& layer, const TensorShape& second, bool fits) {
  if (fits) return;
  throw InputError(fmt::format("second input is {}, does not fit the first, {}", text(second),
                               text(layer.input)));
}

TensorShape paired_output(const Layer& layer, Shapes inputs) {
  const bool gate = inputs[1] == TensorShape{1, 1, layer.input.channels};
  require_fit(layer, inputs[1], gate || inputs[1] == layer.input);
  return layer.input;
}

TensorShape joined_output(const Layer& layer, Shapes inputs) {
  std::int64_t channels = 0;
  for (const TensorShape& shape : inputs) {
    if (shape.height != layer.input.height || shape.width != layer.input.width) {
      throw InputError(
          fmt::format("joins {} and {}: height and width differ", text(layer.input), text(shape)));
    }
    channels += shape.channels;
  }
  if (channels > std::numeric_limits<int>::max()) throw InputError("too many channels");
  return {layer.input.height, layer.input.width, static_cast<int>(channels)};
}

TensorShape matrix_output(const Layer& layer, Shapes inputs) {
  const TensorShape& second = inputs[1];
  if (std::int64_t{second.height} * second.width != layer.input.channels) {
    throw InputError(
        fmt::format("second input is {}, needs {} positions, one for each channel of the first",
                    text(second), layer.input.channels));
  }
  return {layer.input.height, layer.input.width, second.channels};
}

void require_within(const AxisPick& pick, int outputs, int inputs, const char* axis) {
  if (pick.first < 0 || pick.step < 1 || pick.repeat < 1) {
    throw InputError(
        fmt::format("{}: first must not be negative, step and repeat at least 1", axis));
  }
  if (outputs >= 1 &&
      std::int64_t{pick.first} + (outputs - 1) / pick.repeat * std::int64_t{pick.step} >= inputs) {
    throw InputError(
        fmt::format("takes {} that its input has not: {} of {}", axis, outputs, inputs));
  }
}

TensorShape reordered_output(const Layer& layer, Shapes) {
  if (layer.groups < 1 || layer.output.channels % layer.groups != 0) {
    throw InputError(
        fmt::format("{} groups do not divide {} channels", layer.groups, layer.output.channels));
  }
  const Reorder& reorder = layer.reorder;
  if (reorder.block_rows < 1 || reorder.block_cols < 1 ||
      (reorder.block() > 1 &&
       (reorder.rows != AxisPick{0, 1, reorder.block_rows} ||
        reorder.cols != AxisPick{0, 1, reorder.block_cols} || reorder.channels != AxisPick{} ||
        layer.groups != 1 ||
        std::int64_t{layer.output.channels} * reorder.block() != layer.input.channels))) {
    throw InputError(fmt::format("cannot make blocks of {}x{} positions of {} channels",
                                 reorder.block_rows, reorder.block_cols, layer.input.channels));
  }
  require_within(layer.reorder.rows, layer.output.height, layer.input.height, "rows");
  require_within(layer.reorder.cols, layer.output.width, layer.input.width, "columns");
  require_within(layer.reorder.channels, layer.output.channels, layer.input.channels, "channels");
  return layer.output;
}

// ---- the table ----

constexpr auto kDense = always<WorkKind::kDense>;
constexpr auto kDepthwise = always<WorkKind::kDepthwise>;
constexpr auto kElementwise = always<WorkKind::kElementwise>;
constexpr auto kGlobalPool = always<WorkKind::kGlobalPool>;
using Further = FurtherInputs;

// Operator, name, inputs, further inputs; has weights, flattens; work, products, output.
constexpr std::array<OperatorRules, 11> kOperators = {{
    {OpType::kConv2d, "conv2d", 1, 1, Further::kNone,  //
     true, false, convolution_work, window_products, convolution_output},
    {OpType::kFullyConnected, "fully_connected", 1, 1, Further::kNone,  //
     true, true, kDense, vector_products, vector_output},
    {OpType::kAveragePool, "average_pool", 1, 1, Further::kNone,  //
     false, false, kDepthwise, none, pool_output},
    {OpType::kMaxPool, "max_pool", 1, 1, Further::kNone,  //
     false, false, kDepthwise, none, pool_output},
    {OpType::kGlobalAveragePool, "global_average_pool", 1, 1, Further::kNone,  //
     false, false, kGlobalPool, none, global_pool_output},
    {OpType::kAdd, "add", 2, 2, Further::kAlikeOrGate,  //
     false, false, kElementwise, none, paired_output},
    {OpType::kMultiply, "multiply", 2, 2, Further::kAlikeOrGate,  //
     false, false, kElementwise, none, paired_output},
    {OpType::kActivation, "activation", 1, 1, Further::kNone,  //
     false, false, kElementwise, none, activation_output},
    {OpType::kConcat, "concat", 2, kAny, Further::kJoined,  //
     false, false, kElementwise, none, joined_output},
    {OpType::kMatMul, "matmul", 2, 2, Further::kAsWeights,  //
     false, false, kDense, row_products, matrix_output},
    {OpType::kReorder, "reorder", 1, 1, Further::kNone,  //
     false, false, reorder_work, none, reordered_output},
}};
static_assert(in_order_of_enumeration(kOperators, &OperatorRules::op));

}  // namespace

ChannelRange channels_read(const Layer& layer) {
  if (layer.reorder.block() > 1) return {0, layer.input.channels};
  const AxisPick& channels = layer.reorder.channels;
  return {channels.first, channels.input_of(layer.output.channels - 1) - channels.first + 1};
}

std::span<const OperatorRules> operators() {
  return kOperators;
}

const OperatorRules& rules_of(OpType op) {
  return kOperators.at(static_cast<std::size_t>(op));
}

std::int64_t product_of(std::initializer_list<std::int64_t> factors) {
  std::int64_t product = 1;
  bool overflow = false;
  for (const std::int64_t factor : factors) {
    if (factor == 0) return 0;
    overflow = __builtin_mul_overflow(product, factor, &product) || overflow;
  }
  return overflow ? std::numeric_limits<std::int64_t>::max() : product;
}

}  // namespace dovetail
