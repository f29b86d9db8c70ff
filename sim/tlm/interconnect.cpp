#include "sim/tlm/interconnect.h"

#include <algorithm>

#include "sim/tlm/clock.h"

namespace dovetail {

Interconnect::Interconnect(const sc_core::sc_module_name& name) : sc_module(name) {
  from_dma.register_b_transport(this, &Interconnect::b_transport);
  from_pes.register_b_transport(this, &Interconnect::b_transport);
}

void Interconnect::configure(const AcceleratorConfig& accelerator) {
  server_ = BandwidthServer(accelerator.interconnect_bytes_per_cycle);
  hop_ = accelerator.interconnect_hop_cycles;
}

void Interconnect::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const Cycles now = now_cycles();
  const Cycles moved = server_.reserve(now + to_cycles(delay), payload.get_data_length()) - now;
  // Bytes flow into local memory as they come; the later of the two ends decides.
  const auto* pes = payload.get_extension<PeDelivery>();
  Cycles stored = 0;
  if (pes != nullptr && pes->busiest_pe_bytes > 0) {
    stored = delivery_.send(to_local_memory, pes->busiest_pe_bytes);
  }
  delay = to_sc_time(std::max(moved, stored) + hop_);
  respond(payload);
}

}  // namespace dovetail
