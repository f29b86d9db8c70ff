#include "models/training/engine/trainable_network.h"

#include <ATen/core/grad_mode.h>

#include <limits>
#include <stdexcept>

namespace dovetail {
namespace {

constexpr double kBatchNormMomentum = 0.1;  // share of a batch in the statistics

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

}  // namespace

TrainableNetwork::TrainableNetwork(const Network& network, at::Device device, at::ScalarType type)
    : network_(network), specs_(network_parameters(network)), layers_(network.layers().size()) {
  std::int64_t trained = 0, measured = 0;
  for (const ParameterSpec& spec : specs_) {
    (spec.trained() ? trained : measured) += static_cast<std::int64_t>(spec.elements());
  }
  const at::TensorOptions options = at::TensorOptions().device(device).dtype(type);
  parameters_ = at::zeros({trained}, options);
  gradients_ = at::zeros({trained}, options);
  decays_ = at::zeros({trained}, options);
  statistics_ = at::zeros({measured}, options);
  std::int64_t next = 0, next_measured = 0;
  for (const ParameterSpec& spec : specs_) {
    const auto count = static_cast<std::int64_t>(spec.elements());
    at::Tensor& tensor = member(layers_[spec.layer], spec.kind);
    if (!spec.trained()) {
      tensor = statistics_.narrow(0, next_measured, count);
      next_measured += count;
      continue;
    }
    tensor = parameters_.narrow(0, next, count).view(spec.dims).detach();
    tensor.set_requires_grad(true);
    tensor.mutable_grad() = gradients_.narrow(0, next, count).view(spec.dims);
    if (spec.kind == ParameterKind::kWeight) decays_.narrow(0, next, count).fill_(1);
    next += count;
  }
}

at::Tensor& TrainableNetwork::member(LayerTensors& tensors, ParameterKind kind) {
  switch (kind) {
    case ParameterKind::kWeight:
      return tensors.weight;
    case ParameterKind::kBias:
      return tensors.bias;
    case ParameterKind::kScale:
      return tensors.scale;
    case ParameterKind::kShift:
      return tensors.shift;
    case ParameterKind::kMean:
      return tensors.mean;
    case ParameterKind::kVariance:
      return tensors.variance;
  }
  throw std::logic_error("a kind of parameter without a tensor");
}

void TrainableNetwork::set_weights(const NetworkWeights& weights) {
  require_weights_of(network_, weights, "weights");
  const at::NoGradGuard no_gradients;
  for (const ParameterSpec& spec : specs_) {
    const std::vector<float>& values = weights.at(spec.name);
    const at::Tensor given =
        at::from_blob(const_cast<float*>(values.data()), spec.dims, at::TensorOptions(at::kFloat));
    member(layers_[spec.layer], spec.kind).copy_(given);
  }
}

NetworkWeights TrainableNetwork::weights() const {
  NetworkWeights weights;
  for (const ParameterSpec& spec : specs_) {
    LayerTensors tensors = layers_[spec.layer];
    const at::Tensor values =
        member(tensors, spec.kind).detach().to(at::kCPU, at::kFloat).contiguous();
    const float* first = values.data_ptr<float>();
    weights[spec.name].assign(first, first + spec.elements());
  }
  return weights;
}

const at::Tensor& TrainableNetwork::weight_of(std::size_t index) const {
  const int owner = network_.layers()[index].weights_of;
  return layers_[owner == kOwnWeights ? index : static_cast<std::size_t>(owner)].weight;
}

at::Tensor TrainableNetwork::layer_output(std::size_t index,
                                          const std::vector<at::Tensor>& inputs) const {
  const Layer& layer = network_.layers()[index];
  const at::Tensor& bias = layers_[index].bias;
  const auto with_bias = [&](const at::Tensor& out) {
    return layer.has_bias ? out + bias.view({1, -1, 1, 1}) : out;
  };
  switch (layer.op) {
    case OpType::kConv2d:
      return convolution(layer, inputs[0], weight_of(index), bias);
    case OpType::kFullyConnected:
      return at::linear(inputs[0].flatten(1), weight_of(index), bias)
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

at::Tensor TrainableNetwork::forward(const at::Tensor& images, bool training) const {
  std::vector<at::Tensor> outputs(network_.layers().size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Layer& layer = network_.layers()[i];
    std::vector<at::Tensor> inputs;
    for (const int from : layer.inputs) {
      inputs.push_back(from == kNetworkInput ? images : outputs[static_cast<std::size_t>(from)]);
    }
    at::Tensor out = layer_output(i, inputs);
    if (layer.has_batch_norm) {
      const LayerTensors& tensors = layers_[i];
      out = at::batch_norm(out, tensors.scale, tensors.shift, tensors.mean, tensors.variance,
                           training, kBatchNormMomentum, kBatchNormEpsilon, true);
    }
    outputs[i] = activated(layer.activation, out);
    // What nobody reads any more need not be kept; what gradients want, they keep.
    for (const int from : layer.inputs) {
      if (from == kNetworkInput) continue;
      const auto read = static_cast<std::size_t>(from);
      if (network_.last_reader()[read] == static_cast<int>(i)) outputs[read].reset();
    }
  }
  return outputs.back().flatten(1);
}

}  // namespace dovetail
