#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "hw_space/accelerator_config.h"
#include "sim/bandwidth_server.h"
#include "sim/infeasible.h"
#include "sim/mapping/layer_schedule.h"

namespace dovetail {

/// A mapping and its commands.
struct MappedLayer {
  LayerMapping mapping;
  LayerSchedule schedule;
};

/// A mapping that was tried, and what became of it.
struct Rival {
  LayerMapping mapping;
  Cycles compute_cycles = 0;  // of the whole layer, untiled and with all operands at hand
  bool fits = false;          // in the available local memory; if not, predicted_cycles is 0
};

/// Chooses how one layer runs: enumerates how PEs, lanes and units share the output and how it is
/// cut into tiles, and keeps what predict_cycles() ranks first; ties go to what needs less local
/// memory, then to what was enumerated first. A pure function of its arguments.
///
/// Infeasible if no split fits the register file, or no tiling the available local memory.
class Mapper {
 public:
  std::variant<const MappedLayer*, Infeasible> map(const LayerGeometry& layer,
                                                   const AcceleratorConfig& accelerator,
                                                   const LayerContext& context);

  /// For each way to divide the PEs the best mapping that it allows (or, where none fits, the one
  /// that needs least local memory), fastest first: the one that map() chooses and its rivals.
  std::vector<Rival> rivals(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                            const LayerContext& context);

 private:
  struct Candidate {
    PeSplit pes;
    LaneSplit lanes;
    BankUse bank;
    Cycles compute_cycles = 0;  // of the whole layer, untiled
  };
  void collect_candidates(const LayerGeometry& layer, const AcceleratorConfig& accelerator);
  void try_tilings(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                   const LayerContext& context, const Candidate& candidate, int most_tiles);
  void try_tiling(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                  const LayerContext& context, const Candidate& candidate, const Tiling& tiling);

  // Scratch and result, kept between calls so that mapping allocates nothing.
  std::vector<Candidate> candidates_;
  MappedLayer best_, trial_;
  bool found_ = false;
  LayerMapping least_need_;  // of what did not fit
  std::int64_t smallest_need_ = 0;
};

}  // namespace dovetail
