#pragma once

#include <cstdint>

#include "cost/surrogate/data/dataset.h"
#include "tests/models/network/space/synthetic_spaces.h"

namespace dovetail {

/// Costs in closed form. Latency in ms: work of the active slots over the units, with rounding up,
/// plus traffic over bandwidth. Energy in mJ: a share of the traffic, and work times units.
/// Infeasible where the memory is smallest and a wide slot is there.
Costs synthetic_label(const Choices& network, const Choices& hardware);

/// `rows` random pairs. With `all_feasible` the smallest memory is never drawn.
Dataset synthetic_data(std::size_t rows, std::uint64_t seed, bool all_feasible = false);

}  // namespace dovetail
