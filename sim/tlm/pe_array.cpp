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

void PeArray::configure(const Program& program) {
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
    execute(program_->layers[static_cast<std::size_t>(layer)]);
    scoreboard_.finish_layer();
  }
}

void PeArray::execute(const LayerProgram& layer) {
  breakdown_ = {};
  next_load_ = 0;
  const Tile* first = program_->tiles.data() + layer.first_tile;
  for (const Tile* tile = first; tile != first + layer.tiles; ++tile) {
    wait_for_operands(tile->loads);
    compute(*tile);
    scoreboard_.finish_tile();
  }
}

void PeArray::wait_for_operands(int loads) {
  Cycles accounted = now_cycles();
  for (; loads > 0; --loads, ++next_load_) {
    const Arrival arrival = scoreboard_.wait_for_load(next_load_);
    accounted = account_wait(breakdown_, accounted, arrival);
  }
  if (accounted > now_cycles()) wait(to_sc_time(accounted - now_cycles()));
}

void PeArray::compute(const Tile& tile) {
  const Cycles operands = transaction_.send(local_memory, tile.local_memory_bytes);
  breakdown_.compute += tile.compute_cycles;
  breakdown_.stall_local_memory += std::max<Cycles>(0, operands - tile.compute_cycles);
  wait(to_sc_time(std::max(operands, tile.compute_cycles)));
  if (tile.reduction_bytes > 0) {
    const Cycles reduction =
        transaction_.send(interconnect, tile.reduction_bytes, tile.reduction_bytes, true);
    breakdown_.stall_interconnect += reduction;
    wait(to_sc_time(reduction));
  }
}

}  // namespace dovetail
