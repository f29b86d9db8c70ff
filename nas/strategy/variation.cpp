#include "nas/strategy/variation.h"

namespace dovetail {
namespace {

constexpr int kTriesForNew = 20;

}  // namespace

void change_choice(const DecisionSpace& space, Choices& choices, std::size_t i, Rng& rng) {
  const std::size_t count = space[i].choices.size();
  if (count < 2) return;
  const std::size_t other = rng.index(count - 1);
  choices[i] = static_cast<std::uint16_t>(other < choices[i] ? other : other + 1);
}

void mutate_one(const SearchDomain& domain, Choices& choices, Rng& rng) {
  const std::vector<bool> active = domain.active(choices);
  std::vector<std::size_t> candidates;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (active[i] && domain.decisions()[i].choices.size() > 1) candidates.push_back(i);
  }
  if (candidates.empty()) return;
  change_choice(domain.decisions(), choices, candidates[rng.index(candidates.size())], rng);
}

void mutate_each(const DecisionSpace& space, Choices& choices, double rate, Rng& rng) {
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (rng.uniform() < rate) change_choice(space, choices, i, rng);
  }
}

Choices uniform_crossover(const Choices& a, const Choices& b, Rng& rng) {
  Choices child = a;
  for (std::size_t i = 0; i < child.size(); ++i) {
    if (rng.uniform() < 0.5) child[i] = b[i];
  }
  return child;
}

void SeenCandidates::make_new(Choices& choices, Rng& rng) {
  for (int i = 0; i < kTriesForNew; ++i) {
    if (seen_.insert(domain_.canonical(choices)).second) return;
    mutate_one(domain_, choices, rng);
  }
}

}  // namespace dovetail
