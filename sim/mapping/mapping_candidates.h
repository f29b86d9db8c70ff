#pragma once

#include <cstdint>
#include <vector>

#include "hw_space/accelerator_config.h"
#include "sim/mapping/layer_schedule.h"
#include "sim/mapping/pe_model.h"
#include "sim/timing/bandwidth_server.h"

namespace dovetail {

/// The ways to divide a layer among PEs, lanes and units that are worth trying, whatever the
/// bandwidths and the memory. For each division of the PEs no lane division is kept than which
/// another takes neither more cycles nor more bytes of local memory; fastest first.
class MappingCandidates {
 public:
  struct Candidate {
    std::uint32_t pes = 0, lanes = 0;     // positions in the lists below
    Cycles compute_cycles = 0;            // of the whole layer, untiled; tiles never take fewer
    std::int64_t local_memory_bytes = 0;  // that the lanes read and write meanwhile
    LaneBlocks blocks;                    // of the busiest lane, untiled
  };

  void collect(const LayerGeometry& layer, const AcceleratorConfig& accelerator, int effort);

  const std::vector<Candidate>& all() const { return candidates_; }
  const PeOption& pes(const Candidate& c) const { return pe_options_[c.pes]; }
  const LaneOption& lanes(const Candidate& c) const { return lane_options_[c.lanes]; }

 private:
  void collect_lanes(const LayerGeometry& layer, const AcceleratorConfig& accelerator);
  void keep_best_lanes(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                       std::uint32_t pes);

  std::vector<PeOption> pe_options_;
  std::vector<LaneOption> lane_options_;
  std::vector<Candidate> candidates_;
};

/// Multiply-accumulates a cycle of a dense layer of ideal size: no PE, lane or unit idle, no drain,
/// all operands in local memory, the best of the lane divisions. What a step waits for
/// (step_limits()) keeps it below the peak: no layer of operands of so many bits computes faster.
double attainable_macs_per_cycle(const AcceleratorConfig& accelerator, const Bits& bits = {});
/// The most for any of the network's layers; 0 if none multiplies.
double attainable_macs_per_cycle(const AcceleratorConfig& accelerator, const Network& network);

}  // namespace dovetail
