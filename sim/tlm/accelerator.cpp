#include "sim/tlm/accelerator.h"

#include <stdexcept>
#include <systemc>

#include "sim/tlm/caller_stack.h"
#include "sim/tlm/dma_engine.h"
#include "sim/tlm/interconnect.h"
#include "sim/tlm/io_port.h"
#include "sim/tlm/local_memory.h"
#include "sim/tlm/pe_array.h"
#include "sim/tlm/scoreboard.h"
#include "sim/tlm/sequencer.h"

// The SystemC library wants this symbol; programs that use Dovetail keep their own main().
int sc_main(int, char**) {
  return 0;
}

namespace dovetail {

/// The block diagram.
///
///   Sequencer --doorbell--> DmaEngine ---> IoPort            (DRAM)
///       |                       |
///       |                       v
///       |                  Interconnect ---> LocalMemory
///       |                       ^                 ^
///       +----doorbell--> PeArray+-----------------+
struct Accelerator::Modules {
  Scoreboard scoreboard;
  IoPort io_port{"io_port"};
  LocalMemory local_memory{"local_memory"};
  Interconnect interconnect{"interconnect"};
  DmaEngine dma{"dma", scoreboard};
  PeArray pes{"pes", scoreboard};
  Sequencer sequencer{"sequencer", scoreboard, pes};

  Modules() {
    sequencer.dma_doorbell.bind(dma.doorbell);
    sequencer.pe_doorbell.bind(pes.doorbell);
    dma.io_port.bind(io_port.socket);
    dma.interconnect.bind(interconnect.from_dma);
    pes.interconnect.bind(interconnect.from_pes);
    pes.local_memory.bind(local_memory.lanes);
    interconnect.to_local_memory.bind(local_memory.arrivals);
  }

  void configure(const AcceleratorConfig& accelerator, const Program& program, TraceRecorder* trace,
                 DataPath* data) {
    io_port.configure(accelerator, trace);
    local_memory.configure(accelerator, trace);
    interconnect.configure(accelerator, trace);
    dma.configure(program, trace, data);
    pes.configure(accelerator, program, trace, data);
    sequencer.configure(accelerator, program, trace);
  }
};

namespace {

/// Before the first SystemC object: whole cycles as time unit, and no warning passes unseen.
void set_up_kernel() {
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_THROW);
  sc_core::sc_report_handler::set_actions(sc_core::SC_ERROR, sc_core::SC_THROW);
  sc_core::sc_set_time_resolution(1, sc_core::SC_NS);
}

}  // namespace

Accelerator::Accelerator() {
  set_up_kernel();
  modules_ = std::make_unique<Modules>();
  sc_core::sc_start(sc_core::SC_ZERO_TIME);  // elaborates; every process waits for its first event
  tell_sanitizer_of_callers_stack();
}

Accelerator::~Accelerator() = default;

const std::vector<std::int64_t>& Accelerator::loaded_ahead() const {
  return modules_->dma.loaded_ahead();
}

Accelerator& Accelerator::instance() {
  // Never destroyed: the kernel's own static objects may be gone before ours at exit.
  static auto* accelerator = new Accelerator();
  return *accelerator;
}

const std::vector<CycleBreakdown>& Accelerator::run(const AcceleratorConfig& accelerator,
                                                    const Program& program, TraceRecorder* trace,
                                                    DataPath* data) {
  modules_->configure(accelerator, program, trace, data);
  modules_->sequencer.start();
  sc_core::sc_start();  // returns by starvation: nothing is left to happen
  tell_sanitizer_of_callers_stack();
  if (!modules_->sequencer.finished()) {
    throw std::logic_error("the accelerator model stopped before the program's end");
  }
  return modules_->sequencer.layers();
}

}  // namespace dovetail
