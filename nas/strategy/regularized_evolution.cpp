#include "nas/strategy/regularized_evolution.h"

#include <deque>
#include <utility>

#include "base/numbers/random.h"
#include "nas/strategy/variation.h"

namespace dovetail {
namespace {

class RegularizedEvolution : public Strategy {
 public:
  RegularizedEvolution(const SearchDomain& domain, const StrategyParameters& parameters,
                       std::uint64_t seed)
      : domain_(domain),
        population_(static_cast<std::size_t>(parameters.at("population"))),
        tournament_(static_cast<std::size_t>(parameters.at("tournament"))),
        rng_(seed),
        seen_(domain) {}

  std::vector<Choices> ask(std::size_t count) override {
    std::vector<Choices> asked;
    while (asked.size() < count) {
      std::optional<Choices> choices = asked_ < population_ || members_.empty()
                                           ? seen_.first_candidate(rng_)
                                           : seen_.make_new(child(), rng_);
      if (!choices) break;
      asked.push_back(std::move(*choices));
      ++asked_;
    }
    return asked;
  }

  void start_from(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    seen_.start_from(candidates);
    tell(candidates, outcomes);
  }

  void tell(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      members_.push_back({candidates[i], outcomes[i]});
      if (members_.size() > population_) members_.pop_front();
    }
  }

  /// Small, since a batch sees only the parents known before it.
  std::size_t preferred_batch() const override { return 16; }

 private:
  struct Member {
    Choices choices;
    Outcome outcome;
  };

  Choices child() {
    const Member* winner = nullptr;
    for (std::size_t i = 0; i < tournament_; ++i) {
      const Member& member = members_[rng_.index(members_.size())];
      if (winner == nullptr || better_reward(member.outcome, winner->outcome)) winner = &member;
    }
    Choices choices = winner->choices;
    mutate_one(domain_, choices, rng_);
    return choices;
  }

  const SearchDomain& domain_;
  std::size_t population_, tournament_;
  Rng rng_;
  SeenCandidates seen_;
  std::size_t asked_ = 0;
  std::deque<Member> members_;  // oldest first
};

}  // namespace

std::unique_ptr<Strategy> make_regularized_evolution(const SearchDomain& domain,
                                                     const StrategyParameters& parameters,
                                                     std::uint64_t seed) {
  return std::make_unique<RegularizedEvolution>(domain, parameters, seed);
}

}  // namespace dovetail
