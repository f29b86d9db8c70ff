#include "cost/figures/costs.h"

#include <algorithm>
#include <cmath>

namespace dovetail {
namespace {

constexpr const char* kAfterName = ": ";

bool equal(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

}  // namespace

bool operator==(const Costs& a, const Costs& b) {
  return a.reason == b.reason && a.reason_text == b.reason_text && a.cycles == b.cycles &&
         equal(a.latency_ms, b.latency_ms) && equal(a.area_mm2, b.area_mm2) &&
         equal(a.energy_mj, b.energy_mj) &&
         equal(a.peak_local_memory_kib, b.peak_local_memory_kib) && a.spread == b.spread &&
         std::ranges::equal(a.of_set, b.of_set, [](const auto& x, const auto& y) {
           return x.first == y.first && equal(x.second, y.second);
         });
}

std::string reason_sentence(const Costs& costs) {
  if (costs.feasible()) return "";
  const std::string name = to_string(costs.reason);
  return costs.reason_text.empty() ? name : name + kAfterName + costs.reason_text;
}

Costs costs_of_reason(const std::string& sentence) {
  Costs costs;
  for (const InfeasibleReasonInfo& row : infeasible_reasons()) {
    if (row.reason == InfeasibleReason::kNone || !sentence.starts_with(row.name)) continue;
    const std::string rest = sentence.substr(row.name.size());
    if (!rest.empty() && !rest.starts_with(kAfterName)) continue;
    costs.reason = row.reason;
    if (!rest.empty()) costs.reason_text = rest.substr(std::string(kAfterName).size());
  }
  return costs;
}

}  // namespace dovetail
