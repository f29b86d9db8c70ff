#pragma once

#include <optional>

#include "cost/surrogate/rivals/rival.h"

namespace dovetail {

/// What the MLP learns.
enum class SurrogateForm {
  kPlain,     // the costs
  kResidual,  // their ratios to the roofline
};

/// The surrogate itself, trained by train_surrogate(): a part of the labels picks the epoch and one
/// is held out by the training, as its options say; both count as labels.
class MlpRival : public Rival {
 public:
  /// What `setup` refers to must outlive it.
  MlpRival(const RivalSetup& setup, SurrogateForm form) : setup_(setup), form_(form) {}
  void fit(const Dataset& labels) override;
  std::vector<CostPrediction> predict(std::span<const Choices> network,
                                      std::span<const Choices> hardware) const override;

 private:
  RivalSetup setup_;
  SurrogateForm form_;
  std::optional<Surrogate> model_;
};

}  // namespace dovetail
