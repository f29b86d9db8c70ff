#pragma once

#include <memory>

#include "nas/strategy/strategies.h"

namespace dovetail {

/// Aging evolution (Real et al., "Regularized Evolution for Image Classifier Architecture Search",
/// AAAI 2019, algorithm 1): a tournament among `tournament` members drawn from the population with
/// replacement, one mutation of the winner, and the oldest member dies when the child is told.
/// One decision that has an effect is changed to another of its choices; there is no identity
/// mutation. The better of two members has the smaller constraint violation, then the larger
/// reward. With candidates asked for in batches the parents are those known when the batch is
/// asked for, as with the paper's parallel workers.
std::unique_ptr<Strategy> make_regularized_evolution(const SearchDomain& domain,
                                                     const StrategyParameters& parameters,
                                                     std::uint64_t seed);

}  // namespace dovetail
