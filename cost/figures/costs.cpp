#include "cost/figures/costs.h"

#include <cmath>

namespace dovetail {
namespace {

bool equal(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

}  // namespace

bool operator==(const Costs& a, const Costs& b) {
  return a.reason == b.reason && a.reason_text == b.reason_text && a.cycles == b.cycles &&
         equal(a.latency_ms, b.latency_ms) && equal(a.area_mm2, b.area_mm2) &&
         equal(a.energy_mj, b.energy_mj) &&
         equal(a.peak_local_memory_kib, b.peak_local_memory_kib) && a.spread == b.spread;
}

}  // namespace dovetail
