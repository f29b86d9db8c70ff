#include "nas/analysis/study_tables.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text/digits.h"
#include "base/text/text.h"
#include "cost/figures/set_figures.h"
#include "nas/analysis/stored_study.h"

namespace dovetail {

std::vector<const Figure*> table_figures(const Objective& objective) {
  std::vector<const Figure*> shown{&find_figure("top1_percent"), &find_figure("latency_ms"),
                                   &find_figure("energy_mj"), &find_figure("area_mm2")};
  for (const Figure* metric : objective.pareto) {
    if (is_set_key(metric->key)) shown.push_back(metric);
  }
  return shown;
}

std::vector<std::string> figure_cells(const Evaluation& evaluation, const Objective& objective) {
  std::vector<std::string> cells;
  for (const Figure* figure : table_figures(objective)) {
    const double value = evaluation.value(*figure);
    cells.push_back(digits_text(value, figure->decimals));
  }
  return cells;
}

std::vector<Table::Column> figure_columns(const Objective& objective,
                                          std::vector<Table::Column> first,
                                          const std::vector<Table::Column>& last) {
  for (const Figure* figure : table_figures(objective)) {
    first.push_back(
        {figure->unit.empty() ? figure->name : fmt::format("{} [{}]", figure->name, figure->unit)});
  }
  first.insert(first.end(), last.begin(), last.end());
  return first;
}

void note_objective(CsvWriter& csv, const Objective& objective) {
  for (const bool maximise : {true, false}) {
    std::vector<std::string> keys;
    for (const Figure* metric : objective.pareto) {
      if (metric->maximise == maximise) keys.push_back(metric->key);
    }
    if (!keys.empty()) csv.note(maximise ? "maximised" : "minimised", join(keys));
  }
  for (const Constraint& constraint : objective.constraints) {
    csv.note("constraint", to_string(constraint));
  }
  if (!objective.reward) return;
  for (const RewardTerm& term : objective.reward->terms) {
    csv.note("target", term.metric->key + " " + format_number(term.target));
  }
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
