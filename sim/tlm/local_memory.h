#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <systemc>

#include "hw_space/accelerator_config.h"
#include "sim/timing/bandwidth_server.h"
#include "sim/program/trace.h"

namespace dovetail {

/// The local memories of all PEs. They work in lockstep, so the busiest PE's memory stands for all.
/// Buffers are double: while the lanes read one half through one port, the other half, in other
/// banks, is filled and emptied through a second. What comes by broadcast, from other PEs and as
/// partial sums queues for that one.
class LocalMemory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<LocalMemory> arrivals{"arrivals"};
  tlm_utils::simple_target_socket<LocalMemory> lanes{"lanes"};

  explicit LocalMemory(const sc_core::sc_module_name& name);
  void configure(const AcceleratorConfig& accelerator, TraceRecorder* trace);

 private:
  void store(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void access(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  BandwidthServer filled_, read_;
  TraceRecorder* trace_ = nullptr;
};

}  // namespace dovetail
