#include "sim/tlm/io_port.h"

#include "sim/tlm/clock.h"
#include "sim/tlm/transaction.h"

namespace dovetail {

IoPort::IoPort(const sc_core::sc_module_name& name) : sc_module(name) {
  socket.register_b_transport(this, &IoPort::b_transport);
}

void IoPort::configure(const AcceleratorConfig& accelerator, TraceRecorder* trace) {
  trace_ = trace;
  timing_ = IoPortTiming(accelerator);
}

void IoPort::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const auto [begin, done] =
      timing_.pass(now_cycles() + to_cycles(delay), payload.get_data_length());
  if (trace_ != nullptr) {
    trace_->record(TraceTrack::kIoPort, delivery_of(payload).purpose, begin, done,
                   payload.get_data_length());
  }
  delay = to_sc_time(done - now_cycles());
  respond(payload);
}

}  // namespace dovetail
