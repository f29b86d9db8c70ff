#include <algorithm>
#include <array>

#include "sim/timing/bandwidth_server.h"
#include "sim/mapping/layer_schedule.h"

namespace dovetail {
namespace {

/// The chip as one layer sees it when nothing else runs: the resources of sim/tlm, without events.
class IdleChip {
 public:
  explicit IdleChip(const AcceleratorConfig& accelerator)
      : accelerator_(accelerator),
        io_(accelerator.io_bytes_per_cycle()),
        broadcast_(accelerator.broadcast_bytes_per_cycle),
        links_(accelerator.link_bytes_per_pe_cycle),
        filled_(accelerator.local_memory_bytes_per_lane_cycle * accelerator.compute_lanes),
        read_(filled_) {}

  /// Returns when the transfer's last byte has arrived.
  Cycles transfer(const Transfer& t, Cycles ready) {
    issue_ = std::max({issue_, ready, in_flight_[0]});
    Cycles done = issue_;
    if (t.io_bytes > 0) {
      done = io_.reserve(issue_ + accelerator_.io_latency_cycles, t.io_bytes);
    }
    if (t.interconnect_bytes > 0) {
      const Cycles moved = t.kind == TransferKind::kExchange
                               ? links_.reserve(issue_, t.local_bytes)
                               : broadcast_.reserve(issue_, t.interconnect_bytes);
      const Cycles stored = filled_.reserve(issue_, t.local_bytes);
      done = std::max(done, std::max(moved, stored) + accelerator_.interconnect_hop_cycles);
    }
    done = std::max(done, in_flight_[1]);
    in_flight_ = {in_flight_[1], done};
    return done;
  }

  Cycles compute(const Tile& tile, Cycles loaded) {
    const Cycles start = std::max(loaded, computed_) + accelerator_.tile_issue_cycles;
    const Cycles operands = read_.reserve(start, tile.local_memory_bytes);
    computed_ = std::max(start + tile.compute_cycles + tile.vector_cycles, operands);
    if (tile.reduction_bytes > 0) {
      const Cycles moved = links_.reserve(computed_, tile.reduction_bytes);
      const Cycles stored = filled_.reserve(computed_, tile.reduction_bytes);
      computed_ = std::max(moved, stored) + accelerator_.interconnect_hop_cycles;
    }
    return computed_;
  }

 private:
  const AcceleratorConfig& accelerator_;
  BandwidthServer io_, broadcast_, links_, filled_, read_;
  Cycles issue_ = 0, computed_ = 0;
  std::array<Cycles, kDmaTransfersInFlight> in_flight_{};
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
