#pragma once

#include <set>

#include "base/numbers/random.h"
#include "nas/strategy/strategy.h"

namespace dovetail {

/// Gives decision `i` another of its choices, uniformly; nothing if it has only one.
void change_choice(const DecisionSpace& space, Choices& choices, std::size_t i, Rng& rng);

/// Changes one decision, drawn uniformly among those that have an effect and a second choice.
void mutate_one(const SearchDomain& domain, Choices& choices, Rng& rng);

/// Changes each decision with probability `rate`.
void mutate_each(const DecisionSpace& space, Choices& choices, double rate, Rng& rng);

/// Takes each decision from one of the two parents with equal probability.
Choices uniform_crossover(const Choices& a, const Choices& b, Rng& rng);

/// Remembers candidates, so that none is paid for twice.
class SeenCandidates {
 public:
  explicit SeenCandidates(const SearchDomain& domain) : domain_(domain) {}
  /// Mutates `choices` until it differs from all seen before, giving up after a few tries (a small
  /// space may be used up), and remembers it.
  void make_new(Choices& choices, Rng& rng);

 private:
  const SearchDomain& domain_;
  std::set<Choices> seen_;  // canonical
};

}  // namespace dovetail
