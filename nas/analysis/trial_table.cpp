#include "nas/analysis/trial_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/text/csv.h"
#include "base/text/text.h"
#include "cost/figures/set_figures.h"
#include "nas/analysis/study_tables.h"
#include "nas/study/study_metrics.h"

namespace dovetail {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "dovetail.trials/1";

/// With what a plot of the trials needs beside them.
CsvWriter trials_writer(const StoredStudy& study) {
  CsvWriter csv(kSchema);
  csv.note("study", study.name());
  csv.note("begun_with", study.description.facts.build);
  note_objective(csv, study.objective);
  return csv;
}

/// Every decision of the study, each once, with its unit.
std::vector<CsvColumn> decision_columns(const StoredStudy& study) {
  std::vector<CsvColumn> columns;
  for (const std::string& name : study.decision_names()) columns.push_back({name});
  for (const auto& [label, space] : study.description.decisions) {
    for (const Decision& decision : space.decisions()) {
      for (CsvColumn& column : columns) {
        if (column.name == decision.name) column.unit = decision.unit;
      }
    }
  }
  return columns;
}

/// For each decision of a run, where its column is.
std::vector<std::size_t> columns_of(const DecisionSpace& decisions,
                                    const std::vector<std::string>& names) {
  std::vector<std::size_t> columns;
  for (const Decision& decision : decisions.decisions()) {
    columns.push_back(static_cast<std::size_t>(
        std::find(names.begin(), names.end(), decision.name) - names.begin()));
  }
  return columns;
}

/// For each trial of a study, by its position, how many of its run and stage had come with it.
std::vector<std::int64_t> evaluation_counts(const StoredStudy& study) {
  std::map<std::pair<std::size_t, std::string>, std::int64_t> counts;
  std::vector<std::int64_t> of_trials;
  for (const StoredTrial& trial : study.trials) {
    of_trials.push_back(++counts[{trial.run, trial.stage}]);
  }
  return of_trials;
}

void write_place(CsvWriter& csv, const StoredStudy& study, const StoredTrial& trial,
                 std::int64_t evaluation) {
  const StudyRun& run = study.run_of(trial);
  csv.cell(trial.record.id).cell(run.label).cell(run.seed).cell(trial.record.step);
  csv.cell(trial.stage).cell(evaluation);
}

void write_evaluation(CsvWriter& csv, const StoredStudy& study, const StoredTrial& trial) {
  const Evaluation& evaluation = trial.record.evaluation;
  const Outcome outcome = study.outcome(trial);
  csv.cell(to_string(evaluation.status)).cell(evaluation.reason).cell(evaluation.simulated);
  csv.cell(evaluation.accuracy.extrapolated).cell(outcome.acceptable());
  csv.cell(std::isfinite(outcome.violation) ? std::optional(outcome.violation) : std::nullopt);
  for (const Figure* figure : study_figures(study.config)) {
    csv.cell(evaluation.has(*figure) ? std::optional(evaluation.value(*figure)) : std::nullopt);
  }
  csv.cell(trial.record.reward);
}

void write_timing(CsvWriter& csv, const StoredStudy& study, const StoredTrial& trial) {
  const auto timing = study.timings.find(trial.record.id);
  if (timing == study.timings.end()) {
    csv.cell("").cell("");
  } else {
    csv.cell(timing->second.evaluation_ms).cell(timing->second.stored_at);
  }
}

Json trial_json(const StoredStudy& study, const StoredTrial& trial, std::int64_t evaluation_count) {
  const Evaluation& evaluation = trial.record.evaluation;
  const StudyRun& run = study.run_of(trial);
  const Outcome outcome = study.outcome(trial);
  Json json{{"trial", trial.record.id},
            {"run", run.label},
            {"seed", run.seed},
            {"step", trial.record.step},
            {"stage", trial.stage},
            {"evaluation", evaluation_count},
            {"status", to_string(evaluation.status)}};
  if (!evaluation.reason.empty()) json["reason"] = evaluation.reason;
  json["simulated"] = evaluation.simulated;
  if (evaluation.claimed) json["claimed"] = true;
  json["extrapolated"] = evaluation.accuracy.extrapolated;
  json["acceptable"] = outcome.acceptable();
  if (std::isfinite(outcome.violation)) json["violation"] = outcome.violation;
  for (const Figure* metric : known_metrics(evaluation)) {
    json["metrics"][metric->key] = evaluation.value(*metric);
  }
  for (const Figure& count : counts()) {
    if (evaluation.has(count)) json[count.key] = std::llround(evaluation.value(count));
  }
  if (trial.record.reward) json["reward"] = *trial.record.reward;
  if (const auto timing = study.timings.find(trial.record.id); timing != study.timings.end()) {
    json["evaluation_ms"] = timing->second.evaluation_ms;
    json["stored_at"] = timing->second.stored_at;
  }
  const DecisionSpace& decisions = study.description.decisions.at(run.label);
  Json choices = Json::object();
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    choices[decisions[i].name] = decisions[i].choices[trial.record.choices[i]];
  }
  json["choices"] = std::move(choices);
  return json;
}

