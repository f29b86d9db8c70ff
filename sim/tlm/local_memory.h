#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <systemc>

#include "hw_space/accelerator_config.h"
#include "sim/program/trace.h"
#include "sim/timing/local_memory_timing.h"

namespace dovetail {

/// The local memories of all PEs. They work in lockstep, so the busiest PE's memory stands for all.
class LocalMemory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<LocalMemory> arrivals{"arrivals"};
  tlm_utils::simple_target_socket<LocalMemory> lanes{"lanes"};

  explicit LocalMemory(const sc_core::sc_module_name& name);
  void configure(const AcceleratorConfig& accelerator, TraceRecorder* trace);

 private:
  void store(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void access(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  LocalMemoryTiming timing_;
  TraceRecorder* trace_ = nullptr;
};

}  // namespace dovetail
