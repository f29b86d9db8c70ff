#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "hw_space/accelerator_config.h"
#include "sim/mapping/layer_schedule.h"
#include "sim/timing/dma_timing.h"
#include "sim/timing/interconnect_timing.h"
#include "sim/timing/io_port_timing.h"
#include "sim/timing/local_memory_timing.h"
#include "sim/timing/tile_timing.h"

namespace dovetail {

/// The chip as one layer sees it when nothing else runs: the rules of sim/timing, which the modules
/// of sim/tlm follow too, without events.
class IdleChip {
 public:
  explicit IdleChip(const AcceleratorConfig& accelerator);

  /// When the DMA engine takes up a transfer that may start at `ready`.
  Cycles issue_time(Cycles ready) const { return std::max({issue_, ready, dma_.free_at()}); }
  /// Returns when the transfer's last byte has arrived.
  Cycles transfer(const Transfer& transfer, Cycles ready);
  /// Returns when the tile has been computed.
  Cycles compute(const Tile& tile, Cycles loaded);
  /// The sums of a tile that has been computed, added up among the PEs.
  Cycles reduce(const Tile& tile);
  /// That the tiles so far were at work.
  Cycles busy_cycles() const { return busy_; }

 private:
  Cycles move(Cycles start, const Movement& movement);

  IoPortTiming io_port_;
  InterconnectTiming interconnect_;
  LocalMemoryTiming local_memory_;
  TileTiming tile_;
  DmaTiming dma_;
  Cycles issue_ = 0, computed_ = 0, busy_ = 0;
};

/// Cycles of a layer from launch to the last output, by the recurrence that the SystemC model
/// follows when the layer has the chip to itself. Works beside the writing of the schedule, so that
/// one that is too slow is given up early.
class CyclePredictor {
 public:
  /// Keeps a reference to the schedule.
  CyclePredictor(const LayerSchedule& schedule, const AcceleratorConfig& accelerator)
      : schedule_(schedule), chip_(accelerator) {}

  /// Follows the schedule to its last tile but one, whose successor's loads are known. Returns what
  /// all of it takes at least.
  Cycles advance();
  /// Once it is complete: what it takes.
  Cycles finish();

 private:
  bool next_is_store_before() const;
  Cycles ready(const Transfer& transfer) const;
  void start_transfer();
  void run_tile();
  void compute(const Tile& tile);

  const LayerSchedule& schedule_;
  IdleChip chip_;
  // Completion of the last two tiles is all that transfers ever wait for, and of the last two
  // stores all that tiles do.
  std::array<Cycles, 2> tile_done_{}, store_done_{}, loaded_{};
  std::int64_t loads_ = 0, loads_needed_ = 0;  // started; of the tiles so far
  std::int32_t stores_ = 0;
  std::size_t tile_ = 0, next_ = 0;
  Cycles end_ = 0;
};

std::int64_t predict_cycles(const LayerSchedule& schedule, const AcceleratorConfig& accelerator);

}  // namespace dovetail
