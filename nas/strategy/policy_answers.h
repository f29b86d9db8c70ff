#pragma once

#include <memory>

#include "nas/strategy/independent_policy.h"
#include "nas/strategy/strategy.h"

namespace dovetail {

/// Asks for what a policy has come to: first for the likeliest choice of every decision, then for
/// what is drawn from it, each candidate once. Learns nothing. `domain` must outlive it.
std::unique_ptr<Strategy> make_policy_answers(const SearchDomain& domain, IndependentPolicy policy,
                                              std::uint64_t seed);

}  // namespace dovetail
