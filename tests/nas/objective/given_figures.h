#pragma once

#include "nas/objective/evaluation.h"

namespace dovetail {

/// Gives an evaluation the status kOk and these figures; what is left out is not known.
inline void give_figures(Evaluation& evaluation, double top1_percent, double latency_ms,
                         double area_mm2, std::int64_t cycles = -1,
                         double energy_mj = Costs::kUnknown,
                         double peak_local_memory_kib = Costs::kUnknown) {
  evaluation.status = TrialStatus::kOk;
  evaluation.accuracy.top1_percent = top1_percent;
  evaluation.costs.latency_ms = latency_ms;
  evaluation.costs.area_mm2 = area_mm2;
  evaluation.costs.cycles = cycles;
  evaluation.costs.energy_mj = energy_mj;
  evaluation.costs.peak_local_memory_kib = peak_local_memory_kib;
}

}  // namespace dovetail
