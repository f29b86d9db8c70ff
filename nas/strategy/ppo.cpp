#include "nas/strategy/ppo.h"

#include <cmath>
#include <deque>
#include <numeric>
#include <utility>

#include "base/numbers/adam.h"
#include "nas/strategy/lstm_policy.h"
#include "nas/strategy/scalar_feedback.h"
#include "nas/strategy/variation.h"

namespace dovetail {
namespace {

using Policy = LstmPolicy<float>;

class Ppo : public Strategy {
 public:
  Ppo(const SearchDomain& domain, const StrategyParameters& parameters, std::uint64_t seed)
      : domain_(domain),
        batch_(static_cast<std::size_t>(parameters.at("batch"))),
        epochs_(static_cast<int>(parameters.at("epochs"))),
        clip_(static_cast<float>(parameters.at("clip"))),
        entropy_(static_cast<float>(parameters.at("entropy"))),
        max_norm_(static_cast<float>(parameters.at("max_norm"))),
        rng_(seed),
        policy_(domain.decisions(), static_cast<int>(parameters.at("hidden")),
                static_cast<int>(parameters.at("embedding")), rng_),
        adam_(policy_.parameters().size(), static_cast<float>(parameters.at("learning_rate")), 0.9f,
              0.999f) {}

  std::vector<Choices> ask(std::size_t count) override {
    std::deque<Choices> drawn;
    const auto draw = [&] {
      if (drawn.empty()) {
        const std::vector<Choices> batch = policy_.sample(count, rng_).choices;
        drawn.assign(batch.begin(), batch.end());
      }
      Choices choices = std::move(drawn.front());
      drawn.pop_front();
      return choices;
    };
    std::vector<Choices> asked;
    while (asked.size() < count) asked.push_back(draw_within_limits(domain_, draw, rng_));
    const Policy::Run run = policy_.evaluate(asked);
    for (const float p : policy_.log_probability(run, mask_of(asked))) asked_.push_back(p);
    return asked;
  }

  void tell(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      told_.push_back({candidates[i], outcomes[i], asked_.front()});
      asked_.pop_front();
      if (told_.size() < batch_) continue;
      update();
      told_.clear();
    }
  }

  /// The choices of the best start become as likely as all others of their decision together.
  void start_from(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    if (candidates.empty()) return;
    for (const Outcome& outcome : outcomes) feedback_.observe(outcome);
    policy_.favour(candidates[best_position(outcomes)]);
  }

  std::size_t preferred_batch() const override { return batch_; }

 private:
  struct Episode {
    Choices choices;
    Outcome outcome;
    float log_probability;  // when it was drawn
  };

  /// The decisions that have an effect.
  Policy::Mask mask_of(const std::vector<Choices>& choices) const {
    Policy::Mask mask;
    for (const Choices& candidate : choices) mask.push_back(domain_.active(candidate));
    return mask;
  }

  /// Scores less their mean, over their standard deviation.
  std::vector<float> advantages() {
    for (const Episode& episode : told_) feedback_.observe(episode.outcome);
    std::vector<double> scores;
    for (const Episode& episode : told_) scores.push_back(feedback_.score(episode.outcome));
    const double count = static_cast<double>(scores.size());
    const double mean = std::accumulate(scores.begin(), scores.end(), 0.0) / count;
    double square = 0;
    for (const double score : scores) square += (score - mean) * (score - mean) / count;
    const double deviation = square > 1e-24 ? std::sqrt(square) : 1;
    std::vector<float> advantages;
    for (const double score : scores) {
      advantages.push_back(static_cast<float>((score - mean) / deviation));
    }
    return advantages;
  }

  void update() {
    const std::vector<float> advantage = advantages();
    std::vector<Choices> choices;
    for (const Episode& episode : told_) choices.push_back(episode.choices);
    const Policy::Mask mask = mask_of(choices);
    const float count = static_cast<float>(choices.size());
    const std::vector<float> by_entropy(choices.size(), -entropy_ / count);
    for (int epoch = 0; epoch < epochs_; ++epoch) {
      const Policy::Run run = policy_.evaluate(choices);
      std::vector<float> slope = policy_.log_probability(run, mask);
      for (std::size_t b = 0; b < slope.size(); ++b) {
        // min(r A, clip(r) A) has no slope where the clipped one is less.
        const float ratio = std::exp(slope[b] - told_[b].log_probability);
        const bool clipped = advantage[b] > 0 ? ratio > 1 + clip_ : ratio < 1 - clip_;
        slope[b] = clipped ? 0 : -advantage[b] * ratio / count;
      }
      std::vector<float> gradient = policy_.gradient(run, mask, slope, by_entropy);
      const float norm =
          std::sqrt(std::inner_product(gradient.begin(), gradient.end(), gradient.begin(), 0.0f));
      if (norm > max_norm_) {
        for (float& value : gradient) value *= max_norm_ / norm;
      }
      adam_.step(policy_.parameters(), gradient);
    }
  }

  const SearchDomain& domain_;
  std::size_t batch_;
  int epochs_;
  float clip_, entropy_, max_norm_;
  Rng rng_;
  Policy policy_;
  Adam<float> adam_;
  ScalarFeedback feedback_;
  std::deque<float> asked_;    // log-probabilities of candidates not yet told
  std::vector<Episode> told_;  // since the last update
};

}  // namespace

std::unique_ptr<Strategy> make_ppo(const SearchDomain& domain, const StrategyParameters& parameters,
                                   std::uint64_t seed) {
  return std::make_unique<Ppo>(domain, parameters, seed);
}

}  // namespace dovetail
