#include "sim/tlm/local_memory.h"

#include "sim/tlm/clock.h"
#include "sim/tlm/transaction.h"

namespace dovetail {

LocalMemory::LocalMemory(const sc_core::sc_module_name& name) : sc_module(name) {
  arrivals.register_b_transport(this, &LocalMemory::store);
  lanes.register_b_transport(this, &LocalMemory::access);
}

void LocalMemory::configure(const AcceleratorConfig& accelerator, TraceRecorder* trace) {
  trace_ = trace;
  timing_ = LocalMemoryTiming(accelerator);
}

void LocalMemory::store(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const Cycles now = now_cycles();
  const Cycles done = timing_.fill(now + to_cycles(delay), payload.get_data_length()).done;
  delay = to_sc_time(done - now);
  respond(payload);
}

void LocalMemory::access(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const Cycles now = now_cycles(), start = now + to_cycles(delay);
  const Cycles done = timing_.read(start, payload.get_data_length()).done;
  if (trace_ != nullptr) {
    trace_->record(TraceTrack::kLocalMemory, delivery_of(payload).purpose, start, done,
                   payload.get_data_length());
  }
  delay = to_sc_time(done - now);
  respond(payload);
}

}  // namespace dovetail
