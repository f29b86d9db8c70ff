#pragma once

#include <optional>

#include "cost/surrogate/rivals/rival.h"
#include "cost/surrogate/roofline/roofline_baseline.h"

namespace dovetail {

/// The surrogate itself, trained by train_surrogate(): a part of the labels picks the epoch and one
/// is held out by the training, as its options say; both count as labels.
class MlpRival : public Rival {
 public:
  /// What `setup` refers to must outlive it.
  /// `roof`: what it learns the ratios to; nothing: the costs themselves.
  MlpRival(const RivalSetup& setup, std::optional<RooflineRoof> roof)
      : setup_(setup), roof_(roof) {}
  void fit(const Dataset& labels) override;
  std::vector<CostPrediction> predict(std::span<const Choices> network,
                                      std::span<const Choices> hardware) const override;

 private:
  RivalSetup setup_;
  std::optional<RooflineRoof> roof_;
  std::optional<Surrogate> model_;
};

}  // namespace dovetail
