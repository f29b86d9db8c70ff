#include "sim/mapping/mapper.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

namespace dovetail {
namespace {

// Tiles of one layer. A few overlap loading and computing nearly as well as many; many are tried
// only where local memory is too small for a few.
constexpr int kMostTiles[] = {16, 1024};

/// Every way to give the two axes of the PE tile to rows, columns and channels of the output.
std::vector<PeSplit> pe_splits(const AcceleratorConfig& accelerator) {
  std::vector<PeSplit> splits;
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 3; ++x) {
      int parts[3] = {1, 1, 1};
      parts[y] *= accelerator.pes_y;
      parts[x] *= accelerator.pes_x;
      const PeSplit split{parts[0], parts[1], parts[2]};
      if (std::find(splits.begin(), splits.end(), split) == splits.end()) splits.push_back(split);
    }
  }
  return splits;
}

/// Every way to share a PE's part among lanes and units, for operators that multiply or slide a
/// window. Streaming operators have one way.
std::vector<LaneSplit> lane_splits(const LayerGeometry& layer,
                                   const AcceleratorConfig& accelerator) {
  if (layer.kind == WorkKind::kElementwise || layer.kind == WorkKind::kGlobalPool) return {{}};
  std::vector<LaneSplit> splits;
  const int most_ways = layer.kind == WorkKind::kDense ? accelerator.simd_width : 1;
  const int group_channels = layer.out_c / layer.groups;
  for (int lane_channels = 1; lane_channels <= accelerator.compute_lanes; lane_channels *= 2) {
    if (accelerator.compute_lanes % lane_channels != 0) continue;
    for (int channels = accelerator.simd_units; channels >= 1; channels /= 2) {
      if (channels >= 2 * layer.out_c && channels > 1) continue;  // half of them would do
      if (layer.kind == WorkKind::kDense && layer.groups > 1 && channels > group_channels) continue;
      for (int ways = 1; ways <= most_ways; ways *= 2) {
        // Positions beyond what the register file can feed at one step a cycle bring nothing.
        int positions = 1;
        const double budget =
            accelerator.register_file_bytes_per_unit_cycle * accelerator.simd_units;
        while (channels * positions * 2 <= accelerator.simd_units &&
               (layer.weight_bytes == 0 || channels * positions * 2 * ways <= budget)) {
          positions *= 2;
        }
        splits.push_back(
            {lane_channels, accelerator.compute_lanes / lane_channels, channels, positions, ways});
      }
    }
  }
  return splits;
}

/// Activations come from or go to DRAM, so that cutting rows overlaps their transfer with work.
bool touches_dram(const LayerGeometry& layer, const LayerContext& context) {
  if (!context.output_on_chip) return true;
  for (int i = 0; i < layer.inputs; ++i) {
    if (!context.inputs[static_cast<std::size_t>(i)].on_chip) return true;
  }
  return false;
}

/// 1, 2, 4, ... below the smaller of the limits, and that limit itself.
std::vector<int> tile_counts(std::int64_t blocks, int most_tiles) {
  std::vector<int> counts;
  const int limit = static_cast<int>(std::min<std::int64_t>(blocks, most_tiles));
  for (int n = 1; n < limit; n *= 2) counts.push_back(n);
  counts.push_back(limit);
  return counts;
}

}  // namespace

/// For each PE split the lane split that computes fastest; the fastest of these first.
void Mapper::collect_candidates(const LayerGeometry& layer, const AcceleratorConfig& accelerator) {
  candidates_.clear();
  const std::vector<LaneSplit> lanes = lane_splits(layer, accelerator);
  for (const PeSplit& pes : pe_splits(accelerator)) {
    const PeTile share = pe_share(layer, pes);
    Candidate best;
    best.compute_cycles = std::numeric_limits<Cycles>::max();
    for (const LaneSplit& split : lanes) {
      const auto bank = divide_bank(layer, accelerator, split);
      if (!bank) continue;
      const PeTileCost cost = pe_tile_cost(layer, accelerator, split, *bank, share);
      const double port = accelerator.local_memory_bytes_per_lane_cycle * accelerator.compute_lanes;
      const Cycles cycles = std::max(cost.cycles, transfer_cycles(cost.local_memory_bytes, port));
      if (cycles < best.compute_cycles) best = {pes, split, *bank, cycles};
    }
    if (best.compute_cycles < std::numeric_limits<Cycles>::max()) candidates_.push_back(best);
  }
  std::stable_sort(
      candidates_.begin(), candidates_.end(),
      [](const Candidate& a, const Candidate& b) { return a.compute_cycles < b.compute_cycles; });
}

