#pragma once

#include <memory>

#include "nas/strategy/strategies.h"

namespace dovetail {

/// MOEA/D (Zhang & Li, "MOEA/D: a multiobjective evolutionary algorithm based on decomposition",
/// IEEE Trans. Evolutionary Computation 11 (6), 2007): a weight vector and a candidate for each of
/// `population` subproblems, the Tchebycheff function of objectives between the best and the worst
/// of the population; parents come from the `neighbours` nearest subproblems, and a child takes the
/// place of what is worse there, of `replaced` subproblems at most (Li & Zhang 2009). Constraints
/// come first: of two candidates the one that violates less.
std::unique_ptr<Strategy> make_moead(const SearchDomain& domain,
                                     const StrategyParameters& parameters, std::uint64_t seed);

}  // namespace dovetail
