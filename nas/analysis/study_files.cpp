#include "nas/analysis/study_files.h"

#include <fmt/core.h>

#include <map>
#include <string>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/text/csv.h"
#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

/// The choices of a trial for every decision of both sides, as written; "" where a decision has no
/// effect.
std::vector<std::string> decision_cells(const StudySetup& setup, const std::string& label,
                                        const StoredTrial& trial) {
  const SearchSpace& space = setup.space(label);
  const Candidate candidate = space.decode(trial.record.choices);
  std::vector<std::string> cells;
  const auto add = [&](const DecisionSpace& decisions, const Choices& choices,
                       const std::vector<bool>& active) {
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      const bool known = !choices.empty() && active[i];
      cells.push_back(known ? decisions[i].choices[choices[i]] : "");
    }
  };
  if (const auto& networks = setup.network().space) {
    add(networks->decisions(), candidate.network, networks->active(candidate.network));
  }
  if (const auto& hardware = setup.hardware().space) {
    add(hardware->decisions(), candidate.hardware,
        std::vector<bool>(hardware->decisions().size(), true));
  }
  return cells;
}

std::vector<CsvColumn> decision_columns(const StudySetup& setup) {
  std::vector<CsvColumn> columns;
  if (const auto& networks = setup.network().space) {
    for (const Decision& decision : networks->decisions().decisions()) {
      columns.push_back({"net." + decision.name, decision.unit});
    }
  }
  if (const auto& hardware = setup.hardware().space) {
    for (const Decision& decision : hardware->decisions().decisions()) {
      columns.push_back({"hw." + decision.name, decision.unit});
    }
  }
  return columns;
}

std::string pareto_csv(const StudySetup& setup, const StudyResults& results) {
  CsvWriter csv("dovetail.pareto/1");
  std::vector<CsvColumn> columns{{"run"}, {"seed"}, {"trial"}};
  for (const Figure& metric : metrics()) columns.push_back({metric.key, metric.unit});
  columns.push_back({"area_over_baseline"});
  for (const Figure& count : counts()) columns.push_back({count.key, count.unit});
  columns.push_back({"extrapolated"});
  for (CsvColumn& column : decision_columns(setup)) columns.push_back(std::move(column));
  csv.header(columns);
  for (const std::string& label : results.study.labels()) {
    for (const StoredTrial* trial : results.fronts.at(label)) {
      const Evaluation& evaluation = trial->record.evaluation;
      csv.cell(label).cell(results.study.run_of(*trial).seed).cell(trial->record.id);
      for (const Figure& metric : metrics()) csv.cell(evaluation.value(metric));
      csv.cell(evaluation.costs.area_mm2 / results.study.baseline_area_mm2);
      for (const Figure& count : counts()) csv.cell(evaluation.value(count));
      csv.cell(evaluation.accuracy.extrapolated);
      csv.cells(decision_cells(setup, label, *trial));
      csv.end_row();
    }
  }
  return csv.text();
}

std::string hypervolume_csv(const StudyResults& results) {
  const Objective& objective = results.study.objective;
  CsvWriter csv("dovetail.hypervolume/1");
  std::vector<CsvColumn> columns{{"run"},          {"seed"},        {"hypervolume"},
                                 {"front_points"}, {"evaluations"}, {"simulated"}};
  for (const Figure* metric : objective.pareto) {
    columns.push_back({"reference_" + metric->key, metric->unit});
  }
  csv.header(columns);
  for (const RunResult& result : results.runs) {
    csv.cell(result.run.label).cell(result.run.seed).cell(result.hypervolume);
    csv.cell(result.front.size()).cell(result.searched.size()).cell(result.simulated.size());
    for (const double value : objective.reference) csv.cell(value);
    csv.end_row();
  }
  return csv.text();
}

std::string convergence_csv(const StudyResults& results) {
  const std::optional<Reward>& reward = results.study.objective.reward;
  const std::size_t targets = reward ? reward->terms.size() : 0;
  CsvWriter csv("dovetail.convergence/1");
  std::vector<CsvColumn> columns{{"run"},         {"seed"},    {"evaluations"},
                                 {"hypervolume"}, {"figures"}, {"distance_percent", "%"},
                                 {"best_reward"}};
  for (std::size_t k = 0; k < targets; ++k) {
    columns.push_back({reward->terms[k].metric->key + "_over_target_percent", "%"});
  }
  csv.header(columns);
  for (std::size_t run = 0; run < results.runs.size(); ++run) {
    const StudyRun& search = results.runs[run].run;
    for (const ConvergencePoint& point : results.convergence[run]) {
      csv.cell(search.label).cell(search.seed).cell(point.evaluations).cell(point.hypervolume);
      csv.cell(point.simulated ? "simulated" : "predicted").cell(point.distance_percent);
      csv.cell(point.best_reward);
      for (std::size_t k = 0; k < targets; ++k) {
        csv.cell(point.best_reward ? std::optional(point.over_target_percent[k]) : std::nullopt);
      }
      csv.end_row();
    }
  }
  return csv.text();
}

}  // namespace

ReportedStudy report_study(const StudySetup& setup, const std::filesystem::path& folder) {
  ReportedStudy report{study_results(StoredStudy::load(folder)), {}};
  const StudyResults& results = report.results;
  std::vector<std::pair<const char*, std::string>> files{
      {"pareto.csv", pareto_csv(setup, results)},
      {"hypervolume.csv", hypervolume_csv(results)},
      {"convergence.csv", convergence_csv(results)},
      {"attainment.csv", attainment_csv(results.attainments)}};
  if (!results.rounds.empty()) files.emplace_back("rounds.csv", rounds_csv(results.rounds));
  for (const auto& [name, content] : files) {
    write_file_atomically(folder / name, content);
    report.files.push_back(folder / name);
  }
  return report;
}

void require_something_found(const StudyResults& results) {
  std::map<TrialStatus, std::int64_t> by_status;
  for (const RunResult& result : results.runs) {
    if (!result.front.empty()) return;
    for (const auto& [status, count] : result.by_status) by_status[status] += count;
  }
  std::vector<std::string> counts;
  for (const auto& [status, count] : by_status) {
    counts.push_back(fmt::format("{} {}", count, to_string(status)));
  }
  throw RunError(fmt::format("no candidate holds the constraints (trials: {}); see {}",
                             join(counts), results.study.file.parent_path().string()));
}

}  // namespace dovetail
