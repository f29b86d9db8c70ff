#pragma once

#include "cost/figures/costs.h"
#include "sim/simulator.h"

namespace dovetail {

/// What the simulator says of a pair; of one that cannot run the reason and the area.
Costs costs_of(const SimulationResult& result);

}  // namespace dovetail
