#include "nas/strategy/nsga2.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/numbers/random.h"
#include "nas/objective/pareto.h"
#include "nas/strategy/variation.h"

namespace dovetail {
namespace {

class Nsga2 : public Strategy {
 public:
  Nsga2(const SearchDomain& domain, const StrategyParameters& parameters, std::uint64_t seed)
      : domain_(domain),
        population_(static_cast<std::size_t>(parameters.at("population"))),
        crossover_(parameters.at("crossover")),
        mutations_(parameters.at("mutations")),
        steps_(parameters.at("steps")),
        rng_(seed),
        seen_(domain) {}

  std::vector<Choices> ask(std::size_t count) override {
    std::vector<Choices> asked;
    while (asked.size() < count) {
      std::optional<Choices> choices =
          parents_.empty() ? seen_.first_candidate(rng_) : seen_.make_new(child(), rng_);
      if (!choices) break;
      asked.push_back(std::move(*choices));
    }
    return asked;
  }

  void start_from(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    seen_.start_from(candidates);
    tell(candidates, outcomes);
  }

  void tell(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      offspring_.push_back({candidates[i], outcomes[i]});
      if (offspring_.size() == population_) next_generation();
    }
  }

  std::size_t preferred_batch() const override { return population_; }

 private:
  struct Member {
    Choices choices;
    Outcome outcome;
  };

  void next_generation() {
    std::vector<Member> all = std::move(parents_);
    std::move(offspring_.begin(), offspring_.end(), std::back_inserter(all));
    offspring_.clear();

    std::vector<Outcome> outcomes;
    for (const Member& member : all) outcomes.push_back(member.outcome);
    std::vector<std::size_t> order = rank_and_crowding_order(outcomes);
    order.resize(std::min(order.size(), population_));
    parents_.clear();
    for (const std::size_t i : order) parents_.push_back(std::move(all[i]));
  }

  /// Parents stand in the order of (rank, crowding distance), so the smaller index wins.
  const Choices& tournament() {
    const std::size_t a = rng_.index(parents_.size());
    const std::size_t b = rng_.index(parents_.size());
    return parents_[std::min(a, b)].choices;
  }

  Choices child() {
    const Choices& a = tournament();
    const Choices& b = tournament();
    Choices choices = rng_.uniform() < crossover_ ? uniform_crossover(a, b, rng_) : a;
    const double rate = mutations_ / static_cast<double>(choices.size());
    (rng_.uniform() < steps_ ? step_each : mutate_each)(domain_.decisions(), choices, rate, rng_);
    return choices;
  }

  const SearchDomain& domain_;
  std::size_t population_;
  double crossover_, mutations_, steps_;
  Rng rng_;
  SeenCandidates seen_;
  std::vector<Member> parents_;    // best first
  std::vector<Member> offspring_;  // told, of the generation that is being evaluated
};

}  // namespace

std::unique_ptr<Strategy> make_nsga2(const SearchDomain& domain,
                                     const StrategyParameters& parameters, std::uint64_t seed) {
  return std::make_unique<Nsga2>(domain, parameters, seed);
}

}  // namespace dovetail
