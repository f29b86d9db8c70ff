#pragma once

#include <memory>

#include "nas/strategy/strategies.h"

namespace dovetail {

/// Steepest ascent on the reward, constraints first: all neighbours of a point (one step of an
/// ordered decision, any other choice of another), then the best of them if it is better, from
/// random starts (White, Nolen & Savani, "Local search is state of the art for neural architecture
/// search benchmarks", 2020). Where more is asked for than an ascent has neighbours left, the next
/// ascent starts beside it. Points that were asked for before count for the ascent that asked.
std::unique_ptr<Strategy> make_local_search(const SearchDomain& domain,
                                            const StrategyParameters& parameters,
                                            std::uint64_t seed);

}  // namespace dovetail
