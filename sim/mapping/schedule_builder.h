#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <limits>
#include <optional>

#include "sim/mapping/layer_schedule.h"
#include "sim/timing/local_memory_timing.h"
#include "sim/timing/tile_timing.h"

namespace dovetail {

/// What mappings are ranked by: cycles, then bytes of local memory.
struct MappingRank {
  std::int64_t cycles = std::numeric_limits<std::int64_t>::max();
  std::int64_t bytes = std::numeric_limits<std::int64_t>::max();

  auto operator<=>(const MappingRank&) const = default;
};

enum class Fit { kFits, kTooLarge, kTooSlow };

/// Cuts one division of a layer into tiles and writes the commands. Made once for a division, then
/// used for each tiling; keeps references to its arguments.
///
/// Tile t + 2 may be loaded once tile t has been computed (double buffering). Sums are exact: the
/// tiles' MACs add up to the layer's, the transfers' bytes to the tensors' bytes times passes.
class ScheduleBuilder {
 public:
  ScheduleBuilder(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                  const LayerContext& context, const PeOption& pes, const LaneOption& lanes);

  /// Fills `schedule` (reusing its memory) and rounds `mapping.tiling` to whole tiles. Stops as
  /// soon as a lower bound on the cycles shows that it does not rank before `to_beat`, or at the
  /// byte counts if that needs more than the available bytes. `compute_at_least`: cycles that its
  /// tiles are known to compute.
  Fit build(LayerMapping& mapping, LayerSchedule& schedule, Cycles compute_at_least = 0,
            const MappingRank& to_beat = {});

 private:
  /// How one input reaches the PEs that need it.
  struct Delivery {
    bool in_place = false;  // for all but its halos
    Source source;
    std::int64_t bytes = 0;     // of the whole layer and one pass, each byte counted once
    std::int64_t pe_bytes = 0;  // of these, what the busiest PE takes, for one band
  };

  /// When operands can be there at the earliest, in cycles from launch.
  struct Arrival {
    Cycles first_tile = 0;
    Cycles next_step = 0;  // of the outer loop, from when its operands are requested
    Cycles all_loads = 0;
    Cycles all = 0;  // results on their way out included
  };

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

  void emit();
  void add_transfer(const Transfer& transfer);
  void add_load(int tile, std::int8_t operand, const Source& from, std::int64_t bytes,
                std::int64_t pe_bytes);
  void add_loads(int t, int band, int channel);
  void add_tile(int t, int band, int channel);
  void add_store(int t);
  PeTile last_tile() const;
  PeTile part_of_tile(int band, int channel) const;
  const PeTileCost& cost_of(const PeTile& part);

  const LayerGeometry& layer_;
  const AcceleratorConfig& accelerator_;
  const LayerContext& context_;
  const PeOption& pes_;
  const LaneOption& lanes_;
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
  Tiling tiling_;
  LayerSchedule* out_ = nullptr;
  std::int64_t band_ = 0, tile_channels_ = 0;       // of a whole tile
  std::array<std::optional<PeTileCost>, 4> costs_;  // see cost_of()
  int loads_of_tile_ = 0;
  int stores_ = 0;  // so far, the last of tile stored_tile_
  int stored_tile_ = -1;
};

}  // namespace dovetail
