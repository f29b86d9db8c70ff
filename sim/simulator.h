#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hw_space/accelerator_config.h"
#include "models/network/layers/network.h"
#include "sim/functional/functional_counts.h"
#include "sim/kernels/quantized_network.h"
#include "sim/mapping/effort.h"
#include "sim/program/activity.h"
#include "sim/program/infeasible.h"
#include "sim/silicon/area_model.h"
#include "sim/silicon/energy_model.h"

namespace dovetail {

class DataPath;
class Planner;
struct Program;
struct TraceEvent;

/// What of the memories is in use at the busiest moment, and what there is.
struct MemoryUse {
  std::int64_t local_memory_peak_bytes = 0, local_memory_bytes = 0;    // of one PE
  std::int64_t register_file_peak_bytes = 0, register_file_bytes = 0;  // of one lane
};

struct LayerResult {
  std::string name;
  std::string op;
  std::string mapping;  // how the mapper laid it out, in one line
  std::int64_t cycles = 0;
  CycleBreakdown breakdown;
  std::int64_t lower_bound_compute_cycles = 0;  // MACs over peak
  std::int64_t lower_bound_io_cycles = 0;       // bytes not prefetched over IO bandwidth
  double utilization = 0;                       // MACs over peak MACs in the layer's cycles
  std::int64_t prefetched_bytes = 0;  // of activity.io_bytes, moved while an earlier layer ran
  ActivityCounts activity;
  MemoryUse memory;
  EnergyBreakdown energy;

  std::int64_t lower_bound_cycles() const {
    return std::max(lower_bound_compute_cycles, lower_bound_io_cycles);
  }
};

/// One network on one accelerator: numbers, or the reason why there are none.
struct SimulationResult {
  InfeasibleReason reason = InfeasibleReason::kNone;
  std::string reason_text;  // complete sentence: layer, what is needed, what there is

  std::int64_t cycles = 0;
  double latency_ms = 0;  // of a warm inference: the weights that are kept have been loaded
  std::int64_t macs = 0;
  double area_mm2 = 0;
  ComponentBreakdown area_components;  // in mm2; they add up to it
  std::string technology;              // of area and energy
  double temperature_c = 0;            // of leakage
  ActivityCounts activity;
  EnergyBreakdown energy;
  CycleBreakdown breakdown;
  MemoryUse memory;
  std::int64_t kept_weight_bytes = 0;      // in local memory between inferences
  std::int64_t streamed_weight_bytes = 0;  // from DRAM at every inference
  std::int64_t weight_load_cycles = 0;     // that loading the kept weights takes, before the first
  EnergyBreakdown weight_load_energy;      // of these cycles
  double cold_latency_ms = 0;              // of the first, at most: nothing is computed meanwhile
  std::vector<LayerResult> layers;         // empty unless asked for

  bool feasible() const { return reason == InfeasibleReason::kNone; }
  bool weights_cached() const { return streamed_weight_bytes == 0; }
};

/// A run that carried data.
struct FunctionalResult {
  SimulationResult timing;  // the same as of a run without data; if infeasible, there is no more
  QuantizedTensor output;   // of the network, as found in DRAM
  FunctionalCounts counts;
};

struct SimulatorOptions {
  std::string technology = "16nm";  // name or file in configs/technology
  bool per_layer = true;            // fill SimulationResult::layers
  int effort = 1;                   // of the mapper, 1 to kMostMapperEffort; more is never slower
  bool reuse = true;                // of mappings; off takes longer and changes nothing
  bool trace = false;               // record what every agent does; see last_trace_json()
};

/// What figures of whole networks are found with.
SimulatorOptions totals_only(const std::string& technology = "16nm");

/// The only door to the accelerator model: maps the network, runs the SystemC model, returns the
/// figures. One at a time per process (the SystemC kernel is global); it may be used for any number
/// of runs, each independent of those before it.
class Simulator {
 public:
  explicit Simulator(SimulatorOptions options = {});
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  SimulationResult run(const Network& network, const AcceleratorConfig& accelerator);
  /// Runs with data (functional mode): `input` through the quantised network, each
  /// multiply-accumulate by the PE, lane and unit that the mapping gives it to.
  FunctionalResult run_functional(const Network& network, const AcceleratorConfig& accelerator,
                                  const QuantizedNetwork& quantized, const QuantizedTensor& input);
  /// The last run in Chrome's trace format (sim/program/trace.h); empty if `trace` is off or the
  /// run was infeasible.
  std::string last_trace_json(const Network& network, const AcceleratorConfig& accelerator) const;
  /// Of the last run: what was executed, what the planner that made it saw of each layer, and what
  /// every agent did (nothing, if `trace` is off). Valid until the next; of no use if infeasible.
  const Program& last_program() const;
  const Planner& last_planner() const;
  const std::vector<TraceEvent>& last_trace() const;
  /// Area only; closed form.
  double area_mm2(const AcceleratorConfig& accelerator) const;

 private:
  SimulationResult plan(const Network& network, const AcceleratorConfig& accelerator);
  void execute(const Network& network, const AcceleratorConfig& accelerator, DataPath* data,
               SimulationResult& result);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dovetail
