#pragma once

#include <memory>

#include "nas/strategy/strategies.h"

namespace dovetail {

/// Uniform over every decision, learning nothing: what the others have to beat.
std::unique_ptr<Strategy> make_random(const SearchDomain& domain,
                                      const StrategyParameters& parameters, std::uint64_t seed);

}  // namespace dovetail
