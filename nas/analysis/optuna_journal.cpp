#include "nas/analysis/optuna_journal.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <set>

namespace dovetail {
namespace {

using Json = nlohmann::ordered_json;

// Numbers of Optuna (optuna/storages/_journal/storage.py, optuna/trial/_state.py,
// optuna/study/_study_direction.py), which its files hold.
enum Operation {
  kCreateStudy = 0,
  kSetStudyUserAttribute = 2,
  kSetStudySystemAttribute = 3,
  kCreateTrial = 4
};
enum State { kComplete = 1, kFailed = 3 };
enum Direction { kMinimize = 1, kMaximize = 2 };

Json log_of(Operation operation) {
  return {{"op_code", static_cast<int>(operation)}, {"worker_id", "dovetail"}};
}

std::string line_of(const Json& log) {
  return log.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// Of a search: what it is, and what its figures mean. Of what is claimed: the same.
std::string study_lines(const StoredStudy& study, std::size_t run, bool claimed,
                        std::size_t study_id) {
  const StudyRun& search = study.description.runs[run];
  Json created = log_of(kCreateStudy);
  created["study_name"] =
      claimed ? fmt::format("{}: {}, claimed", study.name(), search.label)
              : fmt::format("{}: {}, seed {}", study.name(), search.label, search.seed);
  Json names = Json::array();
  created["directions"] = Json::array();
  for (const Figure* metric : study.objective.pareto) {
    created["directions"].push_back(static_cast<int>(metric->maximise ? kMaximize : kMinimize));
    names.push_back(metric->key);
  }
  Json system = log_of(kSetStudySystemAttribute);
  system["study_id"] = study_id;
  system["system_attr"] = {{"study:metric_names", std::move(names)}};
  Json user = log_of(kSetStudyUserAttribute);
  user["study_id"] = study_id;
  user["user_attr"] = {{"dovetail", study.description.facts.build}};
  return line_of(created) + line_of(system) + line_of(user);
}

/// The decisions of a search as Optuna's distributions, which stand in its files as texts.
Json distributions_of(const DecisionSpace& space) {
  Json distributions = Json::object();
  for (const Decision& decision : space.decisions()) {
    Json choices = Json::array();
    for (std::size_t c = 0; c < decision.choices.size(); ++c) {
      choices.push_back(decision.ordered() ? Json(decision.values[c]) : Json(decision.choices[c]));
    }
    distributions[decision.name] =
        Json{{"name", "CategoricalDistribution"}, {"attributes", {{"choices", std::move(choices)}}}}
            .dump();
  }
  return distributions;
}

Json attributes_of(const Evaluation& evaluation) {
  Json attributes{{"status", to_string(evaluation.status)}, {"simulated", evaluation.simulated}};
  if (!evaluation.reason.empty()) attributes["reason"] = evaluation.reason;
  for (const Figure& figure : figures()) {
    if (evaluation.has(figure)) attributes[figure.key] = evaluation.value(figure);
  }
  return attributes;
}

/// When it was stored, as Optuna has times; some time where that is not known.
std::string time_of(const StoredStudy& study, std::int64_t trial) {
  const auto timing = study.timings.find(trial);
  if (timing == study.timings.end()) return "1970-01-01T00:00:00.000000";
  std::string time = timing->second.stored_at;
  if (time.ends_with('Z')) time.pop_back();
  return time;
}

Json values_of(const StoredStudy& study, const Evaluation& evaluation) {
  Json values = Json::array();
  for (const Figure* metric : study.objective.pareto) {
    values.push_back(evaluation.value(*metric));
  }
  return values;
}

std::string trial_line(const StoredStudy& study, const StoredTrial& trial, std::size_t study_id,
                       const Json& distributions) {
  const Evaluation& evaluation = trial.record.evaluation;
  const Outcome outcome = study.outcome(trial);
  const DecisionSpace& space = study.description.decisions.at(study.run_of(trial).label);
  Json log = log_of(kCreateTrial);
  log["study_id"] = study_id;
  log["state"] = static_cast<int>(outcome.valid ? kComplete : kFailed);
  log["datetime_start"] = log["datetime_complete"] = time_of(study, trial.record.id);
  const bool several = study.objective.pareto.size() > 1;
  const Json values = outcome.valid ? values_of(study, evaluation) : Json();
  log["value"] = outcome.valid && !several ? values.front() : Json();
  log["values"] = several ? values : Json();
  log["distributions"] = distributions;
  log["params"] = Json::object();
  for (std::size_t i = 0; i < space.size(); ++i) {
    log["params"][space[i].name] = static_cast<double>(trial.record.choices[i]);
  }
  log["user_attrs"] = attributes_of(evaluation);
  log["user_attrs"]["trial"] = trial.record.id;
  log["user_attrs"]["stage"] = trial.stage;
  log["system_attrs"] = Json::object();
  if (outcome.valid) log["system_attrs"]["constraints"] = outcome.excesses;
  log["intermediate_values"] = Json::object();
  return line_of(log);
}

}  // namespace

std::string optuna_journal(const StoredStudy& study, const TrialList& trials) {
  std::string journal;
  std::size_t study_id = 0;
  for (std::size_t run = 0; run < study.description.runs.size(); ++run) {
    const std::string& label = study.description.runs[run].label;
    const Json distributions = distributions_of(study.description.decisions.at(label));
    for (const bool claimed : {false, true}) {
      std::string lines;
      for (const StoredTrial* trial : trials) {
        if (trial->run != run || trial->record.evaluation.claimed != claimed) continue;
        lines += trial_line(study, *trial, study_id, distributions);
      }
      if (claimed && lines.empty()) continue;
      journal += study_lines(study, run, claimed, study_id++) + lines;
    }
  }
  return journal;
}

}  // namespace dovetail
