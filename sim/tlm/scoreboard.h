#pragma once

#include <systemc>
#include <vector>

#include "sim/program/activity.h"
#include "sim/program/program.h"
#include "sim/tlm/clock.h"

namespace dovetail {

/// A transfer under way: when its bytes will have passed the IO port, and when it is complete.
struct Arrival {
  TransferKind kind;
  Cycles io_done;
  Cycles done;
};

/// Books the wait from `from` until the arrival is complete: on the IO port while its bytes come
/// in, on the interconnect for the rest. Returns the later of the two times.
Cycles account_wait(CycleBreakdown& breakdown, Cycles from, const Arrival& arrival);

/// The semaphores between the DMA engine and the PE array: which transfers have been issued (and
/// when they will be complete), and which tiles have been computed. All but the weight loads are of
/// one layer at a time.
class Scoreboard {
 public:
  void start_run() {
    weight_loads_.clear();
    layer_ = -1;
  }
  void start_layer(std::int32_t layer) {
    loads_.clear();
    computed_ = 0;
    outputs_.clear();
    outputs_issued_ = false;
    layer_ = layer;
    progress_.notify();
  }

  // The DMA engine's side.
  void issue_load(const Arrival& arrival) {
    loads_.push_back(arrival);
    load_issued_.notify();
  }
  void issue_output(const Arrival& arrival) {
    outputs_.push_back(arrival);
    output_issued_.notify();
  }
  void all_outputs_issued() {
    outputs_issued_ = true;
    outputs_event_.notify();
  }
  void issue_weight_load(const Arrival& arrival) {
    weight_loads_.push_back(arrival);
    load_issued_.notify();
  }
  /// Of the layer under way.
  bool computed(std::int32_t tile) const { return computed_ > tile; }
  bool reached(const ProgramPoint& point) const {
    return layer_ > point.layer || (layer_ == point.layer && computed_ > point.tile);
  }
  std::int32_t layer() const { return layer_; }
  /// Notified whenever one of these changes.
  const sc_core::sc_event& progress() const { return progress_; }

  // The PE array's side. Loads are taken in the order of the program.
  Arrival wait_for_load(std::size_t index) {
    while (loads_.size() <= index) sc_core::wait(load_issued_);
    return loads_[index];
  }
  Arrival wait_for_weight_load(std::size_t index) {
    while (weight_loads_.size() <= index) sc_core::wait(load_issued_);
    return weight_loads_[index];
  }
  /// Results are sent in the order of the program, too.
  Arrival wait_for_output(int index) {
    while (static_cast<int>(outputs_.size()) <= index) sc_core::wait(output_issued_);
    return outputs_[static_cast<std::size_t>(index)];
  }
  void finish_tile() {
    ++computed_;
    progress_.notify();
  }
  void finish_layer() { layer_computed_.notify(); }

  // The sequencer's side.
  void wait_until_layer_computed() { sc_core::wait(layer_computed_); }
  /// The last result on its way out.
  Arrival wait_for_outputs() {
    while (!outputs_issued_) sc_core::wait(outputs_event_);
    return outputs_.empty() ? Arrival{TransferKind::kOutput, 0, 0} : outputs_.back();
  }

 private:
  std::vector<Arrival> loads_, outputs_, weight_loads_;
  std::int32_t layer_ = -1;
  int computed_ = 0;
  bool outputs_issued_ = false;
  sc_core::sc_event load_issued_, output_issued_, progress_, layer_computed_, outputs_event_;
};

}  // namespace dovetail
