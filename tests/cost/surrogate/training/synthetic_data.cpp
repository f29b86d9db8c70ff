#include "tests/cost/surrogate/training/synthetic_data.h"

#include <algorithm>
#include <cmath>

namespace dovetail {
Costs synthetic_label(const Choices& network, const Choices& hardware) {
  const double units = std::exp2(2 + hardware[0]), memory = std::exp2(hardware[1]);
  const double bandwidth = 5.0 * (1 + hardware[2]);
  double cycles = 0, bytes = 0, widest = 0;
  for (int slot = 0; slot < 2 + network[0]; ++slot) {
    const double width = 24.0 * (1 + network[1 + 2 * slot]);
    const double kernel = 3 + 2 * network[2 + 2 * slot];
    cycles += std::ceil(width / units) * (20 + kernel * kernel) * (1 + slot);
    bytes += width * (100 + kernel * kernel);
    widest = std::max(widest, width);
  }
  Costs label;
  label.area_mm2 = units + memory;
  if (memory < 2 && widest > 48) {
    label.reason = InfeasibleReason::kLocalMemoryTooSmall;
    return label;
  }
  label.latency_ms = 1e-3 * (cycles + bytes / bandwidth / memory);
  // Most of it is leakage and clock, which take as long as the work; the rest is traffic.
  label.energy_mj = 1e-3 * (bytes / 20 + (1 + units / 16) * cycles);
  label.cycles = static_cast<std::int64_t>(std::llround(label.latency_ms * 800000));
  return label;
}

Dataset synthetic_data(std::size_t rows, std::uint64_t seed, bool all_feasible) {
  const DatasetHeader header{synthetic_network_space(), synthetic_hardware_space(), seed,
                             "synthetic", "none"};
  Dataset data(header);
  for (std::size_t i = 0; i < rows; ++i) {
    Rng rng(seed, i);
    const Choices network = header.network.decisions.sample(rng);
    Choices hardware = header.hardware.decisions.sample(rng);
    if (all_feasible && hardware[1] == 0) hardware[1] = 1;
    data.append(network, hardware, synthetic_label(network, hardware));
  }
  return data;
}

}  // namespace dovetail
