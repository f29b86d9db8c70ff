#include "sim/tlm/sequencer.h"

#include "sim/tlm/clock.h"
#include "sim/tlm/doorbell.h"

namespace dovetail {

Sequencer::Sequencer(const sc_core::sc_module_name& name, Scoreboard& scoreboard,
                     const PeArray& pes)
    : sc_module(name), scoreboard_(scoreboard), pes_(pes) {
  SC_THREAD(run);
}

void Sequencer::configure(const AcceleratorConfig& accelerator, const Program& program,
                          TraceRecorder* trace) {
  trace_ = trace;
  program_ = &program;
  launch_ = accelerator.layer_launch_cycles;
  finished_ = false;
  layers_.clear();
}

void Sequencer::run() {
  while (true) {
    wait(start_);
    if (trace_ != nullptr) trace_->begin_run(now_cycles());
    scoreboard_.start_run();
    const auto count = static_cast<std::int32_t>(program_->layers.size());
    for (std::int32_t layer = 0; layer < count; ++layer) execute(layer);
    finished_ = true;
  }
}

void Sequencer::execute(std::int32_t layer) {
  const Cycles begin = now_cycles();
  if (trace_ != nullptr) trace_->begin_layer(layer);
  wait(to_sc_time(launch_));
  const Cycles launched = now_cycles();
  scoreboard_.start_layer(layer);
  ring(dma_doorbell, layer);
  ring(pe_doorbell, layer);
  scoreboard_.wait_until_layer_computed();

  CycleBreakdown breakdown = pes_.breakdown();
  breakdown.stall_launch += launch_;
  const Cycles computed = now_cycles();
  const Arrival outputs = scoreboard_.wait_for_outputs();
  const Cycles end = account_wait(breakdown, computed, outputs);
  if (end > now_cycles()) wait(to_sc_time(end - now_cycles()));
  layers_.push_back(breakdown);
  if (trace_ != nullptr) {
    trace_->record(TraceTrack::kSequencer, "", begin, now_cycles());
    trace_->record(TraceTrack::kSequencer, "launch", begin, launched);
  }
}

void Sequencer::ring(tlm_utils::simple_initiator_socket<Sequencer>& doorbell, std::int32_t layer) {
  tlm::tlm_generic_payload payload;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  fill_doorbell(payload, layer);
  doorbell->b_transport(payload, delay);
  if (!payload.is_response_ok()) SC_REPORT_ERROR("dovetail", "a doorbell write was refused");
}

}  // namespace dovetail
