#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "models/network/layers/network.h"
#include "models/training/engine/network_forward.h"
#include "models/training/weights/network_weights.h"

namespace dovetail {

/// A network whose weights follow gradients. All trained numbers stand in one tensor and their
/// gradients in another, so that an optimizer's step is a few operations however many layers there
/// are.
class TrainableNetwork {
 public:
  /// Throws InputError for a layer that cannot be trained (network_parameters()).
  TrainableNetwork(const Network& network, at::Device device, at::ScalarType type = at::kFloat);

  void set_weights(const NetworkWeights& weights);
  NetworkWeights weights() const;

  /// The last layer's output, one row an image, for images in the order batch, channel, row,
  /// column. While `training`, batch normalisation goes by the batch and its statistics follow.
  at::Tensor forward(const at::Tensor& images, bool training) const;

  /// Trained numbers, their gradients, and 1 for each that decays: weights, not biases and batch
  /// normalisation.
  const at::Tensor& parameters() const { return parameters_; }
  const at::Tensor& gradients() const { return gradients_; }
  const at::Tensor& decays() const { return decays_; }
  /// Means and variances of batch normalisation.
  const at::Tensor& statistics() const { return statistics_; }

 private:
  const Network& network_;
  std::vector<ParameterSpec> specs_;
  at::Tensor parameters_, gradients_, decays_, statistics_;
  std::vector<LayerTensors> layers_;
};

}  // namespace dovetail
