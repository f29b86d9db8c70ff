#include "cost/surrogate/rivals/mlp_rival.h"

namespace dovetail {

void MlpRival::fit(const Dataset& labels) {
  TrainingControl control;
  control.keep_going = keep_going_;
  model_.emplace(train_surrogate(labels, options_, control).model);
}

std::vector<CostPrediction> MlpRival::predict(std::span<const Choices> network,
                                              std::span<const Choices> hardware) const {
  return model_.value().predict(network, hardware);
}

}  // namespace dovetail
