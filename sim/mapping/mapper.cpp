#include "sim/mapping/mapper.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "sim/mapping/predict_cycles.h"

namespace dovetail {
namespace {

constexpr std::int64_t kMostTiles = 1024;  // of one layer

/// How many tiles to cut `size` into: 1, 2, 4, ... (see kMostMapperEffort), `blocks` (one block a
/// tile) and `size` (where memory is short, tiles of less than a block are worth it); of these, the
/// numbers of tiles that result if `tile_size(n)` is the size of a tile for `n` of them.
template <typename TileSize>
void list_counts(std::int64_t size, std::int64_t blocks, int effort, std::vector<int>& counts,
                 TileSize tile_size) {
  counts.clear();
  const std::int64_t most = std::min(size, kMostTiles);
  const auto add = [&](std::int64_t n) {
    if (n <= most) counts.push_back(static_cast<int>(ceil_div(size, tile_size(n))));
  };
  for (std::int64_t n = 1; n <= most; n *= 2) add(n);
  for (std::int64_t n = 3; effort >= 2 && n <= most; n *= 2) add(n);
  for (std::int64_t n = 1; effort >= 2 && n <= 16; ++n) add(n);
  add(blocks);
  add(size);
  std::sort(counts.begin(), counts.end());
  counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
}

/// Then bands gain nothing: they need no less memory, and weights come no earlier.
bool only_weights_move(const LayerGeometry& layer, const LayerContext& context,
                       const PeOption& pes) {
  if (!context.output_on_chip) return false;
  for (int i = 0; i < layer.inputs; ++i) {
    if (input_moves(layer, context, pes, i)) return false;
  }
  return true;
}

MappingRank rank(const MappedLayer& m) {
  return {m.mapping.predicted_cycles, m.mapping.buffer_bytes};
}

}  // namespace

void Mapper::start() {
  found_ = false;
  range_ = {};
}

void Mapper::try_tiling(const Job& job, ScheduleBuilder& builder, const Tiling& tiling,
                        Cycles compute_at_least) {
  trial_.mapping.tiling = tiling;
  const Fit fit = builder.build(trial_.mapping, trial_.schedule, compute_at_least,
                                prune_ && found_ ? rank(best_) : MappingRank{});
  if (fit == Fit::kTooLarge && trial_.mapping.buffer_bytes < range_.limit) {
    range_.limit = trial_.mapping.buffer_bytes;
    least_need_ = trial_.mapping;
  }
  if (fit != Fit::kFits) return;
  trial_.mapping.predicted_cycles = predict_cycles(trial_.schedule, job.accelerator);
  if (!found_ || rank(trial_) < rank(best_)) {
    std::swap(best_, trial_);
    found_ = true;
  }
}

/// By what they take at least, whatever the tiling, so that a good one is found early.
void Mapper::order_candidates(const Job& job) {
  order_.clear();
  for (const auto& candidate : job.candidates.all()) {
    order_.push_back({std::max(candidate.compute_cycles,
                               least_transfer_cycles(job.layer, job.accelerator, job.context,
                                                     job.candidates.pes(candidate))),
                      &candidate});
  }
  std::stable_sort(order_.begin(), order_.end(),
                   [](const Promise& a, const Promise& b) { return a.bound < b.bound; });
}

/// Cutting never saves cycles: each tile is issued, and computes at least one block of outputs in
/// each lane. That bounds from below what many tiles take, before anything is built.
void Mapper::try_tilings(const Job& job, const MappingCandidates::Candidate& candidate) {
  const PeOption& pes = job.candidates.pes(candidate);
  const LaneOption& lanes = job.candidates.lanes(candidate);
  const double block_cycles = job.layer.streams() ? 0 : lanes.block_cycles;
  const auto bound = [&](std::int64_t bands, std::int64_t channel_tiles) {
    const std::int64_t blocks = std::max(candidate.blocks.channels, channel_tiles) *
                                std::max(candidate.blocks.positions, bands);
    return std::max(candidate.compute_cycles,
                    static_cast<Cycles>(block_cycles * static_cast<double>(blocks))) +
           job.accelerator.tile_issue_cycles * channel_tiles * bands;
  };
  const std::int64_t channels = pes.share.channels, lines = pes.bands.share;
  list_counts(channels, candidate.blocks.channels, effort_, channel_counts_,
              [&](std::int64_t n) { return tile_channels(pes.share, lanes.split, n); });
  list_counts(lines, lines, effort_, band_counts_,
              [&](std::int64_t n) { return ceil_div(lines, n); });
  if (only_weights_move(job.layer, job.context, pes)) band_counts_ = {1};
  ScheduleBuilder builder(job.layer, job.accelerator, job.context, pes, lanes);
  for (const int channel_tiles : channel_counts_) {
    if (hopeless(bound(1, channel_tiles))) break;
    for (const int bands : band_counts_) {
      const Cycles at_least = bound(bands, channel_tiles);
      if (channel_tiles * bands > kMostTiles || hopeless(at_least)) break;
      try_tiling(job, builder, {bands, channel_tiles, false}, at_least);
      if (channel_tiles > 1 && bands > 1 && !job.layer.channelwise()) {
        try_tiling(job, builder, {bands, channel_tiles, true}, at_least);
      }
    }
  }
}

std::variant<const MappedLayer*, Infeasible> Mapper::map(const LayerGeometry& layer,
                                                         const AcceleratorConfig& accelerator,
                                                         const LayerContext& context) {
  own_candidates_.collect(layer, accelerator, effort_);
  return map(layer, accelerator, context, own_candidates_);
}

std::variant<const MappedLayer*, Infeasible> Mapper::map(const LayerGeometry& layer,
                                                         const AcceleratorConfig& accelerator,
                                                         const LayerContext& context,
                                                         const MappingCandidates& candidates) {
  start();
  if (candidates.all().empty()) {
    return Infeasible{
        InfeasibleReason::kRegisterFileTooSmall,
        fmt::format(
            "needs {} bytes of register file per SIMD unit (two buffers of a {}x{} weight "
            "window and two accumulators); {:g} KiB over {} units give {}",
            minimum_bank_bytes(layer), layer.kernel_h, layer.kernel_w,
            accelerator.register_file_kib, accelerator.simd_units,
            static_cast<std::int64_t>(accelerator.register_file_bytes() / accelerator.simd_units))};
  }
  const Job job{layer, accelerator, context, candidates};
  order_candidates(job);
  for (const Promise& promise : order_) {
    if (hopeless(promise.bound)) break;
    try_tilings(job, *promise.candidate);
  }
  if (!found_) {
    return Infeasible{
        InfeasibleReason::kLocalMemoryTooSmall,
        fmt::format("needs at least {} bytes of local memory per PE for its smallest tiles; {} of "
                    "{:.0f} are left",
                    range_.limit, std::max<std::int64_t>(0, context.available_bytes),
                    accelerator.local_memory_bytes())};
  }
  range_.least = best_.mapping.buffer_bytes;
  return &best_;
}

std::vector<TriedMapping> Mapper::rivals(const LayerGeometry& layer,
                                         const AcceleratorConfig& accelerator,
                                         const LayerContext& context) {
  std::vector<TriedMapping> rivals;
  own_candidates_.collect(layer, accelerator, effort_);
  const Job job{layer, accelerator, context, own_candidates_};
  order_candidates(job);  // as map() tries them, so that ties end alike
  for (const Promise& first : order_) {
    const PeSplit& split = own_candidates_.pes(*first.candidate).split;
    const auto same_split = [&](const TriedMapping& r) { return r.mapping.pes == split; };
    if (std::any_of(rivals.begin(), rivals.end(), same_split)) continue;
    start();
    for (const Promise& other : order_) {
      if (other.candidate->pes == first.candidate->pes) try_tilings(job, *other.candidate);
    }
    TriedMapping tried{found_ ? best_.mapping : least_need_, found_, 0, 0};
    for (const Tile& tile : best_.schedule.tiles) {
      tried.compute_cycles += found_ ? tile.compute_cycles : 0;
      tried.vector_cycles += found_ ? tile.vector_cycles : 0;
    }
    rivals.push_back(std::move(tried));
  }
  std::stable_sort(rivals.begin(), rivals.end(), [](const TriedMapping& a, const TriedMapping& b) {
    if (a.fits != b.fits) return a.fits;
    return a.fits ? std::pair(a.mapping.predicted_cycles, a.mapping.buffer_bytes) <
                        std::pair(b.mapping.predicted_cycles, b.mapping.buffer_bytes)
                  : a.mapping.buffer_bytes < b.mapping.buffer_bytes;
  });
  return rivals;
}

}  // namespace dovetail
