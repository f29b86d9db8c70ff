#include "sim/explanation/utilization.h"

#include <fmt/core.h>

#include "sim/mapping/layer_schedule.h"

namespace dovetail {
namespace {

template <typename A, typename B>
double ratio(A a, B b) {
  return static_cast<double>(a) / static_cast<double>(b);
}

UtilizationFactor of_pes(const CompiledLayer& layer, const PeTile& share) {
  const LayerGeometry& g = layer.geometry;
  const int pes = layer.accelerator.pes();
  return {fmt::format("PEs: {}x{}x{} outputs on {} PEs, {}x{}x{} on the busiest", g.out_h, g.out_w,
                      g.out_c, pes, share.rows, share.cols, share.channels),
          ratio(g.out_elements(), pes * share.elements())};
}

/// Lanes and units as they would be if a PE had all of its part in one tile.
void add_untiled(const CompiledLayer& layer, const PeTile& share, const LaneBlocks& blocks,
                 std::vector<UtilizationFactor>& factors) {
  const AcceleratorConfig& a = layer.accelerator;
  const LaneSplit& s = layer.mapping.lanes;
  const std::int64_t channels = ceil_div(share.channels, s.lane_channels);
  const std::int64_t positions = ceil_div(share.positions(), s.lane_positions);
  factors.push_back({fmt::format("lanes: {} share them, {} positions x {} channels on the busiest",
                                 a.compute_lanes, positions, channels),
                     ratio(share.elements(), a.compute_lanes * positions * channels)});
  const int units = s.unit_channels * s.unit_positions;
  factors.push_back({fmt::format("units in use: {} of {} ({} channels x {} positions)", units,
                                 a.simd_units, s.unit_channels, s.unit_positions),
                     ratio(units, a.simd_units)});
  const std::int64_t count = blocks.channels * blocks.positions;
  factors.push_back(
      {fmt::format("blocks: {} of {} channels x {} positions, {} x {} of them", count,
                   s.unit_channels, s.unit_positions, blocks.channels, blocks.positions),
       ratio(positions * channels, count * units)});
}

/// What the tiles of a layer take, all together.
struct TileTotals {
  std::int64_t blocks = 0;  // of outputs, each counted once however its reduction is cut
  std::int64_t steps = 0, cycles = 0, swap_cycles = 0;
};

TileTotals totals_of(const CompiledLayer& layer, const LaneOption& lanes) {
  TileTotals totals;
  for (const Tile& tile : layer.tiles) {
    const PeTile part = layer.part_of(tile);
    const LaneBlocks count = lane_blocks(lanes.split, part);
    const std::int64_t blocks = count.channels * count.positions;
    const bool first = tile.first_input == 0;
    const bool last = tile.first_input + tile.inputs == layer.geometry.reduction_channels();
    const ReductionPart reduction{tile.inputs, first, last};
    totals.blocks += last ? blocks : 0;
    totals.steps += blocks * steps_of(layer.geometry, lanes.split, reduction);
    totals.cycles += tile.compute_cycles;
    totals.swap_cycles +=
        pe_tile_cost(layer.geometry, layer.accelerator, lanes, part, reduction).swap_cycles;
  }
  return totals;
}

/// Each tile is cut into whole blocks of its own.
UtilizationFactor of_tiles(const CompiledLayer& layer, std::int64_t tiled, std::int64_t untiled) {
  const int outputs = layer.mapping.tiling.outputs();
  if (outputs == 1) return {"tiles: one, nothing is cut", 1};
  const PeTile part = layer.part_of(layer.tiles.front());
  return {fmt::format("tiles: {} of {}x{}x{} or less; {} blocks in all, {} without tiles", outputs,
                      part.rows, part.cols, part.channels, tiled, untiled),
          ratio(untiled, tiled)};
}

UtilizationFactor of_ways(const CompiledLayer& layer, const TileTotals& totals) {
  const LayerGeometry& g = layer.geometry;
  const int ways = layer.mapping.lanes.ways, width = layer.accelerator.simd_width;
  return {g.kind == WorkKind::kDepthwise
              ? fmt::format("ways: 1 of {}; an output has one input channel", width)
              : fmt::format("ways: {} of {} for {} input channels", ways, width,
                            g.reduction_channels()),
          ratio(totals.blocks * g.taps() * g.reduction_channels(), totals.steps * width)};
}

UtilizationFactor of_step(const StepLimits& step) {
  std::string limit = "weights and activations keep up";
  if (step.cycles > 1) {
    limit =
        step.cycles == step.weight_cycles
            ? fmt::format("{:g} weight bytes wanted, {:g} read a cycle", step.weight_bytes,
                          step.weight_bytes / step.weight_cycles)
            : fmt::format("{:g} bytes of activations wanted, {:g} arrive a cycle",
                          step.activation_bytes, step.activation_bytes / step.activation_cycles);
  }
  return {fmt::format("step: {:g} cycles; {}", step.cycles, limit), 1 / step.cycles};
}

}  // namespace

std::vector<UtilizationFactor> utilization_factors(const CompiledLayer& layer) {
  std::vector<UtilizationFactor> factors;
  if (layer.geometry.streams()) return factors;
  const LaneOption lanes =
      lane_option(layer.geometry, layer.accelerator, layer.mapping.lanes).value();
  const PeTile share = pe_share(layer.geometry, layer.mapping.pes);
  const LaneBlocks untiled = lane_blocks(lanes.split, share);
  const TileTotals totals = totals_of(layer, lanes);
  factors.push_back(of_pes(layer, share));
  add_untiled(layer, share, untiled, factors);
  factors.push_back(of_tiles(layer, totals.blocks, untiled.channels * untiled.positions));
  factors.push_back(of_ways(layer, totals));
  factors.push_back(of_step(lanes.step));
  const double stepping = static_cast<double>(totals.steps) * lanes.step.cycles;
  const auto drains = static_cast<double>(totals.blocks * layer.accelerator.drain_cycles);
  factors.push_back(
      {fmt::format("drain: {} cycles after {:g} of stepping", layer.accelerator.drain_cycles,
                   stepping / static_cast<double>(totals.blocks)),
       stepping / (stepping + drains)});
  const std::int64_t without_swaps = totals.cycles - totals.swap_cycles;
  if (stepping + drains < static_cast<double>(without_swaps) - 1e-6) {
    factors.push_back(
        {"whole cycles: of each tile, rounded up", ratio(stepping + drains, without_swaps)});
  }
  if (totals.swap_cycles > 0) {
    factors.push_back(
        {fmt::format("partial sums: {} cycles to and from local memory", totals.swap_cycles),
         ratio(without_swaps, totals.cycles)});
  }
  return factors;
}

}  // namespace dovetail
