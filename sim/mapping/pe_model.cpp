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

/// What weights that do not all fit a bank cost between local memory and register file.
struct WeightTraffic {
  std::int64_t weight_bytes = 0, partial_sum_bytes = 0;
};
WeightTraffic weight_traffic(const LaneOption& lanes, std::int64_t weight_bytes,
                             std::int64_t position_blocks, std::int64_t accumulator_bytes) {
  if (lanes.bank.holds_all_weights || weight_bytes == 0) return {weight_bytes, 0};
  const std::int64_t again =
      weight_bytes * (ceil_div(position_blocks, lanes.bank.accumulator_positions) - 1);
  const std::int64_t sums = 2 * accumulator_bytes * (lanes.bank.weight_chunks - 1);
  return again <= sums ? WeightTraffic{weight_bytes + again, 0} : WeightTraffic{weight_bytes, sums};
}

}  // namespace

std::int64_t minimum_bank_bytes(const LayerGeometry& layer) {
  const std::int64_t window = layer.weight_bytes > 0 ? layer.bytes_of_weights(layer.taps()) : 0;
  return 2 * window + layer.bytes_of_accumulators(2);
}

std::optional<BankUse> divide_bank(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                                   const LaneSplit& split) {
  const std::int64_t bank = bank_bytes(accelerator);
  BankUse use;
  if (layer.weight_bytes > 0) {
    const std::int64_t all =
        layer.bytes_of_weights(std::int64_t{layer.taps()} * layer.reduction_channels());
    const std::int64_t window = layer.bytes_of_weights(std::int64_t{layer.taps()} * split.ways);
    // Half of the bank for the two weight buffers, rounded to whole tap windows.
    const std::int64_t windows = std::max<std::int64_t>(1, bank / 4 / window);
    use.weight_bytes = std::min(all, windows * window);
    if (2 * all + layer.bytes_of_accumulators(2) <= bank) use.weight_bytes = all;
    use.holds_all_weights = use.weight_bytes >= all;
    use.weight_chunks = ceil_div(all, use.weight_bytes);
  }
  use.accumulator_positions = (bank - 2 * use.weight_bytes) / layer.bytes_of_accumulators(1);
  if (use.accumulator_positions < 2) return std::nullopt;
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
  const auto bank = divide_bank(layer, accelerator, split);
  if (!bank) return std::nullopt;
  LaneOption option{split, *bank, step_limits(layer, accelerator, split), 0, 0, 0};
  option.steps = layer.taps() * ceil_div(layer.reduction_channels(), split.ways);
  if (layer.weight_bytes > 0) {
    option.weight_bytes =
        layer.bytes_of_weights(std::int64_t{layer.taps()} * layer.reduction_channels());
  }
  option.block_cycles =
      static_cast<double>(option.steps) * option.step.cycles + accelerator.drain_cycles;
  return option;
}

std::int64_t register_file_need(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                                const LaneSplit& split, const BankUse& bank, const PeTile& tile) {
  const std::int64_t positions =
      std::clamp<std::int64_t>(lane_blocks(split, tile).positions, 2, bank.accumulator_positions);
  return accelerator.simd_units * (2 * bank.weight_bytes + layer.bytes_of_accumulators(positions));
}

PeTileCost pe_tile_cost(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                        const LaneOption& lanes, const PeTile& tile) {
  if (layer.streams()) return streaming_cost(layer, accelerator, tile);
  const LaneBlocks count = lane_blocks(lanes.split, tile);
  const std::int64_t blocks = count.channels * count.positions;
  PeTileCost cost;
  cost.cycles = ceil_cycles(static_cast<double>(blocks) * lanes.block_cycles);
  cost.vector_cycles = vector_cycles(layer, accelerator, tile);

  // Lanes that share channels or positions share one fetch.
  const std::int64_t accumulator_bytes = layer.bytes_of_accumulators(tile.elements());
  const WeightTraffic traffic =
      weight_traffic(lanes, tile.channels * lanes.weight_bytes, count.positions, accumulator_bytes);
  const std::int64_t readers =
      lanes.split.lane_positions * (layer.kind == WorkKind::kDense ? 1 : lanes.split.lane_channels);
  const auto activations = static_cast<std::int64_t>(
      static_cast<double>(blocks * lanes.steps * readers) * lanes.step.activation_bytes);
  cost.local_memory_bytes = traffic.weight_bytes + traffic.partial_sum_bytes + activations +
                            layer.bytes_of_activations(tile.elements());
  const std::int64_t multiplies = tile.elements() * lanes.weight_bytes;
  const std::int64_t accumulator_traffic = 2 * accumulator_bytes;
  cost.register_file_bytes =
      multiplies + traffic.weight_bytes + traffic.partial_sum_bytes + accumulator_traffic;
  return cost;
}

}  // namespace dovetail
