#include "nas/strategy/reinforce.h"

#include <Eigen/Core>
#include <cmath>

#include "base/numbers/adam.h"
#include "base/numbers/random.h"
#include "nas/strategy/scalar_feedback.h"
#include "nas/strategy/variation.h"

namespace dovetail {
namespace {

using Array = Eigen::ArrayXd;

class Reinforce : public Strategy {
 public:
  Reinforce(const SearchDomain& domain, const StrategyParameters& parameters, std::uint64_t seed)
      : domain_(domain),
        first_(first_logits(domain.decisions())),
        momentum_(parameters.at("baseline")),
        entropy_(parameters.at("entropy")),
        logits_(Array::Zero(first_.back())),
        adam_(static_cast<std::size_t>(first_.back()), parameters.at("learning_rate"), 0, 0.999),
        rng_(seed) {}

  std::vector<Choices> ask(std::size_t count) override {
    std::vector<Array> probabilities;
    for (std::size_t d = 0; d + 1 < first_.size(); ++d) probabilities.push_back(probability(d));
    std::vector<Choices> asked;
    while (asked.size() < count) {
      Choices choices;
      for (const Array& p : probabilities) choices.push_back(draw(p));
      asked.push_back(std::move(choices));
    }
    return asked;
  }

  void tell(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    for (std::size_t i = 0; i < candidates.size(); ++i) learn(candidates[i], outcomes[i]);
  }

  /// The choices of the best start become as likely as all others of their decision together.
  void start_from(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    if (candidates.empty()) return;
    for (const Outcome& outcome : outcomes) feedback_.observe(outcome);
    const Choices& best = candidates[best_position(outcomes)];
    for (std::size_t d = 0; d < best.size(); ++d) {
      const Eigen::Index others = first_[d + 1] - first_[d] - 1;
      if (others > 0) logits_[first_[d] + best[d]] += std::log(static_cast<double>(others));
    }
  }

  /// Small, since a batch is drawn before any of it is learned from.
  std::size_t preferred_batch() const override { return 16; }

 private:
  /// Where the logits of each decision begin, and after the last.
  static std::vector<Eigen::Index> first_logits(const DecisionSpace& space) {
    std::vector<Eigen::Index> first{0};
    for (const Decision& decision : space.decisions()) {
      first.push_back(first.back() + static_cast<Eigen::Index>(decision.choices.size()));
    }
    return first;
  }

  Array probability(std::size_t d) const {
    const auto logits = logits_.segment(first_[d], first_[d + 1] - first_[d]);
    const Array weights = (logits - logits.maxCoeff()).exp();
    return weights / weights.sum();
  }

  std::uint16_t draw(const Array& probability) {
    double left = rng_.uniform();
    Eigen::Index choice = 0;
    while (choice + 1 < probability.size() && left >= probability[choice]) {
      left -= probability[choice++];
    }
    return static_cast<std::uint16_t>(choice);
  }

  void learn(const Choices& choices, const Outcome& outcome) {
    feedback_.observe(outcome);
    const double score = feedback_.score(outcome);
    if (!has_baseline_) baseline_ = score;
    has_baseline_ = true;
    const double advantage = score - baseline_;
    baseline_ = momentum_ * baseline_ + (1 - momentum_) * score;

    const std::vector<bool> active = domain_.active(choices);
    Array gradient = Array::Zero(logits_.size());  // of -(advantage log p + entropy_ H)
    for (std::size_t d = 0; d < choices.size(); ++d) {
      if (!active[d]) continue;
      const Array p = probability(d);
      const Array log_p = p.max(1e-300).log();
      const double entropy = -(p * log_p).sum();
      auto part = gradient.segment(first_[d], p.size());
      part = advantage * p + entropy_ * p * (log_p + entropy);
      part[choices[d]] -= advantage;
    }
    const auto size = static_cast<std::size_t>(gradient.size());
    adam_.step({logits_.data(), size}, {gradient.data(), size});
  }

  const SearchDomain& domain_;
  std::vector<Eigen::Index> first_;
  double momentum_, entropy_;
  Array logits_;
  Adam<double> adam_;
  Rng rng_;
  ScalarFeedback feedback_;
  bool has_baseline_ = false;
  double baseline_ = 0;
};

}  // namespace

std::unique_ptr<Strategy> make_reinforce(const SearchDomain& domain,
                                         const StrategyParameters& parameters, std::uint64_t seed) {
  return std::make_unique<Reinforce>(domain, parameters, seed);
}

}  // namespace dovetail
