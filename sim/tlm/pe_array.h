#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <deque>
#include <systemc>

#include "hw_space/accelerator_config.h"
#include "sim/program/activity.h"
#include "sim/program/program.h"
#include "sim/program/trace.h"
#include "sim/timing/tile_timing.h"
#include "sim/tlm/data_path.h"
#include "sim/tlm/scoreboard.h"
#include "sim/tlm/transaction.h"

namespace dovetail {

/// The PEs. All work on the same tile, each on its part, and are done when the slowest is; so one
/// process stands for the array. Waits for a tile's operands and for room for its results,
/// computes, reduces partial sums over the interconnect, and accounts for every cycle.
class PeArray : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<PeArray> doorbell{"doorbell"};
  tlm_utils::simple_initiator_socket<PeArray> local_memory{"local_memory"};
  tlm_utils::simple_initiator_socket<PeArray> interconnect{"interconnect"};

  SC_HAS_PROCESS(PeArray);
  PeArray(const sc_core::sc_module_name& name, Scoreboard& scoreboard);
  void configure(const AcceleratorConfig& accelerator, const Program& program, TraceRecorder* trace,
                 DataPath* data);

  /// What the array did in the layer that it finished last.
  const CycleBreakdown& breakdown() const { return breakdown_; }

 private:
  void ring(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void run();
  void execute(std::int32_t index);
  void wait_for_transfers(const Tile& tile);
  void compute(const Tile& tile);
  void record(const char* what, Cycles begin, Cycles end);

  Scoreboard& scoreboard_;
  const Program* program_ = nullptr;
  std::deque<int> layers_;
  sc_core::sc_event rung_;
  std::size_t next_load_ = 0, next_weight_load_ = 0;
  CycleBreakdown breakdown_;
  TimingTransaction transaction_;
  TraceRecorder* trace_ = nullptr;
  DataPath* data_ = nullptr;  // null in timing runs
  std::int32_t tile_ = 0;     // index in the layer
  TileTiming timing_;
};

}  // namespace dovetail
