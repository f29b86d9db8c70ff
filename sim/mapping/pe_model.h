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
  bool operator==(const PeTile&) const = default;
};

/// The input channels that a tile sums up: all that an output reads, or a part of them, the first
/// and the last of an output or not.
struct ReductionPart {
  std::int64_t channels = 1;
  bool first = true, last = true;
};

/// What a PE spends on a tile.
struct PeTileCost {
  std::int64_t cycles = 0;               // of the lanes, operands in local memory and its port free
  std::int64_t swap_cycles = 0;          // of these, for partial sums to and from local memory
  std::int64_t vector_cycles = 0;        // of the vector unit, after the lanes
  std::int64_t local_memory_bytes = 0;   // read and written by the lanes
  std::int64_t register_file_bytes = 0;  // read and written by the units
  std::int64_t waiting_sum_bytes = 0;    // local memory in which partial sums wait
};

/// Outputs that a unit has room for at least, so that an activation that many units share does not
/// end a pass over the weights.
inline constexpr int kLeastAccumulators = 16;

/// How a unit's bank of the register file (register file / units) is divided.
struct BankUse {
  std::int64_t weight_bytes = 0;           // one of the two halves of the double-buffered weights
  std::int64_t accumulator_positions = 0;  // outputs in flight
};

/// The division of the bank for this layer, or nothing if it is too small: two buffers of a row of
/// simd_width weights and kLeastAccumulators must fit.
std::optional<BankUse> divide_bank(const LayerGeometry& layer,
                                   const AcceleratorConfig& accelerator);
/// Smallest bank, in bytes, on which the layer runs at all.
std::int64_t minimum_bank_bytes(const LayerGeometry& layer, const AcceleratorConfig& accelerator);

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
  std::int64_t steps = 0;   // of a block of outputs: taps * ceil(input channels / ways)
  double block_cycles = 0;  // steps and drain
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

/// Register file of one lane that is in use while a tile is computed, in bytes.
std::int64_t register_file_need(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                                const LaneOption& lanes, const PeTile& tile,
                                const ReductionPart& part);
/// Whether the sums of a tile wait in the register file for the next part of the reduction: each
/// unit's outputs fit its bank. Else they wait in local memory.
bool sums_stay(const LaneOption& lanes, const PeTile& tile);

/// Lanes of a PE that fetch activations of their own; the others share their neighbours' fetches.
std::int64_t activation_readers(const LayerGeometry& layer, const LaneSplit& split);

/// All input channels of an output.
ReductionPart whole_reduction(const LayerGeometry& layer);
/// Steps of a block of outputs for a part of the reduction.
std::int64_t steps_of(const LayerGeometry& layer, const LaneSplit& split,
                      const ReductionPart& part);

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
/// Where a bank does not hold a channel's weights, they are fetched again for every group of
/// positions whose accumulators fit. Sums that do not stay in the register file from one part of
/// the reduction to the next wait in local memory; to put them away and fetch them takes the time
/// of the bank's port, register_file_bytes_per_unit_cycle: units read weights all along.
PeTileCost pe_tile_cost(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                        const LaneOption& lanes, const PeTile& tile, const ReductionPart& part);
PeTileCost pe_tile_cost(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                        const LaneOption& lanes, const PeTile& tile);

}  // namespace dovetail
