#include "nas/study/study_tables.h"

#include <fmt/core.h>

#include <algorithm>

namespace dovetail {

std::vector<std::string> figure_cells(const Metrics& metrics) {
  return {fmt::format("{:.2f}", metrics.top1_percent), fmt::format("{:.4f}", metrics.latency_ms),
          fmt::format("{:.4f}", metrics.energy_mj), fmt::format("{:.1f}", metrics.area_mm2)};
}

std::vector<Table::Column> figure_columns(std::vector<Table::Column> first,
                                          const std::vector<Table::Column>& last) {
  for (const char* title : {"top-1 [%]", "latency [ms]", "energy [mJ]", "area [mm2]"}) {
    first.push_back({title});
  }
  first.insert(first.end(), last.begin(), last.end());
  return first;
}

std::vector<std::size_t> evenly_spread(std::size_t size, std::size_t count) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < std::min(size, count); ++i) {
    chosen.push_back(size <= count || count == 1 ? i : i * (size - 1) / (count - 1));
  }
  return chosen;
}

}  // namespace dovetail
