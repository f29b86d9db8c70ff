#include "nas/strategy/reinforce.h"

#include "base/numbers/random.h"
#include "nas/strategy/independent_policy.h"
#include "nas/strategy/rate_schedule.h"
#include "nas/strategy/scalar_feedback.h"
#include "nas/strategy/variation.h"

namespace dovetail {
namespace {

class Reinforce : public Strategy {
 public:
  Reinforce(const SearchDomain& domain, const StrategyParameters& parameters, std::uint64_t seed)
      : domain_(domain),
        momentum_(parameters.at("baseline")),
        entropy_(parameters.at("entropy")),
        schedule_{parameters.at("learning_rate"), parameters.at("delay"), parameters.at("growth")},
        horizon_(static_cast<std::size_t>(parameters.at("horizon"))),
        policy_(domain.decisions(), 0),
        rng_(seed) {}

  std::vector<Choices> ask(std::size_t count) override {
    std::vector<Choices> asked;
    while (asked.size() < count) {
      asked.push_back(draw_within_limits(
          domain_, [this] { return policy_.draw(rng_); }, rng_));
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
    policy_.favour(candidates[best_position(outcomes)]);
  }

  /// Small, since a batch is drawn before any of it is learned from.
  std::size_t preferred_batch() const override { return 16; }

 private:
  void learn(const Choices& choices, const Outcome& outcome) {
    feedback_.observe(outcome);
    const double score = feedback_.score(outcome);
    if (!has_baseline_) baseline_ = score;
    has_baseline_ = true;
    const double advantage = score - baseline_;
    baseline_ = momentum_ * baseline_ + (1 - momentum_) * score;
    const double rate = schedule_.at(told_++, horizon_);
    if (rate <= 0) return;
    policy_.set_learning_rate(rate);
    const PolicyDraw draw{choices, domain_.active(choices), advantage};
    policy_.learn(std::span(&draw, 1), entropy_);
  }

  const SearchDomain& domain_;
  double momentum_, entropy_;
  RateSchedule schedule_;
  std::size_t horizon_;
  std::size_t told_ = 0;
  IndependentPolicy policy_;
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
