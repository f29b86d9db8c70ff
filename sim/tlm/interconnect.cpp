#include "sim/tlm/interconnect.h"

#include "sim/tlm/clock.h"

namespace dovetail {

Interconnect::Interconnect(const sc_core::sc_module_name& name) : sc_module(name) {
  from_dma.register_b_transport(this, &Interconnect::b_transport);
  from_pes.register_b_transport(this, &Interconnect::b_transport);
}

void Interconnect::configure(const AcceleratorConfig& accelerator, TraceRecorder* trace) {
  trace_ = trace;
  timing_ = InterconnectTiming(accelerator);
}

void Interconnect::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const Cycles now = now_cycles(), start = now + to_cycles(delay);
  const Delivery& delivery = delivery_of(payload);
  const Movement movement{delivery.between_pes, payload.get_data_length(),
                          delivery.busiest_pe_bytes};
  const auto [begin, moved] = timing_.move(start, movement);
  if (trace_ != nullptr) {
    trace_->record(delivery.between_pes ? TraceTrack::kLinks : TraceTrack::kBroadcast,
                   delivery.purpose, begin, moved, movement.bytes());
  }
  const Cycles stored =
      now + transaction_.send(to_local_memory, delivery.busiest_pe_bytes, delivery);
  delay = to_sc_time(timing_.arrival(moved, stored) - now);
  respond(payload);
}

}  // namespace dovetail
