#include "sim/tlm/pe_array.h"

#include <algorithm>

#include "sim/tlm/clock.h"
#include "sim/tlm/doorbell.h"

namespace dovetail {

PeArray::PeArray(const sc_core::sc_module_name& name, Scoreboard& scoreboard)
    : sc_module(name), scoreboard_(scoreboard) {
  doorbell.register_b_transport(this, &PeArray::ring);
  SC_THREAD(run);
}

void PeArray::configure(const AcceleratorConfig& accelerator, const Program& program,
                        TraceRecorder* trace, DataPath* data) {
  timing_ = TileTiming(accelerator);
  trace_ = trace;
  data_ = data;
  program_ = &program;
  layers_.clear();
}

void PeArray::ring(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  const std::int32_t layer = read_doorbell(payload);
  if (layer < 0) return;
  layers_.push_back(layer);
  rung_.notify();
}

void PeArray::run() {
  while (true) {
    while (layers_.empty()) wait(rung_);
    const int layer = layers_.front();
    layers_.pop_front();
    execute(layer);
    scoreboard_.finish_layer();
  }
}

void PeArray::execute(std::int32_t index) {
  const LayerProgram& layer = program_->layers[static_cast<std::size_t>(index)];
  breakdown_ = {};
  next_load_ = 0;
  next_weight_load_ = static_cast<std::size_t>(layer.first_weight_load);
  const Tile* tiles = program_->tiles.data() + layer.first_tile;
  for (tile_ = 0; tile_ < layer.tiles; ++tile_) {
    wait_for_transfers(tiles[tile_]);
    const Cycles begin = now_cycles();
    compute(tiles[tile_]);
    if (data_ != nullptr) data_->compute(index, tile_, begin);
    scoreboard_.finish_tile();
  }
}

void PeArray::wait_for_transfers(const Tile& tile) {
  const Cycles begin = now_cycles();
  Cycles accounted = begin;
  for (int loads = tile.weight_loads; loads > 0; --loads, ++next_weight_load_) {
    const Arrival arrival = scoreboard_.wait_for_weight_load(next_weight_load_);
    accounted = account_wait(breakdown_, accounted, arrival);
  }
  for (int loads = tile.loads; loads > 0; --loads, ++next_load_) {
    const Arrival arrival = scoreboard_.wait_for_load(next_load_);
    accounted = account_wait(breakdown_, accounted, arrival);
  }
  if (tile.stores > 0) {  // they complete in order
    accounted = account_wait(breakdown_, accounted, scoreboard_.wait_for_output(tile.stores - 1));
  }
  if (accounted > now_cycles()) wait(to_sc_time(accounted - now_cycles()));
  record("wait for operands", begin, now_cycles());
}

void PeArray::compute(const Tile& tile) {
  const Cycles issue = timing_.issue_cycles(), begin = now_cycles() + issue;
  const Cycles operands =
      transaction_.send(local_memory, tile.local_memory_bytes, {"lanes", 0, false}, issue) - issue;
  const Cycles busy = tile.compute_cycles + tile.vector_cycles;
  breakdown_.stall_launch += issue;
  breakdown_.compute += tile.compute_cycles;
  breakdown_.vector += tile.vector_cycles;
  breakdown_.stall_local_memory += std::max<Cycles>(0, operands - busy);
  wait(to_sc_time(timing_.cycles(tile.compute_cycles, tile.vector_cycles, operands)));
  record("issue", begin - issue, begin);
  record("compute", begin, begin + tile.compute_cycles);
  record("vector unit", begin + tile.compute_cycles, begin + busy);
  record("wait for local memory", begin + busy, now_cycles());
  if (tile.reduction_bytes > 0) {
    const Cycles summed = now_cycles();
    const Cycles reduction = transaction_.send(interconnect, tile.reduction_bytes,
                                               {"partial sums", tile.reduction_bytes, true});
    breakdown_.stall_interconnect += reduction;
    wait(to_sc_time(reduction));
    record("add partial sums", summed, now_cycles());
  }
}

void PeArray::record(const char* what, Cycles begin, Cycles end) {
  if (trace_ != nullptr) trace_->record(TraceTrack::kPeArray, what, begin, end, 0, tile_);
}

}  // namespace dovetail
