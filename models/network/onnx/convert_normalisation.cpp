// What is divided by a sum of many numbers: normalisation of layers, groups and instances, softmax.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "base/text/error.h"
#include "models/network/onnx/constant_folding.h"
#include "models/network/onnx/converters.h"
#include "models/network/onnx/onnx_dims.h"
#include "models/network/onnx/tensor_passes.h"

namespace dovetail {
namespace {

/// A function of each number of a tensor that other layers of the node read.
Feature table_of(LayerAssembler& assembler, const OnnxNode& node, const Feature& x) {
  Layer layer = assembler.start(node, OpType::kActivation, x);
  layer.output = layer.input;
  layer.activation = Activation::kTable;
  return assembler.add_layer(node, std::move(layer), x.layout);
}

using Mean = std::function<Feature(const Feature& x, Activation activation)>;

/// x less its mean, over its deviation: the second mean has the root's reciprocal for a table.
Feature normalised(LayerAssembler& assembler, const OnnxNode& node, const Feature& x,
                   const Mean& mean) {
  const Feature centred = combined(assembler, node, OpType::kAdd, x, mean(x, Activation::kNone));
  const Feature squares = table_of(assembler, node, centred);
  return combined(assembler, node, OpType::kMultiply, centred, mean(squares, Activation::kTable));
}

/// Scale and shift of each channel, the constants `scale` and `shift` of the node's inputs.
void give_scaled(LayerAssembler& assembler, const OnnxNode& node, const Feature& x,
                 std::size_t scale, std::size_t shift) {
  const OnnxTensor* scales = assembler.optional_constant(node, scale);
  const OnnxTensor* shifts = assembler.optional_constant(node, shift);
  if (scales == nullptr && shifts == nullptr) return assembler.give_feature(node, x);
  const int channels = assembler.shape_of(x).channels;
  for (const OnnxTensor* numbers : {scales, shifts}) {
    if (numbers == nullptr || numbers->elements() == channels) continue;
    throw InputError(
        fmt::format("a scale or shift of {}; supported is one number for each of {} "
                    "channels",
                    to_string(numbers->dims), channels));
  }
  Layer layer = assembler.start(node, OpType::kConv2d, x);
  layer.groups = channels;
  layer.has_bias = shifts != nullptr;
  layer.output = layer.input;
  assembler.give_layer(node, std::move(layer), x.layout);
}

void require_no_further_outputs(const LayerAssembler& assembler, const OnnxNode& node) {
  for (std::size_t i = 1; i < node.outputs.size(); ++i) {
    if (assembler.is_read(node.outputs[i])) {
      throw InputError(fmt::format("its output {} ('{}') is not supported", i, node.outputs[i]));
    }
  }
}

void convert_layer_norm(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature x = assembler.feature_input(node, 0);
  require_no_further_outputs(assembler, node);
  const TensorShape shape = assembler.shape_of(x);
  std::vector<bool> reduced(x.layout.rank());
  for (std::size_t i = normal_axis(node.integer("axis", -1), reduced.size()); i < reduced.size();
       ++i) {
    reduced[i] = true;
  }
  const Reduced over = reduced_axes(node, x, shape, reduced);
  const bool rows = over.rows || shape.height == 1, cols = over.cols || shape.width == 1;
  const bool positions = over.rows || over.cols;
  if (!over.channels || (positions && !(rows && cols))) {
    throw InputError(fmt::format(
        "of {} from dimension {} on; supported is over the channels, and over all but the batch",
        to_string(x.dims()), node.integer("axis", -1)));
  }
  const Mean mean = [&](const Feature& of, Activation activation) {
    const Feature rest = positions ? position_mean(assembler, node, of) : of;
    return channel_sum(assembler, node, rest, activation);
  };
  give_scaled(assembler, node, normalised(assembler, node, x, mean), 1, 2);
}

/// The mean of each of `groups` of channels over all positions, once for each of its channels.
Mean group_mean(LayerAssembler& assembler, const OnnxNode& node, int groups) {
  return [&assembler, &node, groups](const Feature& of, Activation activation) {
    const int channels = assembler.shape_of(of).channels;
    if (groups == channels) return position_mean(assembler, node, of, activation);
    const Feature each = position_mean(assembler, node, of);
    const Feature sums = channel_sum(assembler, node, each, activation, groups);
    Layer repeated = assembler.start(node, OpType::kReorder, sums);
    repeated.reorder.channels.repeat = channels / groups;
    repeated.output = {1, 1, channels};
    return assembler.add_layer(node, std::move(repeated), each.layout);
  };
}

/// True if all numbers are known to be this one.
bool are_all(const OnnxTensor* numbers, double wanted) {
  return numbers == nullptr ||
         (numbers->values &&
          std::ranges::all_of(*numbers->values, [&](double number) { return number == wanted; }));
}

/// Of a tensor whose channels a Reshape has cut in groups, which PyTorch writes GroupNorm as.
void give_instances_of_groups(LayerAssembler& assembler, const OnnxNode& node, const Feature& x) {
  if (!are_all(assembler.optional_constant(node, 1), 1) ||
      !are_all(assembler.optional_constant(node, 2), 0)) {
    throw InputError(fmt::format(
        "of {} groups of channels with a scale and shift other than 1 and 0", x.layout.groups()));
  }
  Feature whole = x;
  whole.layout = AxisLayout::nchw(assembler.shape_of(x));
  Feature result =
      normalised(assembler, node, whole, group_mean(assembler, node, x.layout.groups()));
  result.layout = x.layout;
  assembler.give_feature(node, std::move(result));
}

void convert_instance_norm(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature x = assembler.feature_input(node, 0);
  const int channels = assembler.shape_of(x).channels;
  if (x.layout.rank() >= 3 && x.layout.groups() > 1 &&
      x.layout.axes(1) == std::vector{Axis::kGroup}) {
    return give_instances_of_groups(assembler, node, x);
  }
  if (channels > 1 && x.layout.channel_dimension() != 1) {
    throw InputError(fmt::format(
        "reads a tensor of {} whose second dimension is not that of the channels, nor of groups",
        to_string(x.dims())));
  }
  give_scaled(assembler, node,
              normalised(assembler, node, x, group_mean(assembler, node, channels)), 1, 2);
}

void convert_group_norm(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature x = assembler.feature_input(node, 0);
  const int channels = assembler.shape_of(x).channels;
  const std::int64_t groups = node.integer("num_groups", 0);
  if (groups < 1 || groups > channels || channels % groups != 0 ||
      (channels > 1 && x.layout.channel_dimension() != 1)) {
    throw InputError(
        fmt::format("{} groups of a tensor of {}; allowed is what divides its second "
                    "dimension, that of the channels",
                    groups, to_string(x.dims())));
  }
  const Mean mean = group_mean(assembler, node, static_cast<int>(groups));
  give_scaled(assembler, node, normalised(assembler, node, x, mean), 1, 2);
}

/// The channels' dimension as the only one that `axis` stands for.
void require_channels(const OnnxNode& node, const Feature& x, const TensorShape& shape,
                      std::int64_t axis) {
  std::vector<bool> dimensions(x.layout.rank());
  dimensions[normal_axis(axis, dimensions.size())] = true;
  const bool vector = shape.height == 1 && shape.width == 1 && x.layout.is_flat();
  if (vector && dimensions.back()) return;
  const bool whole = x.layout.channel_dimension() && dimensions[*x.layout.channel_dimension()] &&
                     x.layout.groups() == 1;
  if (whole) return;
  throw InputError(fmt::format("{} of {} over dimension {}; supported is over the channels",
                               node.op, to_string(x.dims()), axis));
}

/// The squares of the neighbours are summed up by a matrix that has a band of ones, as channels
/// meet nowhere but in the multiply-accumulate units.
void convert_response_norm(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature x = assembler.feature_input(node, 0);
  require_channels(node, x, assembler.shape_of(x), 1);
  const Feature squares = table_of(assembler, node, x);
  Layer band = assembler.start(node, OpType::kConv2d, squares);
  band.output = band.input;
  band.weights_of = kFixedWeights;
  band.activation = Activation::kTable;
  const Feature factors = assembler.add_layer(node, std::move(band), x.layout);
  assembler.give_feature(node, combined(assembler, node, OpType::kMultiply, x, factors));
}

void convert_lp_norm(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature x = assembler.feature_input(node, 0);
  require_channels(node, x, assembler.shape_of(x), node.integer("axis", -1));
  const Feature powers = table_of(assembler, node, x);
  const Feature factors = channel_sum(assembler, node, powers, Activation::kTable);
  assembler.give_feature(node, combined(assembler, node, OpType::kMultiply, x, factors));
}

/// A table of powers of e, which their sum's reciprocal is multiplied with. That no number is
/// above the largest of int8 is known, so none is looked for.
void convert_softmax(LayerAssembler& assembler, const OnnxNode& node) {
  const Feature x = assembler.feature_input(node, 0);
  if (std::ranges::all_of(node.outputs,
                          [&](const std::string& name) { return assembler.is_last(name); })) {
    return assembler.give_feature(node, x);  // left to the host
  }
  constexpr int kOneDimension = 13;  // before, all dimensions from the axis on are meant
  const bool all = assembler.graph().opset() < kOneDimension;
  const std::int64_t axis = node.integer("axis", all ? 1 : -1);
  const TensorShape shape = assembler.shape_of(x);
  const std::size_t at = normal_axis(axis, x.layout.rank());
  for (std::size_t i = at + 1; all && i < x.layout.rank(); ++i) {
    if (x.dims()[i] == 1) continue;
    throw InputError(fmt::format("of {} from dimension {} on is supported at the end of a network",
                                 to_string(x.dims()), axis));
  }
  require_channels(node, x, shape, axis);
  const Feature powers = activated(assembler, node, Activation::kTable);
  const Feature factors = channel_sum(assembler, node, powers, Activation::kTable);
  assembler.give_feature(node, combined(assembler, node, OpType::kMultiply, powers, factors));
}

constexpr std::string_view kNormalised =
    "two means, add, activation table, multiply, and depthwise 1x1 conv2d for scale and shift";

constexpr std::array kConverters = {
    Converter{"GroupNormalization", "as InstanceNormalization, with a mean for each group",
              convert_group_norm},
    Converter{"InstanceNormalization", kNormalised, convert_instance_norm},
    Converter{"LRN", "activation table, 1x1 conv2d without parameters, and multiply",
              convert_response_norm},
    Converter{"LayerNormalization", kNormalised, convert_layer_norm},
    Converter{"LpNormalization", "activation table, sum of channels, and multiply",
              convert_lp_norm},
    Converter{"Softmax",
              "nothing at the end, where it is left to the host; inside, over channels, activation "
              "table, sum of channels, and multiply",
              convert_softmax},
};

}  // namespace

std::span<const Converter> normalisation_converters() {
  return kConverters;
}

}  // namespace dovetail
