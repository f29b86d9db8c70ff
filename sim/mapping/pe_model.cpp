#include "sim/mapping/pe_model.h"

#include <algorithm>
#include <cmath>

namespace dovetail {
namespace {

constexpr std::int64_t kAccumulatorBytes = 4;  // int32

std::int64_t bank_bytes(const AcceleratorConfig& accelerator) {
  return static_cast<std::int64_t>(accelerator.register_file_bytes() / accelerator.simd_units);
}

std::int64_t ceil_cycles(double cycles) {
  return static_cast<std::int64_t>(std::ceil(cycles - 1e-9));
}

/// Table lookups of a tile's outputs, one after another behind the drain.
std::int64_t table_cycles(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                          const PeTile& tile) {
  if (!layer.table_activation) return 0;
  return ceil_cycles(static_cast<double>(tile.elements()) /
                     (accelerator.compute_lanes * accelerator.table_activations_per_lane_cycle));
}

/// Operators without weights stream their operands once past the lanes.
PeTileCost streaming_cost(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                          const PeTile& tile) {
  const std::int64_t elements = tile.elements();
  const double per_lane_cycle = std::min<double>(
      accelerator.simd_units, accelerator.activation_bytes_per_lane_cycle / layer.reads_per_output);
  PeTileCost cost;
  cost.cycles =
      ceil_cycles(static_cast<double>(elements) / (accelerator.compute_lanes * per_lane_cycle)) +
      accelerator.drain_cycles + table_cycles(layer, accelerator, tile);
  const std::int64_t written =
      layer.kind == WorkKind::kGlobalPool ? tile.channels * kAccumulatorBytes : elements;
  cost.local_memory_bytes = elements * layer.reads_per_output + written;
  cost.register_file_bytes = elements * layer.reads_per_output;
  return cost;
}

}  // namespace

std::int64_t minimum_bank_bytes(const LayerGeometry& layer) {
  const std::int64_t window = layer.weight_bytes > 0 ? layer.taps() : 0;
  return 2 * window + 2 * kAccumulatorBytes;
}

std::optional<BankUse> divide_bank(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                                   const LaneSplit& split) {
  const std::int64_t bank = bank_bytes(accelerator);
  BankUse use;
  if (layer.weight_bytes > 0) {
    const std::int64_t all = std::int64_t{layer.taps()} * layer.reduction_channels();
    const std::int64_t window = std::int64_t{layer.taps()} * split.ways;
    // Half of the bank for the two weight buffers, rounded to whole tap windows.
    const std::int64_t windows = std::max<std::int64_t>(1, bank / 4 / window);
    use.weight_bytes = std::min(all, windows * window);
    if (2 * all + 2 * kAccumulatorBytes <= bank) use.weight_bytes = all;
    use.holds_all_weights = use.weight_bytes >= all;
  }
  use.accumulator_positions = (bank - 2 * use.weight_bytes) / kAccumulatorBytes;
  if (use.accumulator_positions < 2) return std::nullopt;
  return use;
}

StepLimits step_limits(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                       const LaneSplit& split) {
  const double units = static_cast<double>(split.unit_channels) * split.unit_positions;
  StepLimits step;
  if (layer.weight_bytes > 0) step.weight_bytes = units * split.ways;
  // Of a grouped convolution, a block may lie in two groups, whose units read different channels.
  const double readers = layer.groups > 1 && split.unit_channels > 1 ? 2 : 1;
  step.activation_bytes = layer.kind == WorkKind::kDense
                              ? static_cast<double>(split.unit_positions) * split.ways * readers
                              : units;
  step.weight_cycles =
      step.weight_bytes / (accelerator.register_file_bytes_per_unit_cycle * accelerator.simd_units);
  step.activation_cycles = step.activation_bytes / accelerator.activation_bytes_per_lane_cycle;
  step.cycles = std::max({1.0, step.weight_cycles, step.activation_cycles});
  return step;
}

PeTileCost pe_tile_cost(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                        const LaneSplit& split, const BankUse& bank, const PeTile& tile) {
  if (layer.kind == WorkKind::kElementwise || layer.kind == WorkKind::kGlobalPool) {
    return streaming_cost(layer, accelerator, tile);
  }
  const bool shares_activations = layer.kind == WorkKind::kDense;
  const bool has_weights = layer.weight_bytes > 0;
  const std::int64_t lane_channels = ceil_div(tile.channels, split.lane_channels);
  const std::int64_t lane_positions = ceil_div(tile.positions(), split.lane_positions);
  const std::int64_t channel_blocks = ceil_div(lane_channels, split.unit_channels);
  const std::int64_t position_blocks = ceil_div(lane_positions, split.unit_positions);
  const std::int64_t blocks = channel_blocks * position_blocks;
  const std::int64_t steps = layer.taps() * ceil_div(layer.reduction_channels(), split.ways);

  const StepLimits step = step_limits(layer, accelerator, split);

  PeTileCost cost;
  cost.cycles = ceil_cycles(static_cast<double>(blocks) *
                            (static_cast<double>(steps) * step.cycles + accelerator.drain_cycles)) +
                table_cycles(layer, accelerator, tile);

  // Where the bank does not hold a channel's weights, all are fetched again for every group of
  // positions whose accumulators fit. Lanes that share channels or positions share one fetch.
  const std::int64_t weight_passes =
      bank.holds_all_weights ? 1 : ceil_div(position_blocks, bank.accumulator_positions);
  const std::int64_t weights =
      has_weights ? tile.channels * layer.taps() * layer.reduction_channels() : 0;
  const std::int64_t activations = static_cast<std::int64_t>(
      static_cast<double>(blocks * steps * split.lane_positions) * step.activation_bytes *
      (shares_activations ? 1 : split.lane_channels));
  cost.local_memory_bytes = weights * weight_passes + activations + tile.elements();
  const std::int64_t multiplies = tile.elements() * layer.taps() * layer.reduction_channels();
  const std::int64_t accumulator_traffic = 2 * kAccumulatorBytes * tile.elements() * weight_passes;
  cost.register_file_bytes =
      (has_weights ? multiplies : 0) + weights * weight_passes + accumulator_traffic;
  return cost;
}

}  // namespace dovetail
