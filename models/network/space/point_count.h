#pragma once

#include <optional>
#include <span>

#include "base/numbers/decision_space.h"
#include "models/network/blocks/block_line.h"

namespace dovetail {

/// How many points of a network space differ in an active decision: the points that are there when
/// inactive decisions are held at their first choice; `always` are active whatever lines say. Exact
/// up to the precision of a double; nothing if conditions hang together so much that counting would
/// take more than some 10^7 steps.
std::optional<double> count_canonical_points(const DecisionSpace& decisions,
                                             std::span<const BlockLine> lines,
                                             std::span<const std::size_t> always = {});

}  // namespace dovetail
