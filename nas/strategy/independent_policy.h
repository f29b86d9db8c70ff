#pragma once

#include <span>
#include <vector>

#include "base/numbers/adam.h"
#include "base/numbers/decision_space.h"
#include "base/numbers/random.h"

namespace dovetail {

/// What was drawn from a policy, which decisions had an effect, and by how much it was better than
/// what was to be expected.
struct PolicyDraw {
  Choices choices;
  std::vector<bool> active;
  double advantage = 0;
};

/// Each decision is drawn for itself, by logits that begin at 0 and follow the policy gradient
/// (Williams 1992) by Adam with beta1 0, as in TuNAS (Bender et al., CVPR 2020).
class IndependentPolicy {
 public:
  IndependentPolicy(const DecisionSpace& decisions, double learning_rate);

  Choices draw(Rng& rng) const;
  /// Of each decision the likeliest choice, the first of equals.
  Choices most_likely() const;
  std::vector<double> probabilities(std::size_t decision) const;
  /// Sum over the decisions, in nats.
  double entropy() const;

  /// One step along the mean of advantage grad log p over the draws, plus `entropy` times the
  /// gradient of the entropy, each over the decisions that had an effect.
  void learn(std::span<const PolicyDraw> draws, double entropy);
  void set_learning_rate(double rate) { adam_.set_learning_rate(rate); }
  /// Each of these choices becomes as likely as all others of its decision together.
  void favour(const Choices& choices);

  /// All that it has learned, as numbers, and back. Throws InputError if they are of other
  /// decisions.
  std::vector<double> state() const;
  void restore(std::span<const double> state);

 private:
  std::size_t size_of(std::size_t decision) const {
    return first_[decision + 1] - first_[decision];
  }

  std::vector<std::size_t> first_;  // logit of each decision, and behind the last
  std::vector<double> logits_;
  Adam<double> adam_;
};

}  // namespace dovetail
