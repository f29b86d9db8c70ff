#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <systemc>
#include <vector>

#include "hw_space/accelerator_config.h"
#include "sim/program/activity.h"
#include "sim/program/program.h"
#include "sim/program/trace.h"
#include "sim/tlm/pe_array.h"
#include "sim/tlm/scoreboard.h"

namespace dovetail {

/// Walks the program: a launch cost per layer, then the doorbells of the DMA engine and the PE
/// array, then a barrier until the layer's results are where they belong.
class Sequencer : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Sequencer> dma_doorbell{"dma_doorbell"};
  tlm_utils::simple_initiator_socket<Sequencer> pe_doorbell{"pe_doorbell"};

  SC_HAS_PROCESS(Sequencer);
  Sequencer(const sc_core::sc_module_name& name, Scoreboard& scoreboard, const PeArray& pes);
  void configure(const AcceleratorConfig& accelerator, const Program& program,
                 TraceRecorder* trace);
  /// Lets the next sc_start() execute the program.
  void start() { start_.notify(sc_core::SC_ZERO_TIME); }

  bool finished() const { return finished_; }
  /// One entry a layer; cycles add up to the time of the run.
  const std::vector<CycleBreakdown>& layers() const { return layers_; }

 private:
  void run();
  void execute(std::int32_t layer);
  void ring(tlm_utils::simple_initiator_socket<Sequencer>& doorbell, std::int32_t layer);

  Scoreboard& scoreboard_;
  const PeArray& pes_;
  const Program* program_ = nullptr;
  Cycles launch_ = 0;
  bool finished_ = false;
  std::vector<CycleBreakdown> layers_;
  sc_core::sc_event start_;
  TraceRecorder* trace_ = nullptr;
};

}  // namespace dovetail
