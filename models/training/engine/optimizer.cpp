#include "models/training/engine/optimizer.h"

#include <ATen/core/grad_mode.h>

namespace dovetail {
namespace {

constexpr double kSquaresDecay = 0.9, kSquaresEpsilon = 1e-3;

}  // namespace

Optimizer::Optimizer(const TrainingRecipe& recipe, const at::Tensor& decays)
    : recipe_(recipe),
      decays_(decays * recipe.weight_decay),
      velocity_(at::zeros_like(decays)),
      // As TensorFlow begins: the first steps are small then.
      squares_(at::ones_like(decays)) {}

void Optimizer::step(const at::Tensor& parameters, const at::Tensor& gradients, double rate) {
  const at::NoGradGuard no_gradients;
  gradients.addcmul_(decays_, parameters);
  if (recipe_.optimizer == OptimizerKind::kSgd) {
    velocity_.mul_(recipe_.momentum).add_(gradients);
    parameters.sub_(gradients.add_(velocity_, recipe_.momentum), rate);
    return;
  }
  squares_.mul_(kSquaresDecay).addcmul_(gradients, gradients, 1 - kSquaresDecay);
  velocity_.mul_(recipe_.momentum).addcdiv_(gradients, (squares_ + kSquaresEpsilon).sqrt_(), rate);
  parameters.sub_(velocity_);
}

}  // namespace dovetail
