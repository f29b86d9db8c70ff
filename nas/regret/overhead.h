#pragma once

#include "nas/regret/regret.h"

namespace dovetail {

/// Mean time in microseconds that a strategy takes in ask() and tell() per trial, over `trials`
/// candidates asked for in the batches that it prefers. Outcomes are drawn: a tenth is not valid,
/// the others have two objectives and a reward. Everything else is left out of the time.
double strategy_overhead_us(const SearchDomain& domain, const StrategyChoice& choice,
                            std::size_t trials);

}  // namespace dovetail
