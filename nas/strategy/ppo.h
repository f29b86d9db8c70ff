#pragma once

#include <memory>

#include "nas/strategy/strategies.h"

namespace dovetail {

/// Proximal policy optimisation (Schulman et al., "Proximal policy optimization algorithms", 2017)
/// of a recurrent controller that takes the decisions one after the other (nas/strategy/
/// lstm_policy.h), as NAHAS (Zhou et al. 2021) and MnasNet (Tan et al. 2019) search. Each `batch`
/// outcomes: `epochs` steps of Adam on the clipped objective of the whole batch plus `entropy`
/// times the mean entropy. The advantage is the score less the batch's mean, over its standard
/// deviation; there is no critic and, with one reward an episode, no discount. Log-probabilities
/// and entropies are summed over the decisions that have an effect. What a candidate that is not
/// acceptable scores: nas/strategy/scalar_feedback.h. Draws known to violate a constraint are drawn
/// anew.
std::unique_ptr<Strategy> make_ppo(const SearchDomain& domain, const StrategyParameters& parameters,
                                   std::uint64_t seed);

}  // namespace dovetail
