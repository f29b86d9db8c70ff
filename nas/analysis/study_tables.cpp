#include "nas/analysis/study_tables.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/text/text.h"

namespace dovetail {

std::span<const Figure* const> table_figures() {
  static const std::array<const Figure*, 4> kTableFigures{
      &find_figure("top1_percent"), &find_figure("latency_ms"), &find_figure("energy_mj"),
      &find_figure("area_mm2")};
  return kTableFigures;
}

std::vector<std::string> figure_cells(const Evaluation& evaluation) {
  std::vector<std::string> cells;
  for (const Figure* figure : table_figures()) {
    cells.push_back(fmt::format("{:.{}f}", evaluation.value(*figure), figure->decimals));
  }
  return cells;
}

std::vector<Table::Column> figure_columns(std::vector<Table::Column> first,
                                          const std::vector<Table::Column>& last) {
  for (const Figure* figure : table_figures()) {
    first.push_back({fmt::format("{} [{}]", figure->name, figure->unit)});
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

std::string accelerator_summary(const AcceleratorConfig& accelerator, const DesignSpace* space) {
  std::string text = fmt::format(
      "{}x{} PEs, {} lanes x {} SIMD, {} KiB RF, {} MiB, {} GB/s", accelerator.pes_x,
      accelerator.pes_y, accelerator.compute_lanes, accelerator.simd_units,
      format_number(accelerator.register_file_kib), format_number(accelerator.local_memory_mib),
      format_number(accelerator.io_bandwidth_gbps));
  if (space == nullptr) return text;
  for (const AcceleratorParameter& parameter : accelerator_parameters()) {
    if (parameter.searched) continue;  // stands in the text already
    const auto& decisions = space->decisions().decisions();
    const auto of_parameter = std::ranges::find(decisions, parameter.key, &Decision::name);
    if (of_parameter == decisions.end()) continue;
    text += fmt::format(", {} {}", parameter.key, parameter.text_in(accelerator));
  }
  return text;
}

}  // namespace dovetail
