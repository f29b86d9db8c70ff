#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "models/accuracy/ridge/pair_ridge.h"
#include "models/network/space/space_description.h"

namespace dovetail {

/// The mean of a pair-product predictor over random points whose decisions are drawn independently,
/// exactly, without drawing any:
///     E f = c + sum_i p_i . c_i + sum_{i<j} p_i' C_ij p_j,
/// where p_i are the probabilities of decision i's choices, c_i and C_ij the coefficients of its
/// choices and of their pairs. It is a polynomial that is linear in the probabilities of each
/// decision, so its gradient is exact, too.
///
/// A decision without effect has no features. Its terms get the chance that it has an effect as a
/// factor: the product, over the decisions that its guards name, of the probabilities of the
/// choices that they allow. Where both decisions of a pair are guarded by the same one, the choices
/// are those that both allow; where one guards the other, the pairs that it forbids drop out.
///
/// Probabilities stand as ChoiceFeatures numbers them: the choices of decision 0 first.
class PairExpectation {
 public:
  /// The features of `ridge` are the choices of `decisions`, each of whose decisions has an effect
  /// while all of its `guards` allow it. Throws std::invalid_argument if they differ in number.
  PairExpectation(const PairRidge& ridge, const DecisionSpace& decisions,
                  std::span<const Guard> guards);

  std::size_t features() const { return first_.back(); }
  /// The mean.
  double value(std::span<const double> probabilities) const;
  /// The mean; adds `scale` times its derivative by each probability, all others kept, to
  /// `gradient`.
  double add_gradient(std::span<const double> probabilities, double scale,
                      std::span<double> gradient) const;

 private:
  /// The choices of a decision that let the terms of another have an effect.
  struct Condition {
    std::size_t decision = 0;
    std::vector<bool> allowed;
  };
  /// The terms of one decision, or of a pair of them.
  struct Terms {
    std::size_t first = 0, second = 0;  // the same for the terms of one decision
    std::vector<double> coefficients;   // [choice of first], or [of first x of second]
    std::vector<Condition> conditions;  // on other decisions
  };

  static void require(std::vector<Condition>& conditions, const Guard& guard);
  void add_single(const PairRidge& ridge, std::size_t decision, std::span<const Guard> guards);
  void add_pair(const PairRidge& ridge, std::size_t a, std::size_t b,
                std::span<const Guard> guards);
  double allowed_share(const Condition& condition, std::span<const double> probabilities) const;
  double chance_of_effect(const Terms& terms, std::span<const double> probabilities) const;
  /// The sum of the terms where they have an effect, and their derivatives times `scale` into
  /// `gradient` unless it is empty.
  double bilinear(const Terms& terms, std::span<const double> probabilities, double scale,
                  std::span<double> gradient) const;
  void add_condition_gradients(const Terms& terms, std::span<const double> probabilities,
                               double scale, std::span<double> gradient) const;
  std::size_t choices(std::size_t decision) const {
    return first_[decision + 1] - first_[decision];
  }

  double intercept_ = 0;
  std::vector<std::size_t> first_;  // feature of each decision's choice 0; last their number
  std::vector<Terms> terms_;
};

}  // namespace dovetail
