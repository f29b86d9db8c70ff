#include "sim/mapping/pe_model.h"

#include <algorithm>
#include <cmath>

namespace dovetail {
namespace {

constexpr double kBitsPerByte = 8;

std::int64_t bank_bytes(const AcceleratorConfig& accelerator) {
  return static_cast<std::int64_t>(accelerator.register_file_bytes() / accelerator.simd_units);
}

std::int64_t ceil_cycles(double cycles) {
  return static_cast<std::int64_t>(std::ceil(cycles - 1e-9));
}

std::int64_t vector_unit_cycles(std::int64_t elements, const AcceleratorConfig& accelerator) {
  return ceil_cycles(static_cast<double>(elements) / accelerator.vector_elements_per_pe_cycle());
}

/// Elementwise operators and global pools stream their operands once past the vector unit; a table
/// activation is one more pass.
std::int64_t vector_cycles(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                           const PeTile& tile) {
  const int passes = (layer.streams() ? 1 : 0) + (layer.table_activation ? 1 : 0);
  if (passes == 0) return 0;
  return vector_unit_cycles(passes * tile.elements(), accelerator) +
         (layer.streams() ? accelerator.drain_cycles : 0);
}

PeTileCost streaming_cost(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                          const PeTile& tile) {
  PeTileCost cost;
  cost.vector_cycles = vector_cycles(layer, accelerator, tile);
  const std::int64_t read = layer.bytes_of_activations(tile.elements() * layer.reads_per_output);
  const std::int64_t written = layer.kind == WorkKind::kGlobalPool
                                   ? layer.bytes_of_accumulators(tile.channels)
                                   : layer.bytes_of_activations(tile.elements());
  cost.local_memory_bytes = read + written;
  cost.register_file_bytes = read;
  return cost;
}

/// From local memory to the register file for a tile. Where a bank does not hold a channel's
/// weights, they come again for each group of positions whose sums fit. (To put the sums away
/// between two chunks of weights instead would always move more: a bank with two buffers of c bytes
/// and A sums of 4 has 4 A >= 2 c, so that the 8 A bytes of a group at each border exceed the c to
/// be spared.)
std::int64_t weights_read(const LayerGeometry& layer, const LaneOption& lanes, const PeTile& tile,
                          const ReductionPart& part) {
  if (layer.weight_bytes == 0) return 0;
  const std::int64_t of_channel = layer.bytes_of_weights(layer.taps() * part.channels);
  const bool fits = of_channel <= lanes.bank.weight_bytes;
  const std::int64_t groups =
      fits ? 1
           : ceil_div(lane_blocks(lanes.split, tile).positions, lanes.bank.accumulator_positions);
  return tile.channels * of_channel * groups;
}

std::int64_t weight_row_bytes(const LayerGeometry& layer, const AcceleratorConfig& accelerator) {
  return layer.weight_bytes > 0 ? layer.bytes_of_weights(accelerator.simd_width) : 0;
}

}  // namespace

std::int64_t minimum_bank_bytes(const LayerGeometry& layer, const AcceleratorConfig& accelerator) {
  return 2 * weight_row_bytes(layer, accelerator) + layer.bytes_of_accumulators(kLeastAccumulators);
}

std::optional<BankUse> divide_bank(const LayerGeometry& layer,
                                   const AcceleratorConfig& accelerator) {
  const std::int64_t bank = bank_bytes(accelerator);
  if (bank < minimum_bank_bytes(layer, accelerator)) return std::nullopt;
  BankUse use;
  if (layer.weight_bytes > 0) {
    const std::int64_t all =
        layer.bytes_of_weights(std::int64_t{layer.taps()} * layer.reduction_channels());
    // Half of the bank for the two weight buffers, in whole rows; more if then all weights fit.
    const std::int64_t row = weight_row_bytes(layer, accelerator);
    const std::int64_t most = (bank - layer.bytes_of_accumulators(kLeastAccumulators)) / 2;
    const std::int64_t rows = std::max<std::int64_t>(1, std::min(bank / 4, most) / row);
    use.weight_bytes = all <= most ? all : rows * row;
  }
  use.accumulator_positions = (bank - 2 * use.weight_bytes) / layer.bytes_of_accumulators(1);
  return use;
}

StepLimits step_limits(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                       const LaneSplit& split) {
  const double units = static_cast<double>(split.unit_channels) * split.unit_positions;
  const double weight = layer.weight_bits() / kBitsPerByte;
  const double activation = layer.bits.activation / kBitsPerByte;
  StepLimits step;
  if (layer.weight_bytes > 0) step.weight_bytes = units * split.ways * weight;
  // Of a grouped convolution, a block may lie in two groups, whose units read different channels.
  const double readers = layer.groups > 1 && split.unit_channels > 1 ? 2 : 1;
  const double read = layer.kind == WorkKind::kDense
                          ? static_cast<double>(split.unit_positions) * split.ways * readers
                          : units;
  step.activation_bytes = read * activation;
  step.weight_cycles =
      step.weight_bytes / (accelerator.register_file_bytes_per_unit_cycle * accelerator.simd_units);
  step.activation_cycles = step.activation_bytes / accelerator.activation_bytes_per_lane_cycle;
  step.cycles = std::max({1.0, step.weight_cycles, step.activation_cycles});
  return step;
}

std::optional<LaneOption> lane_option(const LayerGeometry& layer,
                                      const AcceleratorConfig& accelerator,
                                      const LaneSplit& split) {
  const auto bank = divide_bank(layer, accelerator);
  if (!bank) return std::nullopt;
  LaneOption option{split, *bank, step_limits(layer, accelerator, split), 0, 0};
  option.steps = steps_of(layer, split, whole_reduction(layer));
  option.block_cycles =
      static_cast<double>(option.steps) * option.step.cycles + accelerator.drain_cycles;
  return option;
}

bool sums_stay(const LaneOption& lanes, const PeTile& tile) {
  const LaneBlocks blocks = lane_blocks(lanes.split, tile);
  return blocks.channels * blocks.positions <= lanes.bank.accumulator_positions;
}

std::int64_t register_file_need(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                                const LaneOption& lanes, const PeTile& tile,
                                const ReductionPart& part) {
  const LaneBlocks blocks = lane_blocks(lanes.split, tile);
  const bool waits = !(part.first && part.last) && sums_stay(lanes, tile);
  const std::int64_t sums =
      std::clamp<std::int64_t>(waits ? blocks.channels * blocks.positions : blocks.positions,
                               kLeastAccumulators, lanes.bank.accumulator_positions);
  return accelerator.simd_units * (2 * lanes.bank.weight_bytes + layer.bytes_of_accumulators(sums));
}

std::int64_t activation_readers(const LayerGeometry& layer, const LaneSplit& split) {
  return split.lane_positions * (layer.kind == WorkKind::kDense ? 1 : split.lane_channels);
}

ReductionPart whole_reduction(const LayerGeometry& layer) {
  return {layer.reduction_channels(), true, true};
}

std::int64_t steps_of(const LayerGeometry& layer, const LaneSplit& split,
                      const ReductionPart& part) {
  return layer.taps() * ceil_div(part.channels, split.ways);
}

PeTileCost pe_tile_cost(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                        const LaneOption& lanes, const PeTile& tile, const ReductionPart& part) {
  if (layer.streams()) return streaming_cost(layer, accelerator, tile);
  const LaneBlocks count = lane_blocks(lanes.split, tile);
  const std::int64_t blocks = count.channels * count.positions;
  const std::int64_t steps = blocks * steps_of(layer, lanes.split, part);
  const double computing = static_cast<double>(steps) * lanes.step.cycles +
                           static_cast<double>(part.last ? blocks * accelerator.drain_cycles : 0);
  const auto activations = static_cast<std::int64_t>(
      static_cast<double>(steps * activation_readers(layer, lanes.split)) *
      lanes.step.activation_bytes);
  // Sums that wait in local memory come from there and go back.
  const int swaps = sums_stay(lanes, tile) ? 0 : (part.first ? 0 : 1) + (part.last ? 0 : 1);
  const std::int64_t sums = layer.bytes_of_accumulators(tile.elements());
  const double swapping = static_cast<double>(swaps * blocks * layer.bytes_of_accumulators(1)) /
                          accelerator.register_file_bytes_per_unit_cycle;
  const std::int64_t moved = weights_read(layer, lanes, tile, part) + swaps * sums;
  const std::int64_t multiplies =
      layer.weight_bytes > 0
          ? tile.elements() * layer.bytes_of_weights(layer.taps() * part.channels)
          : 0;

  PeTileCost cost;
  cost.cycles = ceil_cycles(computing + swapping);
  cost.swap_cycles = cost.cycles - ceil_cycles(computing);
  cost.vector_cycles = part.last ? vector_cycles(layer, accelerator, tile) : 0;
  cost.local_memory_bytes =
      moved + activations + (part.last ? layer.bytes_of_activations(tile.elements()) : 0);
  cost.register_file_bytes = multiplies + moved + 2 * sums;
  cost.waiting_sum_bytes = swaps > 0 ? sums : 0;
  return cost;
}

PeTileCost pe_tile_cost(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                        const LaneOption& lanes, const PeTile& tile) {
  return pe_tile_cost(layer, accelerator, lanes, tile, whole_reduction(layer));
}

}  // namespace dovetail
