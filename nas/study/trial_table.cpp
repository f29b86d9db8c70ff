#include "nas/study/trial_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/text/text.h"

namespace dovetail {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "dovetail.trials/1";

/// In a line of its own.
std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string csv_head(const StoredStudy& study) {
  std::string head = fmt::format("# schema: {}\n", kSchema);
  head += "# study: " + one_line(study.name()) + "\n";
  head += "# build: " + one_line(study.description.facts.at("build")) + "\n";
  for (const Constraint& constraint : study.objective.constraints) {
    head += "# constraint: " + to_string(constraint) + "\n";
  }
  if (!study.objective.reward) return head;
  for (const RewardTerm& term : study.objective.reward->terms) {
    head += fmt::format("# target: {} {}\n", term.metric->key, format_number(term.target));
  }
  return head;
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

/// "" where there is none.
std::string number_cell(const std::optional<double>& value) {
  return value ? format_number(*value) : "";
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

std::vector<std::string> place_cells(const StoredStudy& study, const StoredTrial& trial,
                                     std::int64_t evaluation) {
  const StudyRun& run = study.run_of(trial);
  return {std::to_string(trial.record.id),   run.label,   std::to_string(run.seed),
          std::to_string(trial.record.step), trial.stage, std::to_string(evaluation)};
}

std::vector<std::string> evaluation_cells(const StoredStudy& study, const StoredTrial& trial) {
  const Evaluation& evaluation = trial.record.evaluation;
  const Outcome outcome = study.outcome(trial);
  std::vector<std::string> cells{
      to_string(evaluation.status),     csv_cell(evaluation.reason),
      evaluation.simulated ? "1" : "0", evaluation.accuracy.extrapolated ? "1" : "0",
      outcome.acceptable() ? "1" : "0", outcome.valid ? format_number(outcome.violation) : ""};
  for (const Figure& figure : figures()) {
    cells.push_back(evaluation.has(figure) ? format_number(evaluation.value(figure)) : "");
  }
  cells.push_back(number_cell(trial.record.reward));
  return cells;
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
  json["extrapolated"] = evaluation.accuracy.extrapolated;
  json["acceptable"] = outcome.acceptable();
  if (outcome.valid) json["violation"] = outcome.violation;
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

}  // namespace

TrialList all_trials(const StoredStudy& study) {
  TrialList list;
  for (const StoredTrial& trial : study.trials) list.push_back(&trial);
  return list;
}

std::string trials_csv(const StoredStudy& study, const TrialList& trials) {
  const std::vector<std::string> names = study.decision_names();
  std::map<std::string, std::vector<std::size_t>> columns;
  for (const std::string& label : study.labels()) {
    columns[label] = columns_of(study.description.decisions.at(label), names);
  }
  std::vector<std::string> header{"trial",     "run",          "seed",       "step",
                                  "stage",     "evaluation",   "status",     "reason",
                                  "simulated", "extrapolated", "acceptable", "violation"};
  for (const Figure& figure : figures()) header.push_back(figure.key);
  for (const char* name : {"reward", "evaluation_ms", "stored_at"}) {
    header.emplace_back(name);
  }
  header.insert(header.end(), names.begin(), names.end());

  const std::vector<std::int64_t> counts = evaluation_counts(study);
  std::string text = csv_head(study) + join(header, ",") + "\n";
  for (const StoredTrial* trial : trials) {
    std::vector<std::string> cells =
        place_cells(study, *trial, counts[static_cast<std::size_t>(trial - study.trials.data())]);
    for (std::string& cell : evaluation_cells(study, *trial)) cells.push_back(std::move(cell));
    const auto timing = study.timings.find(trial->record.id);
    const bool timed = timing != study.timings.end();
    cells.push_back(timed ? format_number(timing->second.evaluation_ms) : "");
    cells.push_back(timed ? timing->second.stored_at : "");
    const std::string& label = study.run_of(*trial).label;
    const DecisionSpace& decisions = study.description.decisions.at(label);
    const std::size_t first = cells.size();
    cells.resize(first + names.size());
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      cells[first + columns[label][i]] = csv_cell(decisions[i].choices[trial->record.choices[i]]);
    }
    text += join(cells, ",") + "\n";
  }
  return text;
}

std::string trials_json(const StoredStudy& study, const TrialList& trials) {
  Json json{
      {"schema", kSchema}, {"study", study.name()}, {"build", study.description.facts.at("build")}};
  json["constraints"] = Json::array();
  for (const Constraint& constraint : study.objective.constraints) {
    json["constraints"].push_back(to_string(constraint));
  }
  json["trials"] = Json::array();
  const std::vector<std::int64_t> counts = evaluation_counts(study);
  for (const StoredTrial* trial : trials) {
    const std::int64_t count = counts[static_cast<std::size_t>(trial - study.trials.data())];
    json["trials"].push_back(trial_json(study, *trial, count));
  }
  // A reason may come from a program of the user's and have any bytes.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::vector<const Figure*> known_metrics(const Evaluation& evaluation) {
  std::vector<const Figure*> known;
  for (const Figure& metric : metrics()) {
    if (evaluation.has(metric)) known.push_back(&metric);
  }
  return known;
}

}  // namespace dovetail
