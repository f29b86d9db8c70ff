#include "nas/strategy/simulated_annealing.h"

#include <cmath>
#include <deque>
#include <utility>

#include "nas/strategy/scalar_feedback.h"
#include "nas/strategy/variation.h"

namespace dovetail {
namespace {

class SimulatedAnnealing : public Strategy {
 public:
  SimulatedAnnealing(const SearchDomain& domain, const StrategyParameters& parameters,
                     std::uint64_t seed)
      : domain_(domain),
        temperature_(parameters.at("temperature")),
        cooling_(parameters.at("cooling")),
        rng_(seed),
        seen_(domain),
        chains_(static_cast<std::size_t>(parameters.at("chains"))) {}

  std::vector<Choices> ask(std::size_t count) override {
    std::vector<Choices> asked;
    while (asked.size() < count) {
      const std::size_t turn = asked_++ % chains_.size();
      Chain& chain = chains_[turn];
      std::optional<Choices> choices;
      if (chain.position.empty()) {
        choices = seen_.sample_new(rng_);
      } else {
        choices = chain.position;
        step_one(domain_, *choices, rng_);
        choices = seen_.make_new(std::move(*choices), rng_);
      }
      if (!choices) break;
      turns_.push_back(turn);
      asked.push_back(std::move(*choices));
    }
    return asked;
  }

  void tell(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      feedback_.observe(outcomes[i]);
      Chain& chain = chains_[turns_.front()];
      turns_.pop_front();
      if (chain.position.empty() || accepts(chain, outcomes[i])) {
        chain.position = candidates[i];
        chain.outcome = outcomes[i];
      }
      ++chain.answers;
    }
  }

  void start_from(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    seen_.start_from(candidates);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      feedback_.observe(outcomes[i]);
      Chain& chain = chains_[i % chains_.size()];
      if (!chain.position.empty() && !better_reward(outcomes[i], chain.outcome)) continue;
      chain.position = candidates[i];
      chain.outcome = outcomes[i];
    }
  }

  std::size_t preferred_batch() const override { return chains_.size(); }

 private:
  struct Chain {
    Choices position;
    Outcome outcome;
    int answers = 0;
  };

  bool accepts(const Chain& chain, const Outcome& proposed) {
    const double chance = rng_.uniform();  // drawn whether or not it is needed
    const double gain = feedback_.score(proposed) - feedback_.score(chain.outcome);
    if (gain >= 0) return true;
    const double temperature =
        temperature_ * feedback_.spread() * std::pow(cooling_, chain.answers);
    return temperature > 0 && chance < std::exp(gain / temperature);
  }

  const SearchDomain& domain_;
  double temperature_, cooling_;
  Rng rng_;
  SeenCandidates seen_;
  ScalarFeedback feedback_;
  std::vector<Chain> chains_;
  std::size_t asked_ = 0;
  std::deque<std::size_t> turns_;  // of the candidates not yet told
};

class RandomWalk : public Strategy {
 public:
  RandomWalk(const SearchDomain& domain, const StrategyParameters& parameters, std::uint64_t seed)
      : domain_(domain), moves_(parameters.at("moves")), rng_(seed), seen_(domain) {}

  std::vector<Choices> ask(std::size_t count) override {
    std::vector<Choices> asked;
    while (asked.size() < count) {
      std::optional<Choices> choices;
      if (best_.empty()) {
        choices = seen_.sample_new(rng_);
      } else {
        choices = best_;
        const double rate = moves_ / static_cast<double>(best_.size());
        step_each(domain_.decisions(), *choices, rate, rng_);
        choices = seen_.make_new(std::move(*choices), rng_);
      }
      if (!choices) break;
      asked.push_back(std::move(*choices));
    }
    return asked;
  }

  void tell(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (!best_.empty() && !better_reward(outcomes[i], outcome_)) continue;
      best_ = candidates[i];
      outcome_ = outcomes[i];
    }
  }

  void start_from(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    seen_.start_from(candidates);
    tell(candidates, outcomes);
  }

  std::size_t preferred_batch() const override { return 4; }

 private:
  const SearchDomain& domain_;
  double moves_;
  Rng rng_;
  SeenCandidates seen_;
  Choices best_;
  Outcome outcome_;
};

}  // namespace

std::unique_ptr<Strategy> make_simulated_annealing(const SearchDomain& domain,
                                                   const StrategyParameters& parameters,
                                                   std::uint64_t seed) {
  return std::make_unique<SimulatedAnnealing>(domain, parameters, seed);
}

std::unique_ptr<Strategy> make_random_walk(const SearchDomain& domain,
                                           const StrategyParameters& parameters,
                                           std::uint64_t seed) {
  return std::make_unique<RandomWalk>(domain, parameters, seed);
}

}  // namespace dovetail