std::vector<Json> json_of(const StoredStudy& study, const TrialList& trials) {
  const std::vector<std::int64_t> counts = evaluation_counts(study);
  std::vector<Json> list;
  for (const StoredTrial* trial : trials) {
    const std::int64_t count = counts[static_cast<std::size_t>(trial - study.trials.data())];
    list.push_back(trial_json(study, *trial, count));
  }
  return list;
}

}  // namespace

std::string trials_csv(const StoredStudy& study, const TrialList& trials) {
  const std::vector<std::string> names = study.decision_names();
  std::map<std::string, std::vector<std::size_t>> columns;
  for (const std::string& label : study.labels()) {
    columns[label] = columns_of(study.description.decisions.at(label), names);
  }
  std::vector<CsvColumn> header{{"trial"},     {"run"},          {"seed"},       {"step"},
                                {"stage"},     {"evaluation"},   {"status"},     {"reason"},
                                {"simulated"}, {"extrapolated"}, {"acceptable"}, {"violation"}};
  for (const Figure* figure : study_figures(study.config)) {
    header.push_back({figure->key, figure->unit});
  }
  for (const CsvColumn& column :
       {CsvColumn{"reward"}, CsvColumn{"evaluation_ms", "ms"}, CsvColumn{"stored_at", "UTC"}}) {
    header.push_back(column);
  }
  for (CsvColumn& column : decision_columns(study)) header.push_back(std::move(column));
  CsvWriter csv = trials_writer(study);
  csv.header(header);

  const std::vector<std::int64_t> counts = evaluation_counts(study);
  for (const StoredTrial* trial : trials) {
    write_place(csv, study, *trial, counts[static_cast<std::size_t>(trial - study.trials.data())]);
    write_evaluation(csv, study, *trial);
    write_timing(csv, study, *trial);
    const std::string& label = study.run_of(*trial).label;
    const DecisionSpace& decisions = study.description.decisions.at(label);
    std::vector<std::string> choices(names.size());
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      choices[columns[label][i]] = decisions[i].choices[trial->record.choices[i]];
    }
    csv.cells(choices).end_row();
  }
  return csv.text();
}

std::string trials_json(const StoredStudy& study, const TrialList& trials) {
  Json json{{"schema", kSchema}, {"study", study.name()}, {"build", study.description.facts.build}};
  json["constraints"] = Json::array();
  for (const Constraint& constraint : study.objective.constraints) {
    json["constraints"].push_back(to_string(constraint));
  }
  json["trials"] = Json::array();
  for (Json& trial : json_of(study, trials)) json["trials"].push_back(std::move(trial));
  // A reason may come from a program of the user's and have any bytes.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string trial_line(const StoredStudy& study, const StoredTrial& trial,
                       std::int64_t evaluation) {
  return trial_json(study, trial, evaluation).dump(-1, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

std::string trials_jsonl(const StoredStudy& study, const TrialList& trials) {
  const std::vector<std::int64_t> counts = evaluation_counts(study);
  std::string lines;
  for (const StoredTrial* trial : trials) {
    lines +=
        trial_line(study, *trial, counts[static_cast<std::size_t>(trial - study.trials.data())]);
  }
  return lines;
}

std::vector<const Figure*> known_metrics(const Evaluation& evaluation) {
  std::vector<const Figure*> known;
  for (const Figure& metric : metrics()) {
    if (evaluation.has(metric)) known.push_back(&metric);
  }
  for (const auto& [key, value] : evaluation.costs.of_set) known.push_back(&set_metric(key));
  return known;
}

}  // namespace dovetail
