#pragma once

#include <optional>
#include <string>

#include "sim/simulator.h"

namespace dovetail {

/// A simulation as a user reads it. Needs a result with layers, unless it is infeasible.

/// Schema dovetail.simulation/1: totals, then `layers` with name, op, macs, cycles,
/// compute_cycles, stall_*_cycles (these add up to cycles), lower_bound_cycles, utilization,
/// io_bytes and the other activity counts, energy_mj and its parts, and output: its height, width
/// and channels. Stable for scripts.
/// A network with several outputs has `outputs`: the layer, and when its output is complete.
/// `frames_per_s`: `rate` has what at_frame_rate() says of it, or why it cannot be kept.
std::string simulation_json(const Network& network, const AcceleratorConfig& accelerator,
                            const SimulationResult& result,
                            std::optional<double> frames_per_s = std::nullopt);
/// Schema dovetail.layers/1: one row a layer, the same columns but for the output's.
std::string simulation_csv(const SimulationResult& result);
/// Aligned columns for a terminal, with what bounds each layer, and a line of totals.
std::string simulation_table(const SimulationResult& result);
/// A few lines: latency, cycles, area, throughput, where the time and the energy go, and a line
/// about `frames_per_s`.
std::string simulation_summary(const Network& network, const AcceleratorConfig& accelerator,
                               const SimulationResult& result,
                               std::optional<double> frames_per_s = std::nullopt);

/// What takes most of the cycles: "compute", "weights", "io", "interconnect", "local_memory" or
/// "launch".
std::string bound_of(const CycleBreakdown& breakdown);
/// "14,529 cycles: compute 7,760, interconnect 5,279, ...": what there is, in the order of a
/// report.
std::string breakdown_text(const CycleBreakdown& breakdown);

}  // namespace dovetail
