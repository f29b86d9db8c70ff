#pragma once

#include <functional>
#include <memory>

#include "cost/surrogate/rivals/rival.h"

namespace dovetail {

/// Gradient-boosted regression trees (Chen and Guestrin, "XGBoost", KDD 2016) of the logarithm of
/// each cost. An input a decision: its value where it is ordered, else the number of its choice,
/// missing while it has no effect. One thread; the same labels give the same trees. Throws RunError
/// with XGBoost's message if it refuses.
std::unique_ptr<Rival> make_boosted_trees(const SpaceDescription& network,
                                          const SpaceDescription& hardware,
                                          const BoostedTreesOptions& options,
                                          std::function<bool()> keep_going);

}  // namespace dovetail
