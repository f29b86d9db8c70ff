#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "models/accuracy/ridge/pair_expectation.h"
#include "models/accuracy/ridge/pair_ridge.h"
#include "nas/strategy/relaxed_choices.h"
#include "nas/strategy/told_figures.h"

namespace dovetail {

/// A pair-product predictor (models/accuracy/ridge/pair_ridge.h) of each figure of a candidate, and
/// of whether it has figures, as 1 or 0: their means over independent choices are exact, so they
/// have exact gradients.
class PairModels {
 public:
  /// `domain` must outlive it.
  explicit PairModels(const SearchDomain& domain);

  /// With `anew` the penalty of each fit is chosen again, by cross-validation.
  void learn(const ToldFigures& figures, bool anew);
  std::size_t objectives() const { return objectives_.size(); }

  /// The loss sum_k weights[k] E[objective k in deviations of what was learned] + penalty x (sum_j
  /// max(0, E[excess j]) + max(0, 1 - E[has figures])). A weighted sum is linear in each decision's
  /// probabilities, so that it is least at whole choices; of the largest part (Tchebycheff)
  /// mixtures would be. Stands until learn() is called again.
  AddGradient loss(std::span<const double> weights, double penalty) const;
  /// Whether it is predicted to exceed a limit or to have no figures.
  bool predicts_violation(const Choices& choices) const;

 private:
  struct Model {
    RidgePenalty penalty;
    PairRidge ridge;
    std::optional<PairExpectation> mean;
  };

  std::vector<RidgeExample> examples(const std::vector<Choices>& candidates,
                                     std::span<const double> values) const;
  void fit(Model& model, const std::vector<Choices>& candidates, std::span<const double> values,
           bool anew) const;
  PairExpectation expectation(const PairRidge& ridge) const;

  SpaceDescription space_;
  ChoiceFeatures features_;
  std::vector<Model> objectives_, excesses_;
  Model validity_;
  bool all_valid_ = true;
};

}  // namespace dovetail
