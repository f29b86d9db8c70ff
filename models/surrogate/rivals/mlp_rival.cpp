#include "models/surrogate/rivals/mlp_rival.h"

namespace dovetail {

void MlpRival::fit(const Dataset& labels) {
  const auto progress = [this](std::size_t, const SurrogateErrors&) {
    return !keep_going_ || keep_going_();
  };
  model_.emplace(train_surrogate(labels, options_, progress).model);
}

std::vector<CostPrediction> MlpRival::predict(std::span<const Choices> network,
                                              std::span<const Choices> hardware) const {
  return model_.value().predict(network, hardware);
}

}  // namespace dovetail
