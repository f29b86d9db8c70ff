#pragma once

#include <cstdint>
#include <limits>
#include <variant>
#include <vector>

#include "hw_space/accelerator_config.h"
#include "sim/mapping/effort.h"
#include "sim/mapping/mapping_candidates.h"
#include "sim/mapping/schedule_builder.h"
#include "sim/program/infeasible.h"
#include "sim/timing/bandwidth_server.h"

namespace dovetail {

/// A mapping and its commands.
struct MappedLayer {
  LayerMapping mapping;
  LayerSchedule schedule;
  std::int64_t place = 0;  // of its rank

  MappingRank rank() const { return {mapping.predicted_cycles, mapping.buffer_bytes, place}; }
};

/// Amounts of available local memory, in bytes: from `least` up to, not including, `limit`.
struct MemoryRange {
  std::int64_t least = 0, limit = std::numeric_limits<std::int64_t>::max();

  bool contains(std::int64_t bytes) const { return least <= bytes && bytes < limit; }
};

/// A mapping that was tried, and what became of it.
struct TriedMapping {
  LayerMapping mapping;
  bool fits = false;  // in the available local memory; if not, the cycles are 0
  // Of all tiles, operands at hand.
  Cycles compute_cycles = 0;  // of the lanes
  Cycles vector_cycles = 0;   // of the vector unit
};

/// Chooses how one layer runs: tries every candidate cut into tiles in every way (the reduction
/// too, where the weights of a tile would take much of local memory), and keeps what
/// predict_cycles() ranks first; ties go to what needs less local memory, then to what comes first
/// in the order of divisions, channels, bands and lanes. What cannot win by a lower bound is not
/// tried, which does not change the choice. A pure function of its arguments.
///
/// Infeasible if no division fits the register file, or no tiling the available local memory.
class Mapper {
 public:
  /// 1 to kMostMapperEffort. With `prune` false everything is tried: slower, the same mappings.
  explicit Mapper(int effort = 1, bool prune = true) : effort_(effort), prune_(prune) {}

  int effort() const { return effort_; }

  std::variant<const MappedLayer*, Infeasible> map(const LayerGeometry& layer,
                                                   const AcceleratorConfig& accelerator,
                                                   const LayerContext& context);
  /// With candidates collected earlier for this layer, accelerator and effort. `known`: a mapping
  /// that was chosen for other available memory and fits this one too; it saves time, and is what
  /// is returned if it is chosen again.
  std::variant<const MappedLayer*, Infeasible> map(const LayerGeometry& layer,
                                                   const AcceleratorConfig& accelerator,
                                                   const LayerContext& context,
                                                   const MappingCandidates& candidates,
                                                   const MappedLayer* known = nullptr);
  /// Of the last map(): with any amount of available memory in this range it would have chosen the
  /// same mapping. That one still fits, and nothing does that could have beaten it and did not fit.
  MemoryRange same_choice() const { return range_; }

  /// For each way to divide the PEs the best mapping that it allows (or, where none fits, the one
  /// that needs least local memory), fastest first: the one that map() chooses and its rivals.
  std::vector<TriedMapping> rivals(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                                   const LayerContext& context);

 private:
  struct Job {
    const LayerGeometry& layer;
    const AcceleratorConfig& accelerator;
    const LayerContext& context;
    const MappingCandidates& candidates;
  };
  void start();
  bool hopeless(Cycles bound) const { return prune_ && bound > best_rank_.cycles; }
  void order_candidates(const Job& job);
  void try_tilings(const Job& job, const MappingCandidates::Candidate& candidate);
  void outline_orders(const Job& job, ScheduleBuilder& builder, const LaneOption& lanes,
                      const Tiling& tiling, int most_parts, Cycles compute_cycles,
                      std::int64_t place);
  void outline(ScheduleBuilder& builder, const LaneOption& lanes, const Tiling& tiling,
               Cycles compute_at_least, std::int64_t place);
  void try_outlines(const Job& job, ScheduleBuilder& builder);

  int effort_;
  bool prune_;
  // Scratch and result, kept between calls so that mapping allocates nothing.
  MappingCandidates own_candidates_;
  std::vector<int> band_counts_, channel_counts_;
  struct Outline {
    MappingRank bound;
    const LaneOption* lanes = nullptr;
    Tiling tiling;
  };
  std::vector<Outline> outlines_;
  struct Promise {
    Cycles bound = 0;
    const MappingCandidates::Candidate* candidate = nullptr;
  };
  std::vector<Promise> order_;
  MappedLayer best_, trial_;
  bool found_ = false;       // in best_
  MappingRank best_rank_;    // of best_ or of what was known
  LayerMapping least_need_;  // of what did not fit
  MemoryRange range_;
};

}  // namespace dovetail
