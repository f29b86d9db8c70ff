#include "cost/figures/costs_bytes.h"

#include <cstring>

#include "base/text/error.h"

namespace dovetail {
namespace {

struct PackedCosts {
  double latency_ms, area_mm2, energy_mj, peak_local_memory_kib;
  std::int64_t cycles;
  std::uint32_t text_bytes;  // that follow
  InfeasibleReason reason;
};

std::string_view take(std::string_view& bytes, std::size_t count) {
  if (bytes.size() < count) throw RunError("a worker sent half an answer");
  const std::string_view taken = bytes.substr(0, count);
  bytes.remove_prefix(count);
  return taken;
}

}  // namespace

void append_costs(std::string& bytes, const Costs& costs) {
  const PackedCosts packed{costs.latency_ms, costs.area_mm2,
                           costs.energy_mj,  costs.peak_local_memory_kib,
                           costs.cycles,     static_cast<std::uint32_t>(costs.reason_text.size()),
                           costs.reason};
  bytes.append(reinterpret_cast<const char*>(&packed), sizeof packed);
  bytes += costs.reason_text;
}

Costs take_costs(std::string_view& bytes) {
  PackedCosts packed;
  std::memcpy(&packed, take(bytes, sizeof packed).data(), sizeof packed);
  Costs costs;
  costs.reason = packed.reason;
  costs.reason_text = take(bytes, packed.text_bytes);
  costs.latency_ms = packed.latency_ms;
  costs.cycles = packed.cycles;
  costs.area_mm2 = packed.area_mm2;
  costs.energy_mj = packed.energy_mj;
  costs.peak_local_memory_kib = packed.peak_local_memory_kib;
  return costs;
}

}  // namespace dovetail
