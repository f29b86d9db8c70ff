#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <systemc>

#include "hw_space/accelerator_config.h"
#include "sim/program/trace.h"
#include "sim/timing/io_port_timing.h"

namespace dovetail {

/// The chip's only way out: DRAM behind a latency and a bandwidth. Everything that leaves or enters
/// the chip (weights, network input and output, spilled activations) queues here.
class IoPort : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<IoPort> socket{"socket"};

  explicit IoPort(const sc_core::sc_module_name& name);
  void configure(const AcceleratorConfig& accelerator, TraceRecorder* trace);

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  IoPortTiming timing_;
  TraceRecorder* trace_ = nullptr;
};

}  // namespace dovetail
