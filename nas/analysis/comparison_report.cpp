#include "nas/analysis/comparison_report.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/numbers/samples.h"
#include "base/text/csv.h"
#include "base/text/table.h"
#include "base/text/text.h"
#include "nas/analysis/fronts.h"

namespace dovetail {
namespace {

using enum Table::Align;

std::string spread_cell(const Spread& spread, std::size_t values) {
  if (values < 2) return fmt::format("{:#.5g}", spread.mean);
  return fmt::format("{:#.5g} +- {:.2g}", spread.mean, spread.deviation);
}

std::string reference_text(const Objective& objective) {
  std::vector<std::string> parts;
  for (std::size_t k = 0; k < objective.pareto.size(); ++k) {
    const Figure& metric = *objective.pareto[k];
    parts.push_back(
        fmt::format("{} {} {}", metric.key, format_number(objective.reference[k]), metric.unit));
  }
  return join(parts);
}

/// "simulated"; of studies of several kinds "simulated and predicted".
std::string figures_text(const StudyComparison& comparison) {
  std::vector<std::string> kinds;
  for (const Contender& contender : comparison.contenders) {
    const std::string kind = contender.study->config.cost.figures();
    if (std::ranges::find(kinds, kind) == kinds.end()) kinds.push_back(kind);
  }
  return join(kinds, " and ");
}

std::string hypervolumes_text(const StudyComparison& comparison) {
  const Contender& first = comparison.contenders.front();
  Table table({{"searches", kLeft},
               {"seeds"},
               {"evaluations"},
               {"simulated"},
               {"front"},
               {"hypervolume"},
               {"least"},
               {"most"},
               {"ahead of first [%]"},
               {"larger at 5 %", kLeft}});
  for (const Contender& contender : comparison.contenders) {
    const std::vector<double> values = contender.hypervolumes();
    std::vector<double> evaluations, simulated, front;
    for (const RunResult& run : contender.runs) {
      evaluations.push_back(static_cast<double>(run.history.evaluations()));
      simulated.push_back(static_cast<double>(run.simulated()));
      front.push_back(static_cast<double>(run.front.size()));
    }
    std::vector<std::string> cells{contender.name, std::to_string(values.size())};
    for (const auto* counts : {&evaluations, &simulated, &front}) {
      cells.push_back(fmt::format("{:.0f}", Spread::of(*counts).mean));
    }
    cells.push_back(spread_cell(Spread::of(values), values.size()));
    cells.push_back(fmt::format("{:#.5g}", *std::min_element(values.begin(), values.end())));
    cells.push_back(fmt::format("{:#.5g}", *std::max_element(values.begin(), values.end())));
    const bool testable = &contender != &first && values.size() > 1 && first.runs.size() > 1;
    cells.push_back(&contender == &first
                        ? "-"
                        : fmt::format("{:.0f}", 100 * superiority(values, first.hypervolumes())));
    cells.emplace_back(!testable                                            ? "-"
                       : significantly_larger(values, first.hypervolumes()) ? "yes"
                       : significantly_larger(first.hypervolumes(), values) ? "smaller"
                                                                            : "no");
    table.add_row(std::move(cells));
  }
  return fmt::format("Hypervolume of the {} fronts against {} (mean +- deviation over seeds):\n{}",
                     figures_text(comparison), reference_text(comparison.objective), table.str());
}

std::string levels_text(const StudyComparison& comparison, const LevelTable& levels) {
  const std::string title =
      fmt::format("\nBest {} [{}] where {} is {}", levels.metric->name, levels.metric->unit,
                  levels.at->name, levels.at->maximise ? "at least" : "at most");
  if (levels.levels.empty()) return title + ": the fronts have no range in common\n";
  std::vector<Table::Column> columns{{"searches", kLeft}};
  for (const double level : levels.levels) {
    columns.push_back({format_number(level) + " " + levels.at->unit});
  }
  Table table(std::move(columns));
  for (std::size_t c = 0; c < comparison.contenders.size(); ++c) {
    const std::size_t runs = comparison.contenders[c].runs.size();
    std::vector<std::string> cells{comparison.contenders[c].name};
    for (const std::vector<double>& values : levels.best[c]) {
      std::string cell = values.empty() ? "-" : spread_cell(Spread::of(values), values.size());
      if (values.size() < runs) cell += fmt::format(" ({}/{})", values.size(), runs);
      cells.push_back(std::move(cell));
    }
    table.add_row(std::move(cells));
  }
  return title + "\n" + table.str();
}

std::string domination_text(const StudyComparison& comparison) {
  std::vector<Table::Column> columns{{"searches", kLeft}};
  for (const Contender& contender : comparison.contenders) columns.push_back({contender.name});
  Table table(std::move(columns));
  for (std::size_t a = 0; a < comparison.contenders.size(); ++a) {
    std::vector<std::string> cells{comparison.contenders[a].name};
    for (std::size_t b = 0; b < comparison.contenders.size(); ++b) {
      const Spread& spread = comparison.dominated[a][b];
      const std::size_t pairs =
          comparison.contenders[a].runs.size() * comparison.contenders[b].runs.size();
      cells.push_back(a == b      ? "-"
                      : pairs > 1 ? fmt::format("{:.0f} +- {:.0f}", spread.mean, spread.deviation)
                                  : fmt::format("{:.0f}", spread.mean));
    }
    table.add_row(std::move(cells));
  }
  return "\nDominated: percent of the front in the column that a front in the row dominates (over "
         "pairs of seeds)\n" +
         table.str();
}

std::string attainments_text(const StudyComparison& comparison) {
  if (comparison.attainments.empty()) return "";
  Table table({{"target", kLeft},
               {"value"},
               {"searches", kLeft},
               {"reached by"},
               {"median evaluations"},
               {"of"}});
  const std::string* target = nullptr;
  const std::string* level = nullptr;
  for (const Attainment& it : comparison.attainments) {
    const bool another = target == nullptr || *target != it.target || *level != it.level;
    if (target != nullptr && another) table.add_rule();
    target = &it.target;
    level = &it.level;
    const std::string share = it.level.empty() ? "" : ", " + it.level + " of the best known";
    const auto median = it.median();
    table.add_row({it.target + share, it.level.empty() ? "" : fmt::format("{:.5g}", it.value),
                   it.run, fmt::format("{}/{}", it.searches_that_reached(), it.reached.size()),
                   median ? std::to_string(*median) : "-", std::to_string(it.evaluations)});
  }
  return "\nTargets reached while searching, on the figures that the search saw:\n" + table.str();
}

}  // namespace

std::string comparison_text(const StudyComparison& comparison) {
  std::string text = hypervolumes_text(comparison);
  for (const LevelTable& levels : comparison.levels) text += levels_text(comparison, levels);
  text += domination_text(comparison) + attainments_text(comparison);
  for (const std::string& note : comparison.notes) text += "\nNote: " + note;
  return text + (comparison.notes.empty() ? "" : "\n");
}

std::string comparison_csv(const StudyComparison& comparison) {
  CsvWriter csv("dovetail.study_comparison/1");
  csv.note("reference", reference_text(comparison.objective));
  std::vector<CsvColumn> columns{{"searches"},    {"study"},     {"run"},   {"seed"},
                                 {"evaluations"}, {"simulated"}, {"front"}, {"hypervolume"}};
  for (const LevelTable& levels : comparison.levels) {
    for (const double level : levels.levels) {
      columns.push_back(
          {fmt::format("{}_at_{}_{}", levels.metric->key, levels.at->key, format_number(level)),
           levels.metric->unit});
    }
  }
  csv.header(columns);
  for (const Contender& contender : comparison.contenders) {
    for (const RunResult& run : contender.runs) {
      csv.cell(contender.name).cell(contender.study->name()).cell(contender.label);
      csv.cell(run.run.seed).cell(run.history.evaluations()).cell(run.simulated());
      csv.cell(run.front.size()).cell(run.hypervolume);
      for (const LevelTable& levels : comparison.levels) {
        for (const double level : levels.levels) {
          csv.cell(best_at(run.front, *levels.metric, *levels.at, level));
        }
      }
      csv.end_row();
    }
  }
  return csv.text();
}

}  // namespace dovetail
