#pragma once

#include <memory>

#include "nas/strategy/strategies.h"

namespace dovetail {

/// Simulated annealing (Kirkpatrick, Gelatt & Vecchi 1983) of `chains` independent chains that take
/// turns. Each proposes a neighbour of its position (one decision changed, an ordered one by a
/// step) and moves there if the score (nas/strategy/scalar_feedback.h) is no less, else with
/// probability exp(difference / temperature). The temperature starts at `temperature` times the
/// spread of the acceptable rewards seen so far and falls by the factor `cooling` with every answer
/// of the chain.
std::unique_ptr<Strategy> make_simulated_annealing(const SearchDomain& domain,
                                                   const StrategyParameters& parameters,
                                                   std::uint64_t seed);

/// Each candidate is the best so far with each decision moved to a neighbouring choice with
/// probability `moves` over the number of decisions (the random walk that HyperPower is compared
/// with: Stamoulis et al., DATE 2018).
std::unique_ptr<Strategy> make_random_walk(const SearchDomain& domain,
                                           const StrategyParameters& parameters,
                                           std::uint64_t seed);

}  // namespace dovetail
