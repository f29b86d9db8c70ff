#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/numbers/random.h"
#include "cost/simulation/simulation_costs.h"
#include "models/accuracy/ridge/pair_expectation.h"
#include "models/accuracy/ridge/ridge_model.h"
#include "nas/experiments/gradient/differentiable_costs.h"
#include "nas/space/search_space.h"

namespace dovetail {

/// A pair and what is known of it without simulating.
struct PredictedPair {
  Choices choices;            // of the joint space
  double top1_percent = 0;    // by the predictor
  bool extrapolated = false;  // the predictor was not fitted on networks like this
  double latency_ms = 0;      // by the differentiable costs
  double area_mm2 = 0;        // exact
};

/// A joint search of networks whose accuracy a pair-product predictor tells, and of accelerators up
/// to an area, with gradients of both. The predictor is asked about points as they stand: where
/// several points build one network (Representatives) it may say different things of them.
class GradientProblem {
 public:
  /// The joint space must have a design space whose areas can be listed (at most kMostAccelerators
  /// points). Throws InputError if it has not, if the predictor is of another space, or if no
  /// accelerator is within the area.
  GradientProblem(const SearchSpace& space, RidgeModel accuracy, SimulationCosts& simulation,
                  double max_area_mm2);

  static constexpr std::uint64_t kMostAccelerators = 1'000'000;

  const SearchSpace& space() const { return space_; }
  double max_area_mm2() const { return max_area_mm2_; }
  std::size_t features() const { return features_.count(); }

  /// E[top-1 in percent]; adds `weight` times its gradient.
  double add_top1_gradient(std::span<const double> probabilities, double weight,
                           std::span<double> gradient) const;
  /// E[log area] over the logarithm of the limit where positive, of a pair-product fit; adds
  /// `weight` times its gradient.
  double add_area_gradient(std::span<const double> probabilities, double weight,
                           std::span<double> gradient) const;

  /// Every decision's most likely choice; of the accelerator, the most likely whole one within the
  /// area, since the area is known exactly.
  Choices most_likely(std::span<const double> probabilities) const;
  /// Uniform over networks and over the accelerators within the area.
  Choices draw_uniform(Rng& rng) const;

  double top1_percent(const Choices& pair) const;
  double area_mm2(const Choices& pair) const;
  PredictedPair predict(const Choices& pair, DifferentiableCosts& costs) const;
  /// In ms, in their order; nothing for pairs that cannot run.
  std::vector<std::optional<double>> simulate(const std::vector<Choices>& pairs) const;

 private:
  void list_areas();

  const SearchSpace& space_;
  RidgeModel accuracy_;
  SimulationCosts& simulation_;
  double max_area_mm2_;
  std::size_t network_decisions_;
  ChoiceFeatures features_;
  ChoiceFeatures network_features_;
  PairExpectation top1_;
  std::vector<double> area_mm2_;             // by index of the accelerator
  std::vector<Choices> within_area_;         // accelerators
  std::optional<PairExpectation> log_area_;  // of the joint space
};

}  // namespace dovetail
