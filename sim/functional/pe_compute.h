#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hw_space/accelerator_config.h"
#include "sim/timing/bandwidth_server.h"
#include "sim/functional/pe_memory.h"
#include "sim/functional/quantized_network.h"
#include "sim/program/mapping.h"

namespace dovetail {

/// One PE's part of a tile: what it has in its registers and lanes, and for how long.
struct PeTask {
  const Layer& layer;
  const QuantizedLayer& quantized;
  LaneSplit lanes;
  Region out;                          // to compute
  std::span<const TensorPart> inputs;  // what `out` needs of each input
  std::span<const int> zero_points;    // of each input
  const TensorPart& weights;           // of the channels of `out`, if the layer has weights
  Cycles cycles = 0;                   // that the program gives the tile
  int drain_cycles = 0;
};

/// Computes all operators but global pools as the lanes and units do that the mapping names. An
/// output that they do not reach in the tile's cycles stays poison. Adds the multiply-accumulates
/// done to `macs`; those on padding, which units do like all others, count.
TensorPart compute_tile(const PeTask& task, std::int64_t& macs);

/// Adds the task's input (rows and columns of `out`) to int32 sums, one a channel of `out`.
void add_to_sums(const PeTask& task, std::span<std::int32_t> sums);

/// The bytes that the hardware reads for each output channel: weights, bias, multiplier.
TensorPart pack_weights(const Layer& layer, const QuantizedLayer& quantized, const Region& whole);

}  // namespace dovetail
