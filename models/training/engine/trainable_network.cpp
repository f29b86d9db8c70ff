#include "models/training/engine/trainable_network.h"

#include <ATen/core/grad_mode.h>

namespace dovetail {

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
    at::Tensor& tensor = layers_[spec.layer].of(spec.kind);
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

void TrainableNetwork::set_weights(const NetworkWeights& weights) {
  require_weights_of(network_, weights, "weights");
  const at::NoGradGuard no_gradients;
  for (const ParameterSpec& spec : specs_) {
    const std::vector<float>& values = weights.at(spec.name);
    const at::Tensor given =
        at::from_blob(const_cast<float*>(values.data()), spec.dims, at::TensorOptions(at::kFloat));
    layers_[spec.layer].of(spec.kind).copy_(given);
  }
}

NetworkWeights TrainableNetwork::weights() const {
  NetworkWeights weights;
  for (const ParameterSpec& spec : specs_) {
    LayerTensors tensors = layers_[spec.layer];
    const at::Tensor values = tensors.of(spec.kind).detach().to(at::kCPU, at::kFloat).contiguous();
    const float* first = values.data_ptr<float>();
    weights[spec.name].assign(first, first + spec.elements());
  }
  return weights;
}

at::Tensor TrainableNetwork::forward(const at::Tensor& images, bool training) const {
  return network_forward(network_, layers_, images, {.by_batch = training});
}

}  // namespace dovetail
