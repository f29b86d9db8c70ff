#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cost/surrogate/net/surrogate.h"

namespace dovetail {

/// (network, accelerator) pairs that are to be measured.
struct ProposedPairs {
  std::vector<Choices> network, hardware;
};

/// At most so many are proposed at once.
inline constexpr std::size_t kMostProposed = 1000;

/// Which `count` pairs to measure so that fine_tune() learns the most of all others.
///
/// fine_tune() is a regression on the hidden units, and errs where no measurement is near in them.
/// So the proposed ones are medoids: of 2000 random pairs that the model calls feasible, those to
/// the nearest of which the squared distances of all are least in sum (Kaufman and Rousseeuw 1990:
/// built greedily, then moved to the middle of what is nearest to each). Deterministic for a seed.
/// Throws InputError if the spaces have fewer different pairs.
ProposedPairs propose_measurements(const Surrogate& model, std::size_t count, std::uint64_t seed);

/// CSV (schema dovetail.measurement_plan/1) as read_measurements() wants it, with a column for each
/// predicted cost whose cells are empty: to be filled in.
std::string measurement_plan(const Surrogate& model, const ProposedPairs& pairs);

}  // namespace dovetail
