#pragma once

#include <cstdint>
#include <vector>

#include "hw_space/accelerator_config.h"
#include "models/network/layers/network.h"

namespace dovetail {

/// Of each layer, whether its weights stay in local memory from one inference to the next (1) or
/// are read from DRAM at each (0).
using Residency = std::vector<char>;

/// Local memory of one PE that the kept weights take, spread over all PEs.
std::int64_t kept_bytes_per_pe(const Network& network, const Residency& residency, int pes);

/// What the accelerator's weight policy leaves to choose from, most kept first. `cached` and
/// `streamed` leave one. `auto` fills the memory that the activations leave, or three quarters of
/// it, or keeps none (unless these hold all weights), beginning with the layers of the fewest
/// multiply-accumulates for each byte of weights, behind whose computing least of their own stream
/// hides.
std::vector<Residency> residencies(const Network& network, const AcceleratorConfig& accelerator);

}  // namespace dovetail
