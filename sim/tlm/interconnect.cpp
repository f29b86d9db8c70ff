#include "sim/tlm/interconnect.h"

#include <algorithm>

#include "sim/tlm/clock.h"

namespace dovetail {

Interconnect::Interconnect(const sc_core::sc_module_name& name) : sc_module(name) {
  from_dma.register_b_transport(this, &Interconnect::b_transport);
  from_pes.register_b_transport(this, &Interconnect::b_transport);
}

void Interconnect::configure(const AcceleratorConfig& accelerator) {
  broadcast_ = BandwidthServer(accelerator.broadcast_bytes_per_cycle);
  links_ = BandwidthServer(accelerator.link_bytes_per_pe_cycle);
  hop_ = accelerator.interconnect_hop_cycles;
}

void Interconnect::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const Cycles now = now_cycles(), start = now + to_cycles(delay);
  const auto* pes = payload.get_extension<PeDelivery>();
  if (pes == nullptr) return respond(payload, false);
  const Cycles moved = (pes->between_pes ? links_.reserve(start, pes->busiest_pe_bytes)
                                         : broadcast_.reserve(start, payload.get_data_length())) -
                       now;
  // Bytes flow into local memory as they come; the later of the two ends decides.
  const Cycles stored = delivery_.send(to_local_memory, pes->busiest_pe_bytes);
  delay = to_sc_time(std::max(moved, stored) + hop_);
  respond(payload);
}

}  // namespace dovetail
