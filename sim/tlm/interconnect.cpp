#include "sim/tlm/interconnect.h"

#include <algorithm>

#include "sim/tlm/clock.h"

namespace dovetail {

Interconnect::Interconnect(const sc_core::sc_module_name& name) : sc_module(name) {
  from_dma.register_b_transport(this, &Interconnect::b_transport);
  from_pes.register_b_transport(this, &Interconnect::b_transport);
}

void Interconnect::configure(const AcceleratorConfig& accelerator, TraceRecorder* trace) {
  trace_ = trace;
  broadcast_ = BandwidthServer(accelerator.broadcast_bytes_per_cycle);
  links_ = BandwidthServer(accelerator.link_bytes_per_pe_cycle);
  hop_ = accelerator.interconnect_hop_cycles;
}

void Interconnect::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const Cycles now = now_cycles(), start = now + to_cycles(delay);
  const Delivery& delivery = delivery_of(payload);
  BandwidthServer& server = delivery.between_pes ? links_ : broadcast_;
  const std::int64_t bytes =
      delivery.between_pes ? delivery.busiest_pe_bytes : payload.get_data_length();
  const Cycles begin = std::max(start, server.free_at());
  const Cycles moved = server.reserve(start, bytes);
  if (trace_ != nullptr) {
    trace_->record(delivery.between_pes ? TraceTrack::kLinks : TraceTrack::kBroadcast,
                   delivery.purpose, begin, moved, bytes);
  }
  // Bytes flow into local memory as they come; the later of the two ends decides.
  const Cycles stored =
      now + transaction_.send(to_local_memory, delivery.busiest_pe_bytes, delivery);
  delay = to_sc_time(std::max(moved, stored) - now + hop_);
  respond(payload);
}

}  // namespace dovetail
