#pragma once

#include <memory>

#include "nas/strategy/strategies.h"

namespace dovetail {

/// REINFORCE (Williams, "Simple statistical gradient-following algorithms for connectionist
/// reinforcement learning", Machine Learning 8, 1992) with the policy of TuNAS (Bender et al., "Can
/// weight sharing outperform random architecture search?", CVPR 2020): independent logits for each
/// decision, from 0; each outcome moves them along (score - baseline) grad log p over the decisions
/// that had an effect, by Adam with beta1 0; the baseline is a moving average of the scores; the
/// learning rate follows nas/strategy/rate_schedule.h. What a candidate that is not acceptable
/// scores: nas/strategy/scalar_feedback.h. Draws known to violate a constraint are drawn anew.
std::unique_ptr<Strategy> make_reinforce(const SearchDomain& domain,
                                         const StrategyParameters& parameters, std::uint64_t seed);

}  // namespace dovetail
