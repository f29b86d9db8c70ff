#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hw_space/accelerator_config.h"
#include "sim/mapping/layer_schedule.h"
#include "sim/mapping/pe_model.h"
#include "sim/timing/bandwidth_server.h"

namespace dovetail {

/// The ways to divide a layer among PEs, lanes and units that are worth trying, whatever the
/// bandwidths and the memory: each division of the PEs, fastest first, and for a tile of any size
/// the divisions of lanes and units than which none takes fewer cycles on it and fewer bytes.
class MappingCandidates {
 public:
  struct Candidate {
    PeOption pes;
    Cycles compute_cycles = 0;  // of the layer, untiled, with the lanes that take fewest; tiles
                                // never take fewer
  };
  /// Ways for the lanes to do a tile, the fastest first. They are those of this object.
  struct LaneChoices {
    int count = 0;
    std::array<const LaneOption*, 4> options{};
  };

  void collect(const LayerGeometry& layer, const AcceleratorConfig& accelerator, int effort);

  /// Empty if no division of the lanes fits the register file.
  const std::vector<Candidate>& all() const { return candidates_; }
  /// For a tile in one PE.
  LaneChoices lanes_for(const PeTile& tile) const;

 private:
  struct Lanes {
    LaneOption option;
    double block_bytes = 0;  // of activations, for a block of outputs
  };
  struct RankedLanes {
    const Lanes* lanes = nullptr;
    double cycles = 0, bytes = 0;  // of a tile: of the lanes, see bytes_of_tile()
  };
  static double cycles_of(const Lanes& lanes, const PeTile& tile);
  double bytes_of_tile(const Lanes& lanes, const PeTile& tile) const;
  static bool never_worse(const Lanes& one, const Lanes& other);
  void collect_lanes(const LayerGeometry& layer, const AcceleratorConfig& accelerator);
  Cycles fewest_cycles(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                       const PeTile& share) const;

  std::vector<Lanes> lanes_;          // none that another one is never worse than
  std::int64_t channel_weights_ = 0;  // bytes
  std::vector<Candidate> candidates_;
  mutable std::vector<RankedLanes> ranked_;  // scratch of lanes_for()
};

/// Multiply-accumulates a cycle of a dense layer of ideal size: no PE, lane or unit idle, no drain,
/// all operands in local memory, the best of the lane divisions. What a step waits for
/// (step_limits()) keeps it below the peak: no layer of operands of so many bits computes faster.
double attainable_macs_per_cycle(const AcceleratorConfig& accelerator, const Bits& bits = {});
/// The most for any of the network's layers; 0 if none multiplies.
double attainable_macs_per_cycle(const AcceleratorConfig& accelerator, const Network& network);

}  // namespace dovetail
