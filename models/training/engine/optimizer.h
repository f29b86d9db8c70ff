#pragma once

#include <ATen/ATen.h>

#include "models/training/job/training_recipe.h"

namespace dovetail {

/// RMSProp or SGD over all numbers of a network at once.
class Optimizer {
 public:
  /// `decays` has 1 for each number that decays.
  Optimizer(const TrainingRecipe& recipe, const at::Tensor& decays);

  /// One step against `gradients`, which it may change.
  void step(const at::Tensor& parameters, const at::Tensor& gradients, double rate);

  /// What it remembers from step to step.
  const at::Tensor& velocity() const { return velocity_; }
  const at::Tensor& squares() const { return squares_; }

 private:
  TrainingRecipe recipe_;
  at::Tensor decays_, velocity_, squares_;
};

}  // namespace dovetail
