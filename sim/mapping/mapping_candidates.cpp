#include "sim/mapping/mapping_candidates.h"

#include <algorithm>
#include <limits>

namespace dovetail {
namespace {

/// Lanes that take longer than this many times the fastest are not tried, however few bytes they
/// read.
constexpr double kMostOfFewest = 1.5;

/// The ways to write one axis of the PE tile as a product of two factors, one of them 1 unless the
/// effort is high.
std::vector<std::pair<int, int>> factors_of(int pes, int effort) {
  std::vector<std::pair<int, int>> factors = {{pes, 1}};
  for (int a = 2; effort >= 3 && a < pes; ++a) {
    if (pes % a == 0) factors.emplace_back(a, pes / a);
  }
  return factors;
}

bool looks_the_same_turned(const LayerGeometry& layer) {
  return layer.in_h == layer.in_w && layer.out_h == layer.out_w &&
         layer.kernel_h == layer.kernel_w && layer.stride_h == layer.stride_w &&
         layer.reach_h == layer.reach_w && layer.pad_top == layer.pad_left &&
         layer.repeat_h == layer.repeat_w;
}

/// Every way to give the two axes of the PE tile to rows, columns and channels of the output. Of a
/// layer that looks the same turned on its side, one of two divisions that do.
std::vector<PeSplit> pe_splits(const AcceleratorConfig& accelerator, int effort, bool same_turned) {
  std::vector<PeSplit> splits;
  const auto known = [&](const PeSplit& split) {
    return std::find(splits.begin(), splits.end(), split) != splits.end();
  };
  const auto add = [&](const PeSplit& split) {
    if (known(split)) return;
    if (same_turned && known({split.cols, split.rows, split.channels})) return;
    splits.push_back(split);
  };
  // An axis of y = y1 * y2 PEs gives y1 to one dimension and y2 to another. The shorter side comes
  // first, so that of equally good divisions a tile and its mirror image take the same.
  const auto [shorter, longer] = std::minmax(accelerator.pes_x, accelerator.pes_y);
  for (const auto& [y1, y2] : factors_of(shorter, effort)) {
    for (const auto& [x1, x2] : factors_of(longer, effort)) {
      for (int way = 0; way < 81; ++way) {
        int parts[3] = {1, 1, 1};
        if ((y2 == 1 && way / 3 % 3 != 0) || (x2 == 1 && way / 27 != 0)) continue;
        parts[way % 3] *= y1;
        parts[way / 3 % 3] *= y2;
        parts[way / 9 % 3] *= x1;
        parts[way / 27] *= x2;
        add({parts[0], parts[1], parts[2]});
      }
    }
  }
  return splits;
}

/// Units that share a channel's positions: as many as there are, or as the register file feeds at
/// one step a cycle; more would bring nothing.
int unit_positions(const LayerGeometry& layer, const AcceleratorConfig& accelerator, int channels,
                   int ways) {
  const double budget = accelerator.register_file_bytes_per_unit_cycle * accelerator.simd_units;
  int positions = 1;
  while (channels * positions * 2 <= accelerator.simd_units &&
         (layer.weight_bytes == 0 || channels * positions * 2 * ways <= budget)) {
    positions *= 2;
  }
  return positions;
}

/// Visits every way to share a PE's part among lanes and units, for operators that multiply or
/// slide a window. Streaming operators have one way.
template <typename Visit>
void for_each_lane_split(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                         Visit visit) {
  if (layer.streams()) return visit(LaneSplit{});
  const bool dense = layer.kind == WorkKind::kDense;
  const int most_ways = dense ? accelerator.simd_width : 1;
  const int group_channels = layer.out_c / layer.groups;
  for (int lane_channels = 1; lane_channels <= accelerator.compute_lanes; lane_channels *= 2) {
    if (accelerator.compute_lanes % lane_channels != 0) continue;
    for (int channels = accelerator.simd_units; channels >= 1; channels /= 2) {
      if (channels >= 2 * layer.out_c && channels > 1) continue;  // half of them would do
      if (dense && layer.groups > 1 && channels > group_channels) continue;
      for (int ways = 1; ways <= most_ways; ways *= 2) {
        visit(LaneSplit{lane_channels, accelerator.compute_lanes / lane_channels, channels,
                        unit_positions(layer, accelerator, channels, ways), ways});
      }
    }
  }
}

}  // namespace

void MappingCandidates::collect_lanes(const LayerGeometry& layer,
                                      const AcceleratorConfig& accelerator) {
  lanes_.clear();
  channel_weights_ =
      layer.weight_bytes > 0
          ? layer.bytes_of_weights(std::int64_t{layer.taps()} * layer.reduction_channels())
          : 0;
  for_each_lane_split(layer, accelerator, [&](const LaneSplit& split) {
    const auto option = lane_option(layer, accelerator, split);
    if (!option) return;
    lanes_.push_back(
        {*option, static_cast<double>(option->steps * activation_readers(layer, split)) *
                      option->step.activation_bytes});
  });
  std::size_t kept = 0;
  for (const Lanes& lanes : lanes_) {
    const auto end = lanes_.begin() + static_cast<std::ptrdiff_t>(kept);
    const auto beats = [&](const Lanes& one) { return never_worse(one, lanes); };
    if (std::none_of(lanes_.begin(), end, beats)) lanes_[kept++] = lanes;
  }
  lanes_.resize(kept);
}

/// On a tile of any size.
bool MappingCandidates::never_worse(const Lanes& one, const Lanes& other) {
  const LaneSplit &a = one.option.split, &b = other.option.split;
  return one.option.block_cycles <= other.option.block_cycles &&
         one.block_bytes <= other.block_bytes &&
         (a.lane_channels * a.unit_channels) % (b.lane_channels * b.unit_channels) == 0 &&
         (a.lane_positions * a.unit_positions) % (b.lane_positions * b.unit_positions) == 0;
}

MappingCandidates::LaneChoices MappingCandidates::lanes_for(const PeTile& tile) const {
  std::vector<RankedLanes>& ranked = ranked_;
  ranked.clear();
  double fewest = std::numeric_limits<double>::max();
  for (const Lanes& lanes : lanes_) {
    fewest = std::min(fewest, cycles_of(lanes, tile));
  }
  for (const Lanes& lanes : lanes_) {
    const double cycles = cycles_of(lanes, tile);
    if (cycles <= kMostOfFewest * fewest) {
      ranked.push_back({&lanes, cycles, bytes_of_tile(lanes, tile)});
    }
  }
  std::sort(ranked.begin(), ranked.end(), [](const RankedLanes& one, const RankedLanes& other) {
    if (one.cycles != other.cycles) return one.cycles < other.cycles;
    if (one.bytes != other.bytes) return one.bytes < other.bytes;
    return one.lanes < other.lanes;
  });
  LaneChoices choices;
  double least = std::numeric_limits<double>::max();  // bytes of those that are faster
  for (const RankedLanes& one : ranked) {
    if (one.bytes >= least) continue;
    least = one.bytes;
    if (static_cast<std::size_t>(choices.count) == choices.options.size()) break;
    choices.options[static_cast<std::size_t>(choices.count++)] = &one.lanes->option;
  }
  return choices;
}

double MappingCandidates::cycles_of(const Lanes& lanes, const PeTile& tile) {
  const LaneBlocks blocks = lane_blocks(lanes.option.split, tile);
  return static_cast<double>(blocks.channels * blocks.positions) * lanes.option.block_cycles;
}

/// From and to local memory.
double MappingCandidates::bytes_of_tile(const Lanes& lanes, const PeTile& tile) const {
  const BankUse& bank = lanes.option.bank;
  const LaneBlocks blocks = lane_blocks(lanes.option.split, tile);
  const std::int64_t groups = channel_weights_ <= bank.weight_bytes
                                  ? 1
                                  : ceil_div(blocks.positions, bank.accumulator_positions);
  return static_cast<double>(blocks.channels * blocks.positions) * lanes.block_bytes +
         static_cast<double>(tile.channels * channel_weights_ * groups);
}

Cycles MappingCandidates::fewest_cycles(const LayerGeometry& layer,
                                        const AcceleratorConfig& accelerator,
                                        const PeTile& share) const {
  const LaneOption* best = &lanes_.front().option;
  double fewest = std::numeric_limits<double>::max();
  for (const Lanes& lanes : lanes_) {
    const double cycles = cycles_of(lanes, share);
    if (cycles >= fewest) continue;
    fewest = cycles;
    best = &lanes.option;
  }
  const PeTileCost cost = pe_tile_cost(layer, accelerator, *best, share);
  return cost.cycles + cost.vector_cycles;
}

void MappingCandidates::collect(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                                int effort) {
  candidates_.clear();
  collect_lanes(layer, accelerator);
  if (lanes_.empty()) return;
  for (const PeSplit& split : pe_splits(accelerator, effort, looks_the_same_turned(layer))) {
    const PeOption pes = pe_option(layer, split);
    candidates_.push_back({pes, fewest_cycles(layer, accelerator, pes.share)});
  }
  std::stable_sort(
      candidates_.begin(), candidates_.end(),
      [](const Candidate& a, const Candidate& b) { return a.compute_cycles < b.compute_cycles; });
}

double attainable_macs_per_cycle(const AcceleratorConfig& accelerator, const Bits& bits) {
  LayerGeometry ideal;
  ideal.bits = bits;
  ideal.out_c = ideal.in_c = accelerator.simd_units * accelerator.simd_width;
  ideal.weight_bytes = 1;  // it has weights
  double best = 0;         // of a lane
  for_each_lane_split(ideal, accelerator, [&](const LaneSplit& split) {
    const double macs =
        static_cast<double>(split.unit_channels) * split.unit_positions * split.ways;
    best = std::max(best, macs / step_limits(ideal, accelerator, split).cycles);
  });
  return best * accelerator.pes() * accelerator.compute_lanes;
}

double attainable_macs_per_cycle(const AcceleratorConfig& accelerator, const Network& network) {
  double most = 0;
  for (const Layer& layer : network.layers()) {
    if (layer.macs() == 0) continue;
    Bits bits = layer.bits;
    bits.weight = static_cast<std::uint8_t>(LayerGeometry::of(network, layer).weight_bits());
    most = std::max(most, attainable_macs_per_cycle(accelerator, bits));
  }
  return most;
}

}  // namespace dovetail
