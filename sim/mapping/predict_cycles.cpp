#include "sim/mapping/predict_cycles.h"

#include <algorithm>

namespace dovetail {

IdleChip::IdleChip(const AcceleratorConfig& accelerator)
    : io_port_(accelerator),
      interconnect_(accelerator),
      local_memory_(accelerator),
      tile_(accelerator) {}

Cycles IdleChip::transfer(const Transfer& t, Cycles ready) {
  issue_ = issue_time(ready);
  Cycles done = issue_;
  if (t.io_bytes > 0) done = io_port_.pass(issue_, t.io_bytes).done;
  if (t.interconnect_bytes > 0) {
    const bool between_pes = t.kind == TransferKind::kExchange;
    done = std::max(done, move(issue_, {between_pes, t.interconnect_bytes, t.local_bytes}));
  }
  return dma_.complete(done);
}

Cycles IdleChip::compute(const Tile& tile, Cycles loaded) {
  const Cycles start = std::max(loaded, computed_), issued = start + tile_.issue_cycles();
  const Cycles operands = local_memory_.read(issued, tile.local_memory_bytes).done - issued;
  computed_ = start + tile_.cycles(tile.compute_cycles, tile.vector_cycles, operands);
  busy_ += computed_ - start;
  return computed_;
}

Cycles IdleChip::reduce(const Tile& tile) {
  computed_ = move(computed_, {true, tile.reduction_bytes, tile.reduction_bytes});
  return computed_;
}

Cycles IdleChip::move(Cycles start, const Movement& movement) {
  const Cycles moved = interconnect_.move(start, movement).done;
  return interconnect_.arrival(moved, local_memory_.fill(start, movement.busiest_pe_bytes).done);
}

Cycles CyclePredictor::advance() {
  while (tile_ + 1 < schedule_.tiles.size()) run_tile();
  return std::max(end_,
                  tile_done_[(tile_ + 1) % 2] + schedule_.compute_cycles - chip_.busy_cycles());
}

Cycles CyclePredictor::finish() {
  while (tile_ < schedule_.tiles.size()) run_tile();
  while (next_ < schedule_.transfers.size()) start_transfer();
  return end_;
}

void CyclePredictor::run_tile() {
  const Tile& tile = schedule_.tiles[tile_];
  loads_needed_ += tile.loads;
  while (loads_ < loads_needed_) start_transfer();
  if (next_is_store_before()) start_transfer();
  compute(tile);
  ++tile_;
}

bool CyclePredictor::next_is_store_before() const {
  if (next_ == schedule_.transfers.size() || tile_ == 0) return false;
  const Transfer& next = schedule_.transfers[next_];
  return next.kind == TransferKind::kOutput && next.tile == static_cast<std::int32_t>(tile_) - 1;
}

Cycles CyclePredictor::ready(const Transfer& t) const {
  return t.after_tile < 0 ? 0 : tile_done_[static_cast<std::size_t>(t.after_tile) % 2];
}

void CyclePredictor::start_transfer() {
  const Transfer& t = schedule_.transfers[next_++];
  const Cycles done = chip_.transfer(t, ready(t));
  end_ = std::max(end_, done);
  if (t.kind == TransferKind::kOutput) {
    store_done_[static_cast<std::size_t>(stores_++) % 2] = done;
  } else {
    loaded_[static_cast<std::size_t>(t.tile) % 2] = done;
    ++loads_;
  }
}

void CyclePredictor::compute(const Tile& tile) {
  Cycles& loaded = loaded_[tile_ % 2];
  if (tile.stores > 0) {
    loaded = std::max(loaded, store_done_[static_cast<std::size_t>(tile.stores - 1) % 2]);
  }
  Cycles done = chip_.compute(tile, loaded);
  if (tile.reduction_bytes > 0) {
    // What was taken up before has the interconnect first.
    while (next_ < schedule_.transfers.size() &&
           schedule_.transfers[next_].after_tile < static_cast<std::int32_t>(tile_) &&
           chip_.issue_time(ready(schedule_.transfers[next_])) < done) {
      start_transfer();
    }
    done = chip_.reduce(tile);
  }
  tile_done_[tile_ % 2] = done;
  loaded = 0;
  end_ = std::max(end_, done);
}

std::int64_t predict_cycles(const LayerSchedule& schedule, const AcceleratorConfig& accelerator) {
  return CyclePredictor(schedule, accelerator).finish();
}

}  // namespace dovetail
