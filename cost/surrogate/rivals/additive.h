#pragma once

#include <optional>
#include <vector>

#include "cost/surrogate/net/feature_encoder.h"
#include "cost/surrogate/rivals/rival.h"

namespace dovetail {

/// What the entries of an additive model add up to.
enum class AdditiveTarget {
  kCost,     // a lookup table: so many ms for each choice
  kLogCost,  // a factor for each choice
};

/// Linear regression on the inputs of FeatureEncoder: each choice of each decision that has an
/// effect adds its entry, whatever the other decisions are. Least squares with a slight ridge, as
/// the inputs of a decision add up to 1. Rows are weighted so that relative errors count: squared
/// errors of kCost by 1 / cost^2.
class AdditiveRival : public Rival {
 public:
  AdditiveRival(const SpaceDescription& network, const SpaceDescription& hardware,
                AdditiveTarget target);
  void fit(const Dataset& labels) override;
  std::vector<CostPrediction> predict(std::span<const Choices> network,
                                      std::span<const Choices> hardware) const override;

 private:
  FeatureEncoder encoder_;
  AdditiveTarget target_;
  std::vector<float> entries_;  // [input x cost], row-major; the last input is the constant 1
};

}  // namespace dovetail
