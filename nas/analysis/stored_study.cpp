#include "nas/analysis/stored_study.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/files/yaml.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "nas/study/study_lock.h"
#include "nas/study/study_objective.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

}  // namespace

StoredStudy StoredStudy::load(const fs::path& place) {
  StoredStudy study;
  study.file = study_file(place);
  const StudyStore store = StudyStore::open(study.file, StudyStore::Access::kRead);
  study.description = store.description();
  study.config = StudyConfig::from_yaml(
      YamlNode::parse(study.description.facts.configuration, study.file.string()),
      study.file.parent_path());
  const auto area_mm2 = study.description.facts.baseline_area_mm2;
  if (!area_mm2 && study.config.has_accelerator()) {
    throw InputError(study.file.string() + ": the area of the baseline accelerator is missing");
  }
  study.baseline_area_mm2 = area_mm2.value_or(Costs::kUnknown);
  study.objective = study_objective(study.config, study.baseline_area_mm2);
  study.trials = store.all();
  // After the trials, so that the times of all of them are there.
  study.timings = TrialTimings::read(TrialTimings::beside(study.file));
  return study;
}

bool StoredStudy::is_final(const StoredTrial& trial) const {
  const Evaluation& evaluation = trial.record.evaluation;
  return evaluation.simulated ||
         (config.cost.model->predictions_are_final() && !evaluation.claimed);
}

TrialList StoredStudy::trials_of(std::size_t run, Stage stage) const {
  const std::string name = to_string(stage);
  TrialList list;
  for (const StoredTrial& trial : trials) {
    if (trial.run == run && trial.stage == name) list.push_back(&trial);
  }
  return list;
}

TrialList StoredStudy::all_trials() const {
  TrialList list;
  for (const StoredTrial& trial : trials) list.push_back(&trial);
  return list;
}

std::vector<std::string> StoredStudy::labels() const {
  std::vector<std::string> labels;
  for (const StudyRun& run : description.runs) add_once(labels, run.label);
  return labels;
}

std::vector<std::string> StoredStudy::decision_names() const {
  std::vector<std::string> names;
  for (const std::string& label : labels()) {
    for (const Decision& decision : description.decisions.at(label).decisions()) {
      add_once(names, decision.name);
    }
  }
  return names;
}

fs::path study_file(const fs::path& place) {
  const fs::path file = fs::is_directory(place) ? place / "study.db" : place;
  if (fs::exists(file)) return file;
  throw InputError(
      fmt::format("{}: no study is stored there; a study is the folder that 'dovetail "
                  "search' writes, or the study.db in it",
                  place.string()));
}

StudyState StudyState::of(const fs::path& study_file) {
  const fs::path folder = study_file.has_parent_path() ? study_file.parent_path() : fs::path(".");
  StudyState state;
  state.process = StudyLock::holder(folder);
  // Written last, and once all trials are there.
  state.complete = !state.process && fs::exists(folder / "pareto.csv");
  return state;
}

std::string StudyState::str() const {
  if (process) return fmt::format("running (process {})", *process);
  return complete ? "complete" : "stopped";
}

std::string to_string(const Constraint& constraint) {
  return fmt::format("{} {} {}", constraint.metric->key,
                     constraint.metric->maximise ? ">=" : "<=", format_number(constraint.limit));
}

}  // namespace dovetail
