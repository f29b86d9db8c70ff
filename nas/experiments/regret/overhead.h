#pragma once

#include <filesystem>

#include "nas/experiments/regret/regret.h"

namespace dovetail {

/// Mean wall times of a trial in microseconds.
struct StrategyOverhead {
  double ask_tell_us = 0;  // in the strategy
  double store_us = 0;     // in study.db, committed batch by batch, and timings.csv
};

/// What a search costs beside the evaluations, over `trials` candidates asked for in the batches
/// that the strategy prefers. Outcomes are drawn: a tenth is not valid, the others have figures,
/// two objectives and a reward. The study is written to `folder`, which must not hold one, and
/// removed.
StrategyOverhead strategy_overhead(const SearchDomain& domain, const StrategyChoice& choice,
                                   std::size_t trials, const std::filesystem::path& folder);

}  // namespace dovetail