void Mapper::try_tiling(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                        const LayerContext& context, const Candidate& candidate,
                        const Tiling& tiling) {
  trial_.mapping = {candidate.pes, candidate.lanes, tiling, 0, 0};
  const bool fits =
      build_schedule(layer, accelerator, context, candidate.bank, trial_.mapping, trial_.schedule);
  if (trial_.schedule.needed_bytes() < smallest_need_) {
    smallest_need_ = trial_.schedule.needed_bytes();
    least_need_ = trial_.mapping;
  }
  if (!fits) return;
  trial_.mapping.predicted_cycles = predict_cycles(trial_.schedule, accelerator);
  const auto rank = [](const MappedLayer& m) {
    return std::pair(m.mapping.predicted_cycles, m.mapping.buffer_bytes);
  };
  if (!found_ || rank(trial_) < rank(best_)) {
    std::swap(best_, trial_);
    found_ = true;
  }
}

void Mapper::try_tilings(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                         const LayerContext& context, const Candidate& candidate, int most_tiles) {
  const PeTile share = pe_share(layer, candidate.pes);
  const std::int64_t block =
      std::int64_t{candidate.lanes.lane_channels} * candidate.lanes.unit_channels;
  // Where memory is short, tiles of less than a block of channels and single rows are worth it.
  const bool short_of_memory = most_tiles > kMostTiles[0];
  const std::int64_t most_channel_tiles =
      short_of_memory ? share.channels : ceil_div(share.channels, block);
  const std::int64_t most_row_tiles =
      short_of_memory || touches_dram(layer, context) ? share.rows : 1;
  for (const int channel_tiles : tile_counts(most_channel_tiles, most_tiles)) {
    for (const int row_tiles : tile_counts(most_row_tiles, most_tiles)) {
      if (channel_tiles * row_tiles > most_tiles) continue;
      try_tiling(layer, accelerator, context, candidate, {row_tiles, channel_tiles, false});
      if (channel_tiles > 1 && row_tiles > 1) {
        try_tiling(layer, accelerator, context, candidate, {row_tiles, channel_tiles, true});
      }
    }
  }
}

std::variant<const MappedLayer*, Infeasible> Mapper::map(const LayerGeometry& layer,
                                                         const AcceleratorConfig& accelerator,
                                                         const LayerContext& context) {
  found_ = false;
  smallest_need_ = std::numeric_limits<std::int64_t>::max();
  collect_candidates(layer, accelerator);
  if (candidates_.empty()) {
    return Infeasible{
        InfeasibleReason::kRegisterFileTooSmall,
        fmt::format(
            "needs {} bytes of register file per SIMD unit (two buffers of a {}x{} weight "
            "window and two accumulators); {:g} KiB over {} units give {}",
            minimum_bank_bytes(layer), layer.kernel_h, layer.kernel_w,
            accelerator.register_file_kib, accelerator.simd_units,
            static_cast<std::int64_t>(accelerator.register_file_bytes() / accelerator.simd_units))};
  }
  for (const int most_tiles : kMostTiles) {
    for (const Candidate& candidate : candidates_) {
      // Computing alone takes this long whatever the tiling, so later candidates cannot win either.
      if (found_ && candidate.compute_cycles > best_.mapping.predicted_cycles) break;
      try_tilings(layer, accelerator, context, candidate, most_tiles);
    }
    if (found_) break;
  }
  if (!found_) {
    return Infeasible{
        InfeasibleReason::kLocalMemoryTooSmall,
        fmt::format("needs at least {} bytes of local memory per PE for its smallest tiles; {} of "
                    "{:.0f} are left",
                    smallest_need_, std::max<std::int64_t>(0, context.available_bytes),
                    accelerator.local_memory_bytes())};
  }
  return &best_;
}

std::vector<Rival> Mapper::rivals(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                                  const LayerContext& context) {
  std::vector<Rival> rivals;
  collect_candidates(layer, accelerator);
  for (const Candidate& candidate : candidates_) {
    found_ = false;
    smallest_need_ = std::numeric_limits<std::int64_t>::max();
    for (const int most_tiles : kMostTiles) {
      try_tilings(layer, accelerator, context, candidate, most_tiles);
      if (found_) break;
    }
    rivals.push_back({found_ ? best_.mapping : least_need_, candidate.compute_cycles, found_});
  }
  std::stable_sort(rivals.begin(), rivals.end(), [](const Rival& a, const Rival& b) {
    if (a.fits != b.fits) return a.fits;
    return a.fits ? std::pair(a.mapping.predicted_cycles, a.mapping.buffer_bytes) <
                        std::pair(b.mapping.predicted_cycles, b.mapping.buffer_bytes)
                  : a.mapping.buffer_bytes < b.mapping.buffer_bytes;
  });
  return rivals;
}

}  // namespace dovetail
