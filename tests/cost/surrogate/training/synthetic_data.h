#pragma once

#include <cstdint>

#include "cost/surrogate/data/dataset.h"

namespace dovetail {

/// A network space of four slots (width {1,2,3} and kernel {3,5} each, the last two slots only at
/// some depths) and a design space of three numeric decisions. No YAML, no simulator.
SpaceDescription synthetic_network_space();
SpaceDescription synthetic_hardware_space();

/// Costs in closed form. Latency in ms: work of the active slots over the units, with rounding up,
/// plus traffic over bandwidth. Energy in mJ: a share of the traffic, and work times units.
/// Infeasible where the memory is smallest and a wide slot is there.
Costs synthetic_label(const Choices& network, const Choices& hardware);

/// `rows` random pairs. With `all_feasible` the smallest memory is never drawn.
Dataset synthetic_data(std::size_t rows, std::uint64_t seed, bool all_feasible = false);

}  // namespace dovetail
