#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/numbers/decision_space.h"

namespace dovetail {

// Ridge regression on one-hot choices and their pair products, by its kernel.
//
// A network is the set of its active (decision, choice) features. Two networks that share s of them
// also share s (s - 1) / 2 pairs, so the kernel of "intercept + features + pairs" is
//     k(s) = s + pair_weight * s (s - 1) / 2
// and the fit is one n x n Cholesky solve instead of one over thousands of pair features:
//     minimise sum_i (y_i - f(x_i))^2 + lambda (sum_features c^2 + sum_pairs c^2 / pair_weight).
// The intercept is not penalised.

/// How strongly coefficients are held back.
struct RidgePenalty {
  double lambda = 1;
  double pair_weight = 0.03;
};

/// Numbers the (decision, choice) features of a space: the choices of decision 0 first.
class ChoiceFeatures {
 public:
  explicit ChoiceFeatures(const DecisionSpace& space);
  std::size_t count() const { return count_; }
  std::size_t index(std::size_t decision, std::size_t choice) const {
    return first_[decision] + choice;
  }
  /// Features of the active decisions, ascending.
  std::vector<std::uint16_t> of(const Choices& choices, const std::vector<bool>& active) const;

 private:
  std::vector<std::size_t> first_;
  std::size_t count_ = 0;
};

/// One example: active features, ascending, and the value to be predicted.
struct RidgeExample {
  std::vector<std::uint16_t> features;
  double value = 0;
};

/// Coefficients. A feature or pair that no example had is absent (seen is false; coefficient 0).
struct PairRidge {
  std::size_t features = 0;
  double intercept = 0;
  std::vector<double> single;  // [features]
  std::vector<double> pair;    // [features x features], upper triangle
  std::vector<bool> single_seen, pair_seen;

  /// Zero coefficients.
  static PairRidge zero(std::size_t features);
  double predict(std::span<const std::uint16_t> features) const;
};

PairRidge fit_pair_ridge(std::span<const RidgeExample> examples, std::size_t features,
                         const RidgePenalty& penalty);

/// For each penalty, the root mean square error of `folds`-fold cross-validation; example i is in
/// fold i % folds.
std::vector<double> cross_validate(std::span<const RidgeExample> examples,
                                   std::span<const RidgePenalty> penalties, std::size_t folds);
/// The one of least error, the first of equals; there is at least one.
RidgePenalty best_penalty(std::span<const RidgeExample> examples,
                          std::span<const RidgePenalty> penalties, std::size_t folds);

}  // namespace dovetail
