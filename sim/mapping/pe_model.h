#pragma once

#include <cstdint>
#include <optional>

#include "hw_space/accelerator_config.h"
#include "sim/mapping/layer_geometry.h"
#include "sim/program/mapping.h"

namespace dovetail {

/// The part of a layer's output that one PE computes from one set of operands.
struct PeTile {
  std::int64_t rows = 1, cols = 1, channels = 1;

  std::int64_t positions() const { return rows * cols; }
  std::int64_t elements() const { return rows * cols * channels; }
};

/// What a PE spends on a tile.
struct PeTileCost {
  std::int64_t cycles = 0;               // of the lanes, operands in local memory and its port free
  std::int64_t vector_cycles = 0;        // of the vector unit, after the lanes
  std::int64_t local_memory_bytes = 0;   // read and written by the lanes
  std::int64_t register_file_bytes = 0;  // read and written by the units
};

/// How a unit's bank of the register file (register file / units) is divided.
struct BankUse {
  std::int64_t weight_bytes = 0;           // one of the two halves of the double-buffered weights
  std::int64_t weight_chunks = 1;          // in which the weights of the unit's channel come
  std::int64_t accumulator_positions = 0;  // outputs in flight
  bool holds_all_weights = false;  // of the unit's channel: each weight is fetched once a tile
};

/// The division of the bank for this layer and split, or nothing if it is too small: two buffers of
/// one tap window (kernel_h x kernel_w x ways weights) and two accumulators must fit.
std::optional<BankUse> divide_bank(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                                   const LaneSplit& split);
/// Register file of one lane that is in use while a tile is computed, in bytes.
std::int64_t register_file_need(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                                const LaneSplit& split, const BankUse& bank, const PeTile& tile);
/// Smallest bank, in bytes, on which the layer runs at all.
std::int64_t minimum_bank_bytes(const LayerGeometry& layer);

/// What a step of a lane (one input channel per way, of one tap) waits for.
struct StepLimits {
  double weight_bytes = 0, activation_bytes = 0;    // wanted
  double weight_cycles = 0, activation_cycles = 0;  // that they take to arrive
  double cycles = 1;                                // the longest of these and one
};
StepLimits step_limits(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                       const LaneSplit& split);

/// A lane split and all that follows from it whatever the tile.
struct LaneOption {
  LaneSplit split;
  BankUse bank;
  StepLimits step;
  std::int64_t steps = 0;         // of a block of outputs: taps * ceil(input channels / ways)
  std::int64_t weight_bytes = 0;  // of one output channel
  double block_cycles = 0;        // steps and drain
};
/// Nothing if the register file is too small.
std::optional<LaneOption> lane_option(const LayerGeometry& layer,
                                      const AcceleratorConfig& accelerator, const LaneSplit& split);

/// How many blocks of unit_channels x unit_positions outputs the busiest lane computes of a tile.
struct LaneBlocks {
  std::int64_t channels = 1, positions = 1;
};
inline LaneBlocks lane_blocks(const LaneSplit& split, const PeTile& tile) {
  // A lane's part rounded up, and of this the blocks rounded up, is both at once rounded up.
  // Shorter integers than elsewhere: this is the innermost loop of the mapper, and divisions are
  // most of it.
  const auto blocks = [](std::int64_t size, int lanes, int units) {
    const auto block = static_cast<std::uint32_t>(lanes * units);
    return std::int64_t{(static_cast<std::uint32_t>(size) + block - 1) / block};
  };
  return {blocks(tile.channels, split.lane_channels, split.unit_channels),
          blocks(tile.positions(), split.lane_positions, split.unit_positions)};
}

/// Cycles and traffic of one tile in one PE.
///
/// Per block of unit_channels x unit_positions outputs a lane spends
///   taps * ceil(input channels / ways) * step + drain_cycles
/// where a step takes one cycle, or longer where the register file cannot deliver `ways` weights to
/// each unit, or local memory the activations. A depthwise layer has one input channel for each
/// output channel and no activation to share. The drain carries requantisation and ReLU.
///
/// What no multiply-accumulate does, the lanes' vector units do, a PE's elements shared among them:
/// table activations of the lanes' results (which hold the accumulators until it has taken them),
/// elementwise operators, and the sums of a global pool.
///
/// Where a bank does not hold a channel's weights, either all weights are fetched again for every
/// group of positions whose accumulators fit, or the partial sums of all positions go to local
/// memory and back between two chunks of weights, whichever moves fewer bytes.
PeTileCost pe_tile_cost(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                        const LaneOption& lanes, const PeTile& tile);

}  // namespace dovetail
