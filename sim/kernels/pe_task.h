#pragma once

#include <algorithm>
#include <span>

#include "models/network/layers/layer.h"
#include "sim/kernels/pe_memory.h"
#include "sim/kernels/quantized_network.h"
#include "sim/program/mapping.h"
#include "sim/timing/bandwidth_server.h"

namespace dovetail {

/// The input channels (of a group) that a tile adds to its outputs' sums. Where they are not all,
/// the sums wait between two tiles: of `out`, in its order.
struct ReductionTask {
  Interval inputs;
  bool first = true, last = true;
  std::span<std::int32_t> sums;
};

/// One PE's part of a tile: what it has in its registers and lanes, and for how long.
struct PeTask {
  const Layer& layer;
  const QuantizedLayer& quantized;
  LaneSplit lanes;
  Region out;                          // to compute
  std::span<const TensorPart> inputs;  // what `out` needs of each input
  std::span<const int> zero_points;    // of each input
  const TensorPart& weights;           // of the channels of `out`, if the layer has weights
  ReductionTask reduction;             // of layers that multiply
  Cycles cycles = 0;                   // that the program gives the tile
  int drain_cycles = 0;
};

/// Calls unit(row, col, channel) for every output of the task in the order in which lanes and units
/// come to it. A lane works on one block of unit_channels x unit_positions outputs after another;
/// its units idle where the block leaves the lane's part. What lanes do not reach in the tile's
/// cycles is left out.
template <typename Unit>
void for_each_unit(const PeTask& task, Cycles steps, Unit unit) {
  const Region& out = task.out;
  const LaneSplit& split = task.lanes;
  const int cols = out.cols.size(), positions = out.rows.size() * cols;
  for (int lane = 0; lane < split.lane_channels * split.lane_positions; ++lane) {
    const Interval channels =
        part_of(out.channels.size(), lane / split.lane_positions, split.lane_channels);
    const Interval places = part_of(positions, lane % split.lane_positions, split.lane_positions);
    Cycles left = task.cycles;
    for (int k = channels.begin; k < channels.end; k += split.unit_channels) {
      const int first = out.channels.begin + k;
      const int end = out.channels.begin + std::min(k + split.unit_channels, channels.end);
      for (int p = places.begin; p < places.end; p += split.unit_positions) {
        left -= steps + task.drain_cycles;
        if (left < 0) break;
        const int last = std::min(p + split.unit_positions, places.end);
        for (int place = p; place < last; ++place) {
          const int row = out.rows.begin + place / cols, col = out.cols.begin + place % cols;
          for (int channel = first; channel < end; ++channel) unit(row, col, channel);
        }
      }
    }
  }
}

}  // namespace dovetail
