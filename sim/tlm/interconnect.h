#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <systemc>

#include "hw_space/accelerator_config.h"
#include "sim/program/trace.h"
#include "sim/timing/interconnect_timing.h"
#include "sim/tlm/transaction.h"

namespace dovetail {

/// The network between the IO port and the PEs, and among the PEs: a broadcast bus and links. Two
/// initiators share them: the DMA engine, and the PE array for partial sums.
class Interconnect : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Interconnect> from_dma{"from_dma"};
  tlm_utils::simple_target_socket<Interconnect> from_pes{"from_pes"};
  tlm_utils::simple_initiator_socket<Interconnect> to_local_memory{"to_local_memory"};

  explicit Interconnect(const sc_core::sc_module_name& name);
  void configure(const AcceleratorConfig& accelerator, TraceRecorder* trace);

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  InterconnectTiming timing_;
  TimingTransaction transaction_;
  TraceRecorder* trace_ = nullptr;
};

}  // namespace dovetail
