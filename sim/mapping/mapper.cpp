#include "sim/mapping/mapper.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

namespace dovetail {
namespace {

constexpr std::int64_t kMostTiles = 1024;  // of one layer

/// How many tiles to cut `size` into: 1, 2, 4, ... (see kMostMapperEffort), `blocks` (one block a
/// tile) and `size` (where memory is short, tiles of less than a block are worth it).
void list_counts(std::int64_t size, std::int64_t blocks, int effort, std::vector<int>& counts) {
  counts.clear();
  const std::int64_t most = std::min(size, kMostTiles);
  const auto add = [&](std::int64_t n) {
    if (n <= most) counts.push_back(static_cast<int>(n));
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

}  // namespace

void Mapper::start() {
  found_ = false;
  range_ = {};
}

void Mapper::try_tiling(const Job& job, const MappingCandidates::Candidate& candidate,
                        const Tiling& tiling, Cycles compute_cycles) {
  trial_.mapping = {{}, {}, tiling, 0, 0};
  const Fit fit = build_schedule(
      job.layer, job.accelerator, job.context, job.candidates.pes(candidate),
      job.candidates.lanes(candidate), trial_.mapping, trial_.schedule, compute_cycles,
      prune_ && found_ ? best_.mapping.predicted_cycles : std::numeric_limits<Cycles>::max());
  const std::int64_t need = trial_.schedule.needed_bytes();
  if (fit != Fit::kTooLarge) {
    range_.least = std::max(range_.least, need);
  } else if (need < range_.limit) {
    range_.limit = need;
    least_need_ = trial_.mapping;
  }
  if (fit != Fit::kFits) return;
  trial_.mapping.predicted_cycles = predict_cycles(trial_.schedule, job.accelerator);
  const auto rank = [](const MappedLayer& m) {
    return std::pair(m.mapping.predicted_cycles, m.mapping.buffer_bytes);
  };
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
  const auto bound = [&](int bands, int channel_tiles) {
    const std::int64_t channel_parts =
        ceil_div(pes.share.channels, tile_channels(pes.share, lanes.split, channel_tiles));
    const std::int64_t lines = pes.bands.share;
    const std::int64_t band_parts = ceil_div(lines, ceil_div(lines, bands));
    const std::int64_t blocks = std::max(candidate.blocks.channels, channel_parts) *
                                std::max(candidate.blocks.positions, band_parts);
    return std::max(candidate.compute_cycles,
                    static_cast<Cycles>(block_cycles * static_cast<double>(blocks))) +
           job.accelerator.tile_issue_cycles * channel_parts * band_parts;
  };
  list_counts(pes.share.channels, candidate.blocks.channels, effort_, channel_counts_);
  list_counts(pes.bands.share, pes.bands.share, effort_, band_counts_);
  if (only_weights_move(job.layer, job.context, pes)) band_counts_ = {1};
  for (const int channel_tiles : channel_counts_) {
    if (hopeless(bound(1, channel_tiles))) break;
    for (const int bands : band_counts_) {
      const Cycles compute_cycles = bound(bands, channel_tiles);
      if (channel_tiles * bands > kMostTiles || hopeless(compute_cycles)) break;
      try_tiling(job, candidate, {bands, channel_tiles, false}, compute_cycles);
      if (channel_tiles > 1 && bands > 1 && !job.layer.channelwise()) {
        try_tiling(job, candidate, {bands, channel_tiles, true}, compute_cycles);
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
  return &best_;
}

std::vector<Rival> Mapper::rivals(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                                  const LayerContext& context) {
  std::vector<Rival> rivals;
  own_candidates_.collect(layer, accelerator, effort_);
  const Job job{layer, accelerator, context, own_candidates_};
  order_candidates(job);  // as map() tries them, so that ties end alike
  for (const Promise& first : order_) {
    const PeSplit& split = own_candidates_.pes(*first.candidate).split;
    const auto same_split = [&](const Rival& r) { return r.mapping.pes == split; };
    if (std::any_of(rivals.begin(), rivals.end(), same_split)) continue;
    start();
    for (const Promise& other : order_) {
      if (other.candidate->pes == first.candidate->pes) try_tilings(job, *other.candidate);
    }
    rivals.push_back(
        {found_ ? best_.mapping : least_need_, first.candidate->compute_cycles, found_});
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
