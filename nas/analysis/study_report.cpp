#include "nas/analysis/study_report.h"

#include <fmt/core.h>

#include <cmath>
#include <optional>
#include <vector>

#include "base/numbers/samples.h"
#include "base/text/table.h"
#include "base/text/text.h"
#include "nas/analysis/space_bounds.h"
#include "nas/analysis/study_tables.h"

namespace dovetail {
namespace {

constexpr std::size_t kBestPairs = 10;  // shown of each front

void add_pair(Table& table, const StudySetup& setup, const std::string& label,
              const StoredTrial& trial) {
  const SearchSpace& space = setup.space(label);
  const Evaluation& evaluation = trial.record.evaluation;
  const Network network = space.build_network(trial.record.choices);
  std::vector<std::string> cells{label, std::to_string(trial.record.id)};
  for (std::string& cell : figure_cells(evaluation, setup.objective()))
    cells.push_back(std::move(cell));
  const double over_baseline = evaluation.costs.area_mm2 / setup.baseline_area_mm2();
  cells.push_back(std::isnan(over_baseline) ? "-" : fmt::format("{:.2f}", over_baseline));
  cells.push_back(fmt::format("{:.0f}", static_cast<double>(network.macs()) / 1e6));
  cells.push_back(fmt::format("{:.2f}", static_cast<double>(network.parameters()) / 1e6));
  cells.push_back(setup.config().has_accelerator()
                      ? accelerator_summary(space.decode(trial.record.choices).accelerator,
                                            space.hardware().space.get())
                      : "none");
  table.add_row(std::move(cells));
}

/// Where the accuracies of the fronts come from, and how many of them are guesses.
std::string accuracy_text(const StudyResults& results) {
  std::size_t points = 0, extrapolated = 0;
  for (const auto& [label, front] : results.fronts) {
    for (const StoredTrial* trial : front) {
      ++points;
      extrapolated += trial->record.evaluation.accuracy.extrapolated ? 1 : 0;
    }
  }
  std::string text = "Accuracy: " + results.study.description.facts.accuracy + "\n";
  if (extrapolated > 0) {
    text += fmt::format(
        "Of {} points of the fronts {} have an extrapolated accuracy: beyond what it was fitted "
        "on.\n",
        points, extrapolated);
  }
  return text;
}

std::string pairs_text(const StudySetup& setup, const StudyResults& results) {
  using enum Table::Align;
  Table table(figure_columns(setup.objective(), {{"run", kLeft}, {"trial"}},
                             {{"/ baseline"}, {"MMAC"}, {"Mparam"}, {"accelerator", kLeft}}));
  std::string text = fmt::format("Best pairs ({}):\n", setup.config().cost.figures());
  for (const std::string& label : results.study.labels()) {
    if (label != results.study.labels().front()) table.add_rule();
    const TrialList& front = results.fronts.at(label);
    for (const std::size_t i : evenly_spread(front.size(), kBestPairs)) {
      add_pair(table, setup, label, *front[i]);
    }
  }
  text += table.str();
  text += accuracy_text(results);
  if (!results.study.objective.reward) return text;
  text += "\nLargest reward of each search:\n";
  Table best(figure_columns(setup.objective(), {{"run", kLeft}, {"seed"}, {"trial"}, {"reward"}}));
  for (const RunResult& result : results.runs) {
    if (result.best_reward == nullptr) continue;
    const TrialRecord& trial = result.best_reward->record;
    std::vector<std::string> cells{result.run.label, std::to_string(result.run.seed),
                                   std::to_string(trial.id), fmt::format("{:.5f}", *trial.reward)};
    for (std::string& cell : figure_cells(trial.evaluation, setup.objective())) {
      cells.push_back(std::move(cell));
    }
    best.add_row(std::move(cells));
  }
  return text + best.str();
}

std::string reference_text(const Objective& objective) {
  std::vector<std::string> parts;
  for (std::size_t k = 0; k < objective.pareto.size(); ++k) {
    parts.push_back(
        fmt::format("{} {}", format_number(objective.reference[k]), objective.pareto[k]->unit));
  }
  return join(parts);
}

std::string searches_text(const StudyResults& results) {
  using enum Table::Align;
  Table table({{"run", kLeft},
               {"seed"},
               {"evaluations"},
               {"no figures"},
               {results.study.config.cost.figures()},
               {"front"},
               {"hypervolume"},
               {"latency error [%]"},
               {"energy error [%]"}});
  const auto error = [](const std::optional<double>& percent) {
    return percent ? fmt::format("{:.2f}", *percent) : "-";
  };
  for (const RunResult& result : results.runs) {
    const auto searched = static_cast<std::int64_t>(result.searched.size());
    const auto ok = result.by_status.find(TrialStatus::kOk);
    const std::int64_t with_figures = ok == result.by_status.end() ? 0 : ok->second;
    table.add_row({result.run.label, std::to_string(result.run.seed),
                   std::to_string(result.searched.size()), std::to_string(searched - with_figures),
                   std::to_string(result.final_trials.size()), std::to_string(result.front.size()),
                   fmt::format("{:.4f}", result.hypervolume), error(result.latency_error_percent),
                   error(result.energy_error_percent)});
  }
  return fmt::format(
      "Searches (hypervolume of the {} front, reference {}; errors of predictions):\n{}",
      results.study.config.cost.figures(), reference_text(results.study.objective), table.str());
}

/// Mean and sample standard deviation of the hypervolumes of each label.
std::string means_text(const StudyResults& results) {
  if (results.study.config.seeds.size() < 2) return "";
  std::string text;
  for (const std::string& label : results.study.labels()) {
    std::vector<double> values;
    for (const RunResult& result : results.runs) {
      if (result.run.label == label) values.push_back(result.hypervolume);
    }
    const Spread spread = Spread::of(values);
    text += fmt::format("{}: hypervolume {:.4f} +- {:.4f} over {} seeds\n", label, spread.mean,
                        spread.deviation, values.size());
  }
  return text;
}

std::string comparisons_text(const std::vector<FrontComparison>& comparisons) {
  if (comparisons.empty()) return "";
  std::string text = fmt::format(
      "\nJoint against fixed hardware, over the {} points of the fixed-hardware front:\n",
      comparisons.front().points);
  for (const FrontComparison& c : comparisons) {
    text += fmt::format("  {:+.2f} points of top-1 at no more {} ({} points matched)\n",
                        c.top1_gain_points, c.cost->name, c.matched_cost);
    text += fmt::format("  {:+.1f} % {} at no less top-1 ({} points matched)\n",
                        -c.cost_cut_percent, c.cost->name, c.matched_accuracy);
  }
  return text;
}

/// Of which parameters a whole front is at a bound of the hardware space, in the kinds of search
/// that decide the hardware.
std::string space_bounds_text(const StudySetup& setup, const StudyResults& results) {
  std::string text;
  for (const std::string& label : results.study.labels()) {
    const SearchSpace& space = setup.space(label);
    if (space.scope() == Scope::kNetwork) continue;
    std::vector<Choices> best;
    for (const StoredTrial* trial : results.fronts.at(label)) {
      best.push_back(space.decode(trial->record.choices).hardware);
    }
    text += bounds_text(*space.hardware().space, best, fmt::format("the {} front", label));
  }
  return text.empty() ? "" : "\n" + text;
}

}  // namespace

std::string results_text(const StudySetup& setup, const StudyResults& results) {
  std::string text = pairs_text(setup, results) + "\n" + searches_text(results);
  text += means_text(results);
  if (!results.rounds.empty()) text += "\n" + rounds_text(results.rounds);
  return text + comparisons_text(results.comparisons) + space_bounds_text(setup, results);
}

}  // namespace dovetail
