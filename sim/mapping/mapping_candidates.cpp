#include "sim/mapping/mapping_candidates.h"

#include <algorithm>

namespace dovetail {
namespace {

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
  // An axis of y = y1 * y2 PEs gives y1 to one dimension and y2 to another.
  for (const auto& [y1, y2] : factors_of(accelerator.pes_y, effort)) {
    for (const auto& [x1, x2] : factors_of(accelerator.pes_x, effort)) {
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
  lane_options_.clear();
  for_each_lane_split(layer, accelerator, [&](const LaneSplit& split) {
    if (auto option = lane_option(layer, accelerator, split)) lane_options_.push_back(*option);
  });
}

void MappingCandidates::keep_best_lanes(const LayerGeometry& layer,
                                        const AcceleratorConfig& accelerator, std::uint32_t pes) {
  const PeTile& share = pe_options_[pes].share;
  const auto first = static_cast<std::ptrdiff_t>(candidates_.size());
  for (std::uint32_t lanes = 0; lanes < lane_options_.size(); ++lanes) {
    const LaneOption& option = lane_options_[lanes];
    const PeTileCost cost = pe_tile_cost(layer, accelerator, option, share);
    const Candidate added{pes, lanes, cost.cycles + cost.vector_cycles, cost.local_memory_bytes,
                          lane_blocks(option.split, share)};
    const auto beats = [](const Candidate& one, const Candidate& other) {
      return one.compute_cycles <= other.compute_cycles &&
             one.local_memory_bytes <= other.local_memory_bytes;
    };
    const auto of_these_pes = candidates_.begin() + first;
    if (std::any_of(of_these_pes, candidates_.end(),
                    [&](const Candidate& kept) { return beats(kept, added); })) {
      continue;
    }
    candidates_.erase(std::remove_if(of_these_pes, candidates_.end(),
                                     [&](const Candidate& kept) { return beats(added, kept); }),
                      candidates_.end());
    candidates_.push_back(added);
  }
}

void MappingCandidates::collect(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                                int effort) {
  pe_options_.clear();
  candidates_.clear();
  collect_lanes(layer, accelerator);
  if (lane_options_.empty()) return;
  for (const PeSplit& split : pe_splits(accelerator, effort, looks_the_same_turned(layer))) {
    pe_options_.push_back(pe_option(layer, split));
    keep_best_lanes(layer, accelerator, static_cast<std::uint32_t>(pe_options_.size() - 1));
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
