#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/numbers/decision_space.h"
#include "base/numbers/random.h"

namespace dovetail {

/// An autoregressive policy over the decisions of a space: an LSTM (Hochreiter & Schmidhuber 1997)
/// of one layer makes one step a decision, reads an embedding of the choice before (a learned start
/// vector at the first) and a linear layer of the decision's own turns its state into logits.
///
/// Weights start uniform in +-0.1, biases at 0, so the policy starts nearly uniform. Real is float
/// or double (double for checking gradients).
template <typename Real>
class LstmPolicy {
 public:
  LstmPolicy(const DecisionSpace& space, int hidden, int embedding, Rng& rng);
  ~LstmPolicy();

  struct Steps;  // what each step computed
  struct Run {
    std::vector<Choices> choices;  // one a candidate
    std::shared_ptr<const Steps> steps;
  };
  /// mask[b][d]: decision d of candidate b counts.
  using Mask = std::vector<std::vector<bool>>;

  /// Draws `count` candidates.
  Run sample(std::size_t count, Rng& rng) const;
  /// The same for given candidates.
  Run evaluate(const std::vector<Choices>& choices) const;

  /// Log-probability and entropy of each candidate, summed over the decisions that count.
  std::vector<Real> log_probability(const Run& run, const Mask& mask) const;
  std::vector<Real> entropy(const Run& run, const Mask& mask) const;

  /// Gradient, by parameters(), of sum_b by_log_probability[b] log p_b + by_entropy[b] H_b.
  std::vector<Real> gradient(const Run& run, const Mask& mask,
                             std::span<const Real> by_log_probability,
                             std::span<const Real> by_entropy) const;

  std::span<Real> parameters();
  /// Raises the biases of these choices by ln(number of others): as likely, at the start, as all
  /// others of their decision together.
  void favour(const Choices& choices);

 private:
  class Network;
  std::unique_ptr<Network> network_;
};

extern template class LstmPolicy<float>;
extern template class LstmPolicy<double>;

}  // namespace dovetail
