#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <deque>
#include <systemc>
#include <vector>

#include "sim/program/program.h"
#include "sim/program/trace.h"
#include "sim/timing/dma_timing.h"
#include "sim/tlm/data_path.h"
#include "sim/tlm/scoreboard.h"
#include "sim/tlm/transaction.h"

namespace dovetail {

/// Moves all data, each transfer through the IO port, the interconnect or both (cut-through). There
/// are two lists to work off, each in its order and with a few transfers in flight: the transfers
/// of the layers whose doorbell has rung, and the weight loads, which run ahead of the layers as
/// local memory is given up. Where both could go on, the layer's own transfer goes first.
class DmaEngine : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<DmaEngine> doorbell{"doorbell"};
  tlm_utils::simple_initiator_socket<DmaEngine> io_port{"io_port"};
  tlm_utils::simple_initiator_socket<DmaEngine> interconnect{"interconnect"};

  SC_HAS_PROCESS(DmaEngine);
  DmaEngine(const sc_core::sc_module_name& name, Scoreboard& scoreboard);
  void configure(const Program& program, TraceRecorder* trace, DataPath* data);
  /// Bytes of weight loads that each layer found started when it was started itself.
  const std::vector<std::int64_t>& loaded_ahead() const { return loaded_ahead_; }

 private:
  void ring(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void run();
  void enter_layers();
  Cycles next_transfer_at() const;
  Cycles next_weight_load_at() const;
  void start_transfer();
  void start_weight_load();
  Arrival start(const Transfer& transfer, DmaTiming& timing);

  Scoreboard& scoreboard_;
  const Program* program_ = nullptr;
  std::deque<std::int32_t> layers_;  // whose doorbell has rung, behind the one at hand
  std::int32_t layer_ = -1;          // at hand
  const Transfer* next_ = nullptr;   // of the layer at hand; behind its last if there is none
  const Transfer *own_end_ = nullptr, *end_ = nullptr;  // behind what it waits for itself; and all
  std::size_t next_weight_load_ = 0;
  std::int64_t weight_bytes_started_ = 0;  // of that load, through the IO port
  std::vector<char> uses_io_port_;         // for each layer, whether its own transfers do; and 0
  std::vector<std::int64_t> loaded_ahead_;
  DmaTiming timing_, weight_timing_;
  TimingTransaction transaction_;
  TraceRecorder* trace_ = nullptr;
  DataPath* data_ = nullptr;  // null in timing runs
};

}  // namespace dovetail
