#include "sim/tlm/dma_engine.h"

#include <algorithm>

#include "sim/tlm/clock.h"
#include "sim/tlm/doorbell.h"

namespace dovetail {
namespace {

const char* purpose_of(const Transfer& transfer) {
  switch (transfer.kind) {
    case TransferKind::kWeights:
      return transfer.prefetch ? "prefetch weights" : "weights";
    case TransferKind::kInput:
      return "input";
    case TransferKind::kExchange:
      return "exchange";
    case TransferKind::kOutput:
      return "output";
  }
  return "";
}

}  // namespace

DmaEngine::DmaEngine(const sc_core::sc_module_name& name, Scoreboard& scoreboard)
    : sc_module(name), scoreboard_(scoreboard) {
  doorbell.register_b_transport(this, &DmaEngine::ring);
  SC_THREAD(run);
}

void DmaEngine::configure(const Program& program, TraceRecorder* trace, DataPath* data) {
  trace_ = trace;
  data_ = data;
  program_ = &program;
  layers_.clear();
  timing_ = {};
}

void DmaEngine::ring(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  const std::int32_t layer = read_doorbell(payload);
  if (layer < 0) return;
  layers_.push_back(layer);
  rung_.notify();
}

void DmaEngine::run() {
  while (true) {
    while (layers_.empty()) wait(rung_);
    const int layer = layers_.front();
    layers_.pop_front();
    execute(layer);
  }
}

void DmaEngine::execute(std::int32_t index) {
  const LayerProgram& layer = program_->layers[static_cast<std::size_t>(index)];
  const Transfer* first = program_->transfers.data() + layer.first_transfer;
  const Transfer* end = first + layer.transfers;
  const Transfer* last_own = end;  // behind the last transfer that the layer itself waits for
  while (last_own != first && (last_own - 1)->prefetch) --last_own;

  if (last_own == first) scoreboard_.all_outputs_issued();
  for (const Transfer* t = first; t != end; ++t) {
    if (t->after_tile >= 0) scoreboard_.wait_until_computed(t->after_tile);
    const Cycles free_at = timing_.free_at();
    if (free_at > now_cycles()) wait(to_sc_time(free_at - now_cycles()));
    const Arrival arrival = start(*t);
    if (data_ != nullptr) {
      data_->transfer(t->prefetch ? index + 1 : index, *t, now_cycles(), arrival.done);
    }
    if (t->kind == TransferKind::kOutput) {
      scoreboard_.issue_output(arrival);
    } else if (!t->prefetch) {
      scoreboard_.issue_load(arrival);
    }
    if (t + 1 == last_own) scoreboard_.all_outputs_issued();
  }
}

Arrival DmaEngine::start(const Transfer& transfer) {
  const Cycles now = now_cycles();
  // What moves without the IO port is waited for as data between PEs. A load of no bytes stands for
  // a prefetch, and is waited for as what was prefetched.
  const bool between_pes = transfer.io_bytes == 0 && transfer.interconnect_bytes > 0;
  Arrival arrival{between_pes ? TransferKind::kExchange : transfer.kind, now, now};
  const Delivery delivery{purpose_of(transfer), transfer.local_bytes,
                          transfer.kind == TransferKind::kExchange};
  if (transfer.io_bytes > 0) {
    arrival.io_done = now + transaction_.send(io_port, transfer.io_bytes, delivery);
    arrival.done = arrival.io_done;
  }
  if (transfer.interconnect_bytes > 0) {
    const Cycles moved = transaction_.send(interconnect, transfer.interconnect_bytes, delivery);
    arrival.done = std::max(arrival.done, now + moved);
  }
  arrival.done = timing_.complete(arrival.done);
  if (transfer.interconnect_bytes == 0) arrival.io_done = arrival.done;
  if (trace_ != nullptr) {
    trace_->record(TraceTrack::kDmaEngine, delivery.purpose, now, arrival.done,
                   std::max(transfer.io_bytes, transfer.interconnect_bytes), transfer.tile);
  }
  return arrival;
}

}  // namespace dovetail
