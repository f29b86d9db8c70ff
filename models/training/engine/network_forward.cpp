#include "models/training/engine/network_forward.h"

#include <limits>
#include <stdexcept>

namespace dovetail {
namespace {

/// For operators that pad both sides alike: pads what is more on one side, and says what is left.
at::Tensor padded(const Layer& layer, const at::Tensor& images, double value,
                  std::vector<std::int64_t>& rest) {
  if (layer.pad_top == layer.pad_bottom && layer.pad_left == layer.pad_right) {
    rest = {layer.pad_top, layer.pad_left};
    return images;
  }
  rest = {0, 0};
  return at::constant_pad_nd(
      images, {layer.pad_left, layer.pad_right, layer.pad_top, layer.pad_bottom}, value);
}

at::Tensor convolution(const Layer& layer, const at::Tensor& images, const at::Tensor& weight,
                       const at::Tensor& bias) {
  std::vector<std::int64_t> padding;
  const at::Tensor in = padded(layer, images, 0, padding);
  return at::conv2d(in, weight, bias, {layer.stride_h, layer.stride_w}, padding,
                    {layer.dilation_h, layer.dilation_w}, layer.groups);
}

at::Tensor window_pool(const Layer& layer, const at::Tensor& images) {
  const std::vector<std::int64_t> window = {layer.kernel_h, layer.kernel_w},
                                  stride = {layer.stride_h, layer.stride_w},
                                  all = {layer.pad_left, layer.pad_right, layer.pad_top,
                                         layer.pad_bottom};
  if (layer.op == OpType::kMaxPool) {
    const double lowest = -std::numeric_limits<double>::infinity();
    return at::max_pool2d(at::constant_pad_nd(images, all, lowest), window, stride, {0, 0},
                          {layer.dilation_h, layer.dilation_w});
  }
  const auto sums = [&](const at::Tensor& of) {
    return at::avg_pool2d(at::constant_pad_nd(of, all, 0), window, stride, {0, 0}, false, true, 1);
  };
  // What lies on padding does not count.
  const at::Tensor ones = at::ones({1, 1, layer.input.height, layer.input.width}, images.options());
  return sums(images) / sums(ones).clamp_min(1);
}

at::Tensor activated(Activation activation, const at::Tensor& x) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kRelu:
      return at::relu(x);
    case Activation::kRelu6:
      return at::hardtanh(x, 0, 6);
    case Activation::kSwish:
      return at::silu(x);
    case Activation::kHardSwish:
      return at::hardswish(x);
    case Activation::kSigmoid:
      return at::sigmoid(x);
    case Activation::kHardSigmoid:
      return at::hardsigmoid(x);
    case Activation::kClamp:
    case Activation::kTable:
      break;
  }
  throw std::logic_error("an activation that network_parameters() refuses");
}

const at::Tensor& weight_of(const Network& network, std::span<const LayerTensors> tensors,
                            std::size_t index) {
  const int owner = network.layers()[index].weights_of;
  return tensors[owner == kOwnWeights ? index : static_cast<std::size_t>(owner)].weight;
}

at::Tensor layer_output(const Network& network, std::span<const LayerTensors> tensors,
                        std::size_t index, const std::vector<at::Tensor>& inputs) {
  const Layer& layer = network.layers()[index];
  const at::Tensor& bias = tensors[index].bias;
  const auto with_bias = [&](const at::Tensor& out) {
    return layer.has_bias ? out + bias.view({1, -1, 1, 1}) : out;
  };
  switch (layer.op) {
    case OpType::kConv2d:
      return convolution(layer, inputs[0], weight_of(network, tensors, index), bias);
    case OpType::kFullyConnected:
      return at::linear(inputs[0].flatten(1), weight_of(network, tensors, index), bias)
          .view({-1, layer.output.channels, 1, 1});
    case OpType::kAveragePool:
    case OpType::kMaxPool:
      return with_bias(window_pool(layer, inputs[0]));
    case OpType::kGlobalAveragePool:
      return with_bias(at::mean(inputs[0], {2, 3}, true));
    case OpType::kAdd:
      return with_bias(inputs[0] + inputs[1]);
    case OpType::kMultiply:
      return with_bias(inputs[0] * inputs[1]);
    case OpType::kActivation:
      return with_bias(inputs[0]);
    case OpType::kConcat:
      return with_bias(at::cat(inputs, 1));
    case OpType::kMatMul:
    case OpType::kReorder:
      break;
  }
  throw std::logic_error("an operator that network_parameters() refuses");
}

}  // namespace

at::Tensor& LayerTensors::of(ParameterKind kind) {
  switch (kind) {
    case ParameterKind::kWeight:
      return weight;
    case ParameterKind::kBias:
      return bias;
    case ParameterKind::kScale:
      return scale;
    case ParameterKind::kShift:
      return shift;
    case ParameterKind::kMean:
      return mean;
    case ParameterKind::kVariance:
      return variance;
  }
  throw std::logic_error("a kind of parameter without a tensor");
}

at::Tensor network_forward(const Network& network, std::span<const LayerTensors> tensors,
                           const at::Tensor& images, const Normalisation& normalisation) {
  std::vector<at::Tensor> outputs(network.layers().size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Layer& layer = network.layers()[i];
    std::vector<at::Tensor> inputs;
    for (const int from : layer.inputs) {
      inputs.push_back(from == kNetworkInput ? images : outputs[static_cast<std::size_t>(from)]);
    }
    at::Tensor out = layer_output(network, tensors, i, inputs);
    if (layer.has_batch_norm) {
      const LayerTensors& t = tensors[i];
      out = at::batch_norm(out, t.scale, t.shift, t.mean, t.variance, normalisation.by_batch,
                           normalisation.momentum, kBatchNormEpsilon, true);
    }
    outputs[i] = activated(layer.activation, out);
    // What nobody reads any more need not be kept; what gradients want, they keep.
    for (const int from : layer.inputs) {
      if (from == kNetworkInput) continue;
      const auto read = static_cast<std::size_t>(from);
      if (network.last_reader()[read] == static_cast<int>(i)) outputs[read].reset();
    }
  }
  return outputs.back().flatten(1);
}

}  // namespace dovetail
