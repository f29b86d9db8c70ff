#include "sim/mapping/mapper.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <functional>
#include <limits>

#include "sim/mapping/predict_cycles.h"

namespace dovetail {
namespace {

constexpr std::int64_t kMostTiles = 1024;         // of one layer
constexpr int kPartsStep = 4;                     // 1, 4, 16, ... parts of the reduction
constexpr double kSmallBuffersBytes = 16 * 1024;  // two buffers of weights that are not cut further

/// How many tiles to cut `size` into: 1, 2, 4, ... (see kMostMapperEffort), those that make tiles
/// of as many as work side by side in a lane and in all lanes, and `size` (where memory is short,
/// tiles of less are worth it).
void list_counts(std::int64_t size, std::array<int, 2> side_by_side, int effort,
                 std::vector<int>& counts) {
  counts.clear();
  const std::int64_t most = std::min(size, kMostTiles);
  const auto add = [&](std::int64_t n) {
    if (n <= most) counts.push_back(static_cast<int>(ceil_div(size, ceil_div(size, n))));
  };
  for (std::int64_t n = 1; n <= most; n *= 2) add(n);
  for (std::int64_t n = 3; effort >= 2 && n <= most; n *= 2) add(n);
  for (std::int64_t n = 1; effort >= 2 && n <= 16; ++n) add(n);
  const auto [of_lane, lanes] = side_by_side;
  if (of_lane > 0) {
    add(ceil_div(size, of_lane));
    add(ceil_div(size, std::int64_t{of_lane} * lanes));
  }
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

/// Into how many parts the reduction of a layer is cut at most: until two buffers for the weights
/// of a tile are small, whatever memory there is, so that more of it takes nothing away. Tiles of
/// more channels than work side by side are cut along these, which is as good.
int most_reduction_tiles(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                         const LayerContext& context, const PeOption& pes, int channel_tiles) {
  if (layer.kind != WorkKind::kDense || layer.weights_are_activations ||
      weights_in_place(layer, context, accelerator, pes.split)) {
    return 1;
  }
  if (ceil_div(pes.share.channels, channel_tiles) >
      std::int64_t{accelerator.simd_units} * accelerator.compute_lanes) {
    return 1;
  }
  const double of_channels = 2 * static_cast<double>(layer.weight_bytes * pes.share.channels) /
                             layer.out_c / channel_tiles;
  return static_cast<int>(std::min(static_cast<double>(layer.reduction_channels()),
                                   kPartsStep * of_channels / kSmallBuffersBytes));
}

/// At least, of the lanes: of tiles of fewer outputs than work side by side each takes a block.
Cycles cycles_of_blocks(const LayerGeometry& layer, const LaneOption& lanes, const PeOption& pes,
                        std::int64_t bands, std::int64_t channel_tiles) {
  if (layer.streams()) return 0;
  const std::int64_t band = ceil_div(pes.bands.share, bands);
  const LaneBlocks untiled = lane_blocks(lanes.split, pes.share);
  const LaneBlocks tile = lane_blocks(lanes.split, {band, pes.across.share, 1});
  const std::int64_t positions =
      std::max(untiled.positions, pes.bands.share / band * tile.positions);
  return static_cast<Cycles>(
      lanes.block_cycles *
      static_cast<double>(std::max(untiled.channels, channel_tiles) * positions));
}

/// A place among places: the next of the loops over what a mapping is made of has less than 1,024
/// turns.
std::int64_t within(std::int64_t place, std::size_t turn) {
  return place * 1024 + static_cast<std::int64_t>(turn);
}

}  // namespace

void Mapper::start() {
  found_ = false;
  best_rank_ = {};
  range_ = {};
}

/// Puts the tiling on the list unless it cannot win.
void Mapper::outline(ScheduleBuilder& builder, const LaneOption& lanes, const Tiling& tiling,
                     Cycles compute_at_least, std::int64_t place) {
  trial_.mapping.tiling = tiling;
  const MappingRank to_beat = prune_ ? best_rank_ : MappingRank{};
  const MappingRank bound =
      builder.outline(lanes, trial_.mapping, trial_.schedule, compute_at_least, place, to_beat);
  if (bound >= to_beat) return;
  outlines_.push_back({bound, &lanes, trial_.mapping.tiling});
}

/// Those first that promise most, so that few are built.
void Mapper::try_outlines(const Job& job, ScheduleBuilder& builder) {
  std::sort(outlines_.begin(), outlines_.end(),
            [](const Outline& a, const Outline& b) { return a.bound < b.bound; });
  for (const Outline& outline : outlines_) {
    if (prune_ && outline.bound >= best_rank_) break;
    trial_.mapping.tiling = outline.tiling;
    CyclePredictor predictor(trial_.schedule, job.accelerator);
    bool too_slow = false;
    const auto go_on = [&] {
      too_slow = prune_ && predictor.advance() > best_rank_.cycles;
      return !too_slow;
    };
    if (!builder.build(*outline.lanes, trial_.mapping, trial_.schedule, std::ref(go_on))) {
      if (trial_.mapping.buffer_bytes >= range_.limit) continue;
      range_.limit = trial_.mapping.buffer_bytes;
      least_need_ = trial_.mapping;
      continue;
    }
    if (too_slow) continue;
    trial_.mapping.predicted_cycles = predictor.finish();
    trial_.place = outline.bound.place;
    if (trial_.rank() < best_rank_) {
      best_rank_ = trial_.rank();
      std::swap(best_, trial_);
      found_ = true;
    }
  }
}

/// By what they take at least, whatever the tiling, so that a good one is found early.
void Mapper::order_candidates(const Job& job) {
  order_.clear();
  for (const auto& candidate : job.candidates.all()) {
    order_.push_back(
        {std::max(candidate.compute_cycles,
                  least_transfer_cycles(job.layer, job.accelerator, job.context, candidate.pes)),
         &candidate});
  }
  std::stable_sort(order_.begin(), order_.end(),
                   [](const Promise& a, const Promise& b) { return a.bound < b.bound; });
}

/// Cutting never saves cycles, and each tile is issued: that bounds from below what many tiles
/// take, before anything is built.
void Mapper::try_tilings(const Job& job, const MappingCandidates::Candidate& candidate) {
  const PeOption& pes = candidate.pes;
  const auto bound = [&](std::int64_t tiles) {
    return candidate.compute_cycles + job.accelerator.tile_issue_cycles * tiles;
  };
  const std::int64_t lines = pes.bands.share, channels = pes.share.channels;
  list_counts(channels, {job.accelerator.simd_units, job.accelerator.compute_lanes}, effort_,
              channel_counts_);
  list_counts(lines, {}, effort_, band_counts_);
  if (only_weights_move(job.layer, job.context, pes)) band_counts_ = {1};
  ScheduleBuilder builder(job.layer, job.accelerator, job.context, pes);
  const auto division = static_cast<std::size_t>(&candidate - job.candidates.all().data());
  for (std::size_t c = 0; c < channel_counts_.size(); ++c) {
    const int channel_tiles = channel_counts_[c];
    if (hopeless(bound(channel_tiles))) break;
    outlines_.clear();
    const int most_parts =
        most_reduction_tiles(job.layer, job.accelerator, job.context, pes, channel_tiles);
    for (std::size_t b = 0; b < band_counts_.size(); ++b) {
      const int bands = band_counts_[b];
      const std::int64_t tiles = std::int64_t{channel_tiles} * bands;
      if (tiles > kMostTiles || hopeless(bound(tiles))) break;
      const MappingCandidates::LaneChoices choices = job.candidates.lanes_for(
          {ceil_div(lines, bands), pes.across.share, ceil_div(channels, channel_tiles)});
      for (int i = 0; i < choices.count; ++i) {
        const LaneOption& lanes = *choices.options[static_cast<std::size_t>(i)];
        outline_orders(job, builder, lanes, {bands, channel_tiles}, most_parts,
                       std::max(candidate.compute_cycles,
                                cycles_of_blocks(job.layer, lanes, pes, bands, channel_tiles)),
                       within(within(within(static_cast<std::int64_t>(division), c), b),
                              static_cast<std::size_t>(i)));
      }
    }
    try_outlines(job, builder);
  }
}

/// Both orders of the loops over tiles, and with the reduction cut.
void Mapper::outline_orders(const Job& job, ScheduleBuilder& builder, const LaneOption& lanes,
                            const Tiling& tiling, int most_parts, Cycles compute_cycles,
                            std::int64_t place) {
  const int tiles = tiling.count();
  const auto bound = [&](int parts) {
    return compute_cycles + job.accelerator.tile_issue_cycles * Cycles{tiles} * parts;
  };
  if (hopeless(bound(1))) return;
  outline(builder, lanes, tiling, bound(1), within(place, 0));
  Tiling other = tiling;
  other.bands_outer = true;
  if (tiling.channel_tiles > 1 && tiling.bands > 1 && !job.layer.channelwise()) {
    outline(builder, lanes, other, bound(1), within(place, 1));
  }
  std::size_t turn = 2;
  for (int parts = kPartsStep; parts <= most_parts; parts *= kPartsStep) {
    if (std::int64_t{tiles} * parts > kMostTiles || hopeless(bound(parts))) break;
    other.reduction_tiles = parts;
    outline(builder, lanes, other, bound(parts), within(place, turn++));
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
                                                         const MappingCandidates& candidates,
                                                         const MappedLayer* known) {
  start();
  if (known != nullptr) best_rank_ = known->rank();
  if (candidates.all().empty()) {
    return Infeasible{
        InfeasibleReason::kRegisterFileTooSmall,
        fmt::format(
            "needs {} bytes of register file per SIMD unit ({}{} accumulators); {:g} KiB over {} "
            "units give {}",
            minimum_bank_bytes(layer, accelerator),
            layer.weight_bytes > 0
                ? fmt::format("two rows of {} weights and ", accelerator.simd_width)
                : "",
            kLeastAccumulators, accelerator.register_file_kib, accelerator.simd_units,
            static_cast<std::int64_t>(accelerator.register_file_bytes() / accelerator.simd_units))};
  }
  const Job job{layer, accelerator, context, candidates};
  order_candidates(job);
  for (const Promise& promise : order_) {
    if (hopeless(promise.bound)) break;
    try_tilings(job, *promise.candidate);
  }
  const MappedLayer* best = found_ ? &best_ : known;
  if (best == nullptr) {
    return Infeasible{
        InfeasibleReason::kLocalMemoryTooSmall,
        fmt::format("needs at least {} bytes of local memory per PE for its smallest tiles; {} of "
                    "{:.0f} are left",
                    range_.limit, std::max<std::int64_t>(0, context.available_bytes),
                    accelerator.local_memory_bytes())};
  }
  range_.least = best->mapping.buffer_bytes;
  return best;
}

std::vector<TriedMapping> Mapper::rivals(const LayerGeometry& layer,
                                         const AcceleratorConfig& accelerator,
                                         const LayerContext& context) {
  std::vector<TriedMapping> rivals;
  own_candidates_.collect(layer, accelerator, effort_);
  const Job job{layer, accelerator, context, own_candidates_};
  order_candidates(job);  // as map() tries them, so that ties end alike
  for (const Promise& first : order_) {
    start();
    try_tilings(job, *first.candidate);
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
