#include "cost/surrogate/rivals/mlp_rival.h"

namespace dovetail {

void MlpRival::fit(const Dataset& labels) {
  TrainingControl control;
  control.keep_going = setup_.keep_going;
  TrainingOptions options = setup_.mlp;
  if (roof_) {
    options.baseline = make_roofline_baseline(setup_.networks, setup_.accelerators,
                                              labels.header().technology, *roof_);
  }
  model_.emplace(train_surrogate(labels, options, control).model);
}

std::vector<CostPrediction> MlpRival::predict(std::span<const Choices> network,
                                              std::span<const Choices> hardware) const {
  return model_.value().predict(network, hardware);
}

}  // namespace dovetail
