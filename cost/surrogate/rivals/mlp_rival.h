#pragma once

#include <optional>

#include "cost/surrogate/rivals/rival.h"

namespace dovetail {

/// The surrogate itself, trained by train_surrogate(): a part of the labels picks the epoch and one
/// is held out by the training, as its options say; both count as labels.
class MlpRival : public Rival {
 public:
  MlpRival(const TrainingOptions& options, std::function<bool()> keep_going)
      : options_(options), keep_going_(std::move(keep_going)) {}
  void fit(const Dataset& labels) override;
  std::vector<CostPrediction> predict(std::span<const Choices> network,
                                      std::span<const Choices> hardware) const override;

 private:
  TrainingOptions options_;
  std::function<bool()> keep_going_;
  std::optional<Surrogate> model_;
};

}  // namespace dovetail
