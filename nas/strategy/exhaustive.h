#pragma once

#include <memory>

#include "nas/strategy/strategies.h"

namespace dovetail {

/// Every candidate of a space once, in index order (first decision most significant); points that
/// differ only in decisions without effect are asked for once. Throws InputError for a space of
/// more than `max_points` points. Meant for hardware spaces: the front it leaves is exact.
std::unique_ptr<Strategy> make_exhaustive(const SearchDomain& domain,
                                          const StrategyParameters& parameters, std::uint64_t seed);

}  // namespace dovetail
