#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <limits>

#include "sim/mapping/layer_schedule.h"
#include "sim/timing/local_memory_timing.h"
#include "sim/timing/tile_timing.h"

namespace dovetail {

/// What mappings are ranked by: cycles, bytes of local memory, and their place among all, so that
/// no two are equal and the first does not depend on which were tried.
struct MappingRank {
  std::int64_t cycles = std::numeric_limits<std::int64_t>::max();
  std::int64_t bytes = std::numeric_limits<std::int64_t>::max();
  std::int64_t place = std::numeric_limits<std::int64_t>::max();

  auto operator<=>(const MappingRank&) const = default;
};

/// Cuts one division of a layer among PEs into tiles and writes the commands. Made once for a
/// division, then used for each tiling; keeps references to its arguments.
///
/// Tile t + 2 may be loaded once tile t has been computed (double buffering). Sums are exact: the
/// tiles' MACs add up to the layer's, the transfers' bytes to the tensors' bytes times passes.
class ScheduleBuilder {
 public:
  ScheduleBuilder(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                  const LayerContext& context, const PeOption& pes);

  /// Sizes: rounds `mapping.tiling` to whole tiles and fills `schedule` (reusing its memory) but
  /// for tiles and transfers. Returns a lower bound on the rank, if it is not before `to_beat` any
  /// that shows it. `compute_at_least`: cycles that its tiles are known to compute. `place`: of the
  /// rank.
  MappingRank outline(const LaneOption& lanes, LayerMapping& mapping, LayerSchedule& schedule,
                      Cycles compute_at_least = 0, std::int64_t place = 0,
                      const MappingRank& to_beat = {});
  /// All of `schedule`, or only its sizes if they are more than the available bytes; then false.
  /// After each tile but the last it asks `go_on`, and ends early without.
  bool build(const LaneOption& lanes, LayerMapping& mapping, LayerSchedule& schedule,
             const std::function<bool()>& go_on = {});

 private:
  /// How one input reaches the PEs that need it.
  struct Delivery {
    bool in_place = false;  // for all but its halos
    Source source;
    std::int64_t bytes = 0;     // of the whole layer and one pass, each byte counted once
    std::int64_t pe_bytes = 0;  // of these, what the busiest PE takes, for one band
  };

  /// A tile, in the order of the program, and which of the outputs, bands, ... it works on.
  struct TilePlace {
    int tile = 0, output = 0, band = 0, channel = 0, reduction = 0;
  };

  /// When operands can be there at the earliest, in cycles from launch.
  struct Arrival {
    Cycles first_tile = 0;
    Cycles next_step = 0;  // of the outer loop, from when its operands are requested
    Cycles all_loads = 0;
    Cycles all = 0;  // results on their way out included
  };

  void start(const LaneOption& lanes, LayerMapping& mapping, LayerSchedule& schedule);
  void round_tiling();
  Cycles tile_cycles(const PeTileCost& cost) const;
  Cycles compute_cycles();
  Cycles stalls(Cycles next_step);
  void plan_inputs();
  std::int64_t tile_input_channels(std::int64_t tensor_channels) const;
  std::int64_t channels_read_twice(std::int64_t tensor_channels) const;
  void count_buffers();
  int passes_over_inputs() const;
  Arrival earliest_arrival() const;

  void emit(const std::function<bool()>& go_on);
  void add_transfer(const Transfer& transfer);
  void add_load(int tile, std::int8_t operand, const Source& from, std::int64_t bytes,
                std::int64_t pe_bytes);
  void advance(TilePlace& at) const;
  void add_loads(const TilePlace& at);
  void add_tile(const TilePlace& at);
  void add_store(int output);
  PeTile last_tile() const;
  PeTile part_of_tile(int band, int channel) const;
  ReductionPart reduction_part(int number) const;
  const PeTileCost& cost_of(const PeTile& tile, int reduction);
  Cycles cycles_of_sums(const PeTile& tile);

  const LayerGeometry& layer_;
  const AcceleratorConfig& accelerator_;
  const LayerContext& context_;
  const PeOption& pes_;
  const PeTile& whole_;
  const IoPortTiming io_port_;
  const InterconnectTiming interconnect_;
  const LocalMemoryTiming local_memory_;
  const TileTiming tile_timing_;
  const bool every_tile_;  // loads its own part of each input; else one for each band
  const bool weights_move_;
  Source weight_source_;
  std::array<Delivery, kMaxInputs> inputs_;

  // Of the tiling at hand.
  const LaneOption* lanes_ = nullptr;
  Tiling tiling_;
  LayerSchedule* out_ = nullptr;
  std::int64_t band_ = 0, tile_channels_ = 0;  // of a whole tile
  std::int64_t tile_reduction_ = 0;            // input channels, likewise
  std::array<PeTileCost, 12> costs_;           // see cost_of(): those that are known
  std::uint32_t known_costs_ = 0;              // a bit each
  int loads_of_tile_ = 0;
  int stores_ = 0;  // so far, the last of output stored_
  int stored_ = -1;
  std::int64_t macs_ = 0;  // of the tiles so far
};

}  // namespace dovetail
