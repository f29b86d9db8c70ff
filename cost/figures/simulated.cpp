#include "cost/figures/simulated.h"

namespace dovetail {

Costs costs_of(const SimulationResult& result) {
  Costs costs;
  costs.reason = result.reason;
  costs.reason_text = result.reason_text;
  costs.area_mm2 = result.area_mm2;
  if (!result.feasible()) return costs;
  costs.latency_ms = result.latency_ms;
  costs.cycles = result.cycles;
  costs.energy_mj = result.energy.total();
  costs.peak_local_memory_kib = static_cast<double>(result.memory.local_memory_peak_bytes) / 1024;
  return costs;
}

}  // namespace dovetail
