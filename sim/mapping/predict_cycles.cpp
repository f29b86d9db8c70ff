#include "sim/mapping/predict_cycles.h"

#include <algorithm>
#include <array>

#include "sim/timing/dma_timing.h"
#include "sim/timing/interconnect_timing.h"
#include "sim/timing/io_port_timing.h"
#include "sim/timing/local_memory_timing.h"
#include "sim/timing/tile_timing.h"

namespace dovetail {
namespace {

/// The chip as one layer sees it when nothing else runs: the rules of sim/timing, which the modules
/// of sim/tlm follow too, without events.
class IdleChip {
 public:
  explicit IdleChip(const AcceleratorConfig& accelerator)
      : io_port_(accelerator),
        interconnect_(accelerator),
        local_memory_(accelerator),
        tile_(accelerator) {}

  /// Returns when the transfer's last byte has arrived.
  Cycles transfer(const Transfer& t, Cycles ready) {
    issue_ = std::max({issue_, ready, dma_.free_at()});
    Cycles done = issue_;
    if (t.io_bytes > 0) done = io_port_.pass(issue_, t.io_bytes).done;
    if (t.interconnect_bytes > 0) {
      const bool between_pes = t.kind == TransferKind::kExchange;
      done = std::max(done, move(issue_, {between_pes, t.interconnect_bytes, t.local_bytes}));
    }
    return dma_.complete(done);
  }

  Cycles compute(const Tile& tile, Cycles loaded) {
    const Cycles start = std::max(loaded, computed_), issued = start + tile_.issue_cycles();
    const Cycles operands = local_memory_.read(issued, tile.local_memory_bytes).done - issued;
    computed_ = start + tile_.cycles(tile.compute_cycles, tile.vector_cycles, operands);
    if (tile.reduction_bytes > 0) {
      computed_ = move(computed_, {true, tile.reduction_bytes, tile.reduction_bytes});
    }
    return computed_;
  }

 private:
  Cycles move(Cycles start, const Movement& movement) {
    const Cycles moved = interconnect_.move(start, movement).done;
    return interconnect_.arrival(moved, local_memory_.fill(start, movement.busiest_pe_bytes).done);
  }

  IoPortTiming io_port_;
  InterconnectTiming interconnect_;
  LocalMemoryTiming local_memory_;
  TileTiming tile_;
  DmaTiming dma_;
  Cycles issue_ = 0, computed_ = 0;
};

}  // namespace

std::int64_t predict_cycles(const LayerSchedule& schedule, const AcceleratorConfig& accelerator) {
  IdleChip chip(accelerator);
  // Completion of the last two tiles is all that transfers ever wait for, and of the last two
  // stores all that tiles do.
  std::array<Cycles, 2> tile_done{}, store_done{};
  std::int32_t stores = 0;
  std::size_t next = 0;
  Cycles end = 0;
  const auto& transfers = schedule.transfers;
  for (std::size_t t = 0; t < schedule.tiles.size(); ++t) {
    Cycles loaded = 0;
    for (int loads = schedule.tiles[t].loads; loads > 0; ++next) {
      const Transfer& transfer = transfers[next];
      const Cycles ready = transfer.after_tile < 0
                               ? 0
                               : tile_done[static_cast<std::size_t>(transfer.after_tile) % 2];
      const Cycles done = chip.transfer(transfer, ready);
      end = std::max(end, done);
      if (transfer.kind != TransferKind::kOutput) {
        loaded = done;
        --loads;
      }
    }
    if (next < transfers.size() && transfers[next].kind == TransferKind::kOutput && t > 0 &&
        transfers[next].tile == static_cast<std::int32_t>(t) - 1) {
      auto& done = store_done[static_cast<std::size_t>(stores++) % 2];
      done = chip.transfer(transfers[next], tile_done[(t - 1) % 2]);
      end = std::max(end, done);
      ++next;
    }
    const std::int32_t wanted = schedule.tiles[t].stores;
    if (wanted > 0) loaded = std::max(loaded, store_done[static_cast<std::size_t>(wanted - 1) % 2]);
    tile_done[t % 2] = chip.compute(schedule.tiles[t], loaded);
    end = std::max(end, tile_done[t % 2]);
  }
  for (; next < transfers.size(); ++next) {
    const auto after = static_cast<std::size_t>(transfers[next].after_tile);
    end = std::max(end, chip.transfer(transfers[next], tile_done[after % 2]));
  }
  return end;
}

}  // namespace dovetail
