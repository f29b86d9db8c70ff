#include "models/training/engine/shared_weights.h"

#include <ATen/core/grad_mode.h>

#include <cmath>

#include "base/numbers/random.h"

namespace dovetail {
namespace {

/// As initial_weights() of a single network: He et al. 2015, the classifier narrower.
std::vector<float> first_numbers(const ParameterSpec& spec, bool classifier, Rng& rng) {
  std::vector<float> numbers(spec.elements(), spec.kind == ParameterKind::kScale ? 1.0F : 0.0F);
  if (spec.kind != ParameterKind::kWeight) return numbers;
  const double deviation = std::sqrt((classifier ? 1.0 : 2.0) / static_cast<double>(spec.fan_in));
  for (float& number : numbers) number = static_cast<float>(deviation * rng.normal());
  return numbers;
}

/// The first channels of a tensor and the centre of its kernels.
at::Tensor part_of(const at::Tensor& whole, const std::vector<std::int64_t>& dims) {
  at::Tensor part = whole;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const auto axis = static_cast<std::int64_t>(i);
    const std::int64_t spare = whole.size(axis) - dims[i];
    if (spare > 0) part = part.narrow(axis, i < 2 ? 0 : spare / 2, dims[i]);
  }
  return part;
}

}  // namespace

SharedWeights::SharedWeights(const SupernetPlan& plan, std::uint64_t seed, at::Device device)
    : plan_(plan) {
  std::int64_t numbers = 0;
  for (const ParameterSpec& spec : plan.tensors()) {
    numbers += static_cast<std::int64_t>(spec.elements());
  }
  const at::TensorOptions options = at::TensorOptions().device(device).dtype(at::kFloat);
  parameters_ = at::zeros({numbers}, options);
  gradients_ = at::zeros({numbers}, options);
  decays_ = at::zeros({numbers}, options);
  std::int64_t next = 0;
  for (const ParameterSpec& spec : plan.tensors()) {
    const auto count = static_cast<std::int64_t>(spec.elements());
    const auto stream = static_cast<std::uint64_t>(tensors_.size());
    const bool classifier = spec.dims.size() == 2 && tensors_.size() + 2 >= plan.tensors().size();
    Rng rng(seed, stream);
    std::vector<float> first = first_numbers(spec, classifier, rng);
    parameters_.narrow(0, next, count)
        .copy_(at::from_blob(first.data(), {count}, at::TensorOptions(at::kFloat)));
    at::Tensor tensor = parameters_.narrow(0, next, count).view(spec.dims).detach();
    tensor.set_requires_grad(true);
    tensor.mutable_grad() = gradients_.narrow(0, next, count).view(spec.dims);
    if (spec.kind == ParameterKind::kWeight) decays_.narrow(0, next, count).fill_(1);
    tensors_.push_back(std::move(tensor));
    next += count;
  }
}

std::vector<LayerTensors> SharedWeights::layers_of(const SubNetwork& network) const {
  std::vector<LayerTensors> layers(network.network.layers().size());
  for (const SubNetwork::Part& part : network.parts) {
    layers[part.spec.layer].of(part.spec.kind) = part_of(tensors_[part.tensor], part.spec.dims);
  }
  return layers;
}

std::vector<LayerTensors> SharedWeights::layers_with_statistics(const SubNetwork& network) const {
  std::vector<LayerTensors> layers = layers_of(network);
  for (LayerTensors& layer : layers) {
    if (!layer.scale.defined()) continue;
    layer.mean = at::zeros_like(layer.scale.detach());
    layer.variance = at::ones_like(layer.scale.detach());
  }
  return layers;
}

}  // namespace dovetail
