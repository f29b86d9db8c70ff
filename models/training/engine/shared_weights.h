#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "models/training/engine/network_forward.h"
#include "models/training/supernet/supernet_plan.h"

namespace dovetail {

/// The tensors of a supernet. As of a TrainableNetwork, all numbers stand in one tensor and their
/// gradients in another.
class SharedWeights {
 public:
  /// `plan` must outlive it. The first weights depend on the seed and the place of a tensor alone.
  SharedWeights(const SupernetPlan& plan, std::uint64_t seed, at::Device device);

  /// The parts that a network has of them, for network_forward(); gradients go to the whole.
  /// Without statistics of batch normalisation: it goes by the batch.
  std::vector<LayerTensors> layers_of(const SubNetwork& network) const;
  /// The same with room for statistics, all of 0 and 1.
  std::vector<LayerTensors> layers_with_statistics(const SubNetwork& network) const;

  const at::Tensor& parameters() const { return parameters_; }
  const at::Tensor& gradients() const { return gradients_; }
  const at::Tensor& decays() const { return decays_; }

 private:
  const SupernetPlan& plan_;
  at::Tensor parameters_, gradients_, decays_;
  std::vector<at::Tensor> tensors_;
};

}  // namespace dovetail
