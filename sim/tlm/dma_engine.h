#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <deque>
#include <systemc>

#include "sim/program/program.h"
#include "sim/program/trace.h"
#include "sim/timing/dma_timing.h"
#include "sim/tlm/data_path.h"
#include "sim/tlm/scoreboard.h"
#include "sim/tlm/transaction.h"

namespace dovetail {

/// Moves all data: executes the transfers of a layer in program order, a few in flight at a time,
/// each through the IO port, the interconnect or both (cut-through).
class DmaEngine : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<DmaEngine> doorbell{"doorbell"};
  tlm_utils::simple_initiator_socket<DmaEngine> io_port{"io_port"};
  tlm_utils::simple_initiator_socket<DmaEngine> interconnect{"interconnect"};

  SC_HAS_PROCESS(DmaEngine);
  DmaEngine(const sc_core::sc_module_name& name, Scoreboard& scoreboard);
  void configure(const Program& program, TraceRecorder* trace, DataPath* data);

 private:
  void ring(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void run();
  void execute(std::int32_t index);
  Arrival start(const Transfer& transfer);

  Scoreboard& scoreboard_;
  const Program* program_ = nullptr;
  std::deque<int> layers_;  // whose doorbell has rung
  sc_core::sc_event rung_;
  DmaTiming timing_;
  TimingTransaction transaction_;
  TraceRecorder* trace_ = nullptr;
  DataPath* data_ = nullptr;  // null in timing runs
};

}  // namespace dovetail
