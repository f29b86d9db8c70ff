#include "nas/analysis/study_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/text/csv.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "nas/analysis/study_tables.h"
#include "nas/study/study_metrics.h"

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

/// A front of predictions or of corrected figures says so.
void note_figures(CsvWriter& csv, const StudyResults& results) {
  const CostSettings& cost = results.study.config.cost;
  if (cost.model->predictions_are_final() || !cost.correction.empty()) {
    csv.note("figures", cost.figures());
  }
}

std::string pareto_csv(const StudySetup& setup, const StudyResults& results) {
  CsvWriter csv("dovetail.pareto/1");
  std::vector<CsvColumn> columns{{"run"}, {"seed"}, {"trial"}};
  const std::vector<const Figure*> metrics = study_metrics(results.study.config);
  for (const Figure* metric : metrics) columns.push_back({metric->key, metric->unit});
  columns.push_back({"area_over_baseline"});
  for (const Figure& count : counts()) columns.push_back({count.key, count.unit});
  columns.push_back({"extrapolated"});
  for (CsvColumn& column : decision_columns(setup)) columns.push_back(std::move(column));
  note_figures(csv, results);
  note_objective(csv, results.study.objective);
  csv.header(columns);
  for (const std::string& label : results.study.labels()) {
    for (const StoredTrial* trial : results.fronts.at(label)) {
      const Evaluation& evaluation = trial->record.evaluation;
      csv.cell(label).cell(results.study.run_of(*trial).seed).cell(trial->record.id);
      for (const Figure* metric : metrics) csv.cell(evaluation.value(*metric));
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
  note_figures(csv, results);
  note_objective(csv, objective);
  csv.header(columns);
  for (const RunResult& result : results.runs) {
    csv.cell(result.run.label).cell(result.run.seed).cell(result.hypervolume);
    csv.cell(result.front.size()).cell(result.searched.size()).cell(result.simulated());
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
  note_objective(csv, results.study.objective);
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

/// "latency_ms 0.0049, allowed at most 0.001": the constraints that a trial breaks.
std::string broken_constraints(const StoredStudy& study, const StoredTrial& trial) {
  std::vector<std::string> parts;
  for (const Constraint& constraint : study.objective.constraints) {
    const Figure& metric = *constraint.metric;
    const double value = trial.record.evaluation.value(metric);
    if (metric.maximise ? value >= constraint.limit : value <= constraint.limit) continue;
    parts.push_back(fmt::format("{} {:.4g}, allowed at {} {:.4g}", metric.key, value,
                                metric.maximise ? "least" : "most", constraint.limit));
  }
  return join(parts, "; ");
}

/// Why a study has no front: how near the nearest candidate came, or why none has figures.
std::string why_nothing(const StoredStudy& study) {
  const StoredTrial* nearest = nullptr;
  double violation = std::numeric_limits<double>::infinity();
  for (const StoredTrial& trial : study.trials) {
    const Outcome outcome = study.outcome(trial);
    if (!outcome.valid || outcome.violation >= violation) continue;
    nearest = &trial;
    violation = outcome.violation;
  }
  if (nearest != nullptr && violation > 0) {
    return fmt::format("no candidate holds the constraints; the nearest, trial {}, has {}",
                       nearest->record.id, broken_constraints(study, *nearest));
  }
  if (nearest != nullptr) return "no candidate that holds the constraints was simulated";
  if (study.trials.empty()) return "no candidate was evaluated";
  const StoredTrial& first = study.trials.front();
  return fmt::format("no candidate has figures; trial {}: {}", first.record.id,
                     first.record.evaluation.reason);
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

std::vector<std::string> doubts(const StudyResults& results) {
  const Figure& accuracy = find_metric("top1_percent");
  double best = 0;
  for (const StoredTrial& trial : results.study.trials) {
    const Evaluation& evaluation = trial.record.evaluation;
    if (evaluation.has(accuracy)) best = std::max(best, evaluation.value(accuracy));
  }
  if (best <= 0 || best > 1) return {};
  return {
      fmt::format("no accuracy is above 1 %, the best is {:.4g} %: they are read as percent, "
                  "and 0.77 is not 77",
                  best)};
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
  throw RunError(fmt::format("{} (trials: {}); see {}", why_nothing(results.study), join(counts),
                             results.study.file.parent_path().string()));
}

}  // namespace dovetail
