#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "nas/objective/objective.h"
#include "nas/study/study_config.h"
#include "nas/study/study_store.h"
#include "nas/study/trial_timings.h"

namespace dovetail {

/// Trials of one study, in an order of the caller's.
using TrialList = std::vector<const StoredTrial*>;

/// A study as study.db tells it at one moment: what every report of it is made of. Nothing else is
/// needed: another process may be writing it, and the files that it was made of may be gone.
struct StoredStudy {
  /// `place` is the folder of a study or its study.db. Throws InputError if there is none.
  static StoredStudy load(const std::filesystem::path& place);

  std::filesystem::path file;  // study.db
  StudyDescription description;
  StudyConfig config;
  double baseline_area_mm2 = 0;  // NaN where it has no accelerator
  Objective objective;
  std::vector<StoredTrial> trials;              // by id
  std::map<std::int64_t, TrialTiming> timings;  // by id; not of every trial

  const std::string& name() const { return description.facts.name; }
  const StudyRun& run_of(const StoredTrial& trial) const { return description.runs[trial.run]; }
  Outcome outcome(const StoredTrial& trial) const {
    return objective.outcome(trial.record.evaluation);
  }
  /// Whether its costs are the study's last word: they are neither claimed nor predicted, or
  /// predicted in a study that simulates nothing.
  bool is_final(const StoredTrial& trial) const;
  /// Of one run and stage, in their order.
  TrialList trials_of(std::size_t run, Stage stage) const;
  /// Every trial, by id.
  TrialList all_trials() const;
  /// Labels of the runs, each once, in their order.
  std::vector<std::string> labels() const;
  /// Names of the decisions of all runs, each once, in their order.
  std::vector<std::string> decision_names() const;
};

/// The study.db of what a user calls a study: a folder, or the file itself.
std::filesystem::path study_file(const std::filesystem::path& place);

/// Whether a study is being worked on. What is neither is waiting for --resume.
struct StudyState {
  std::optional<int> process;  // that works on it
  bool complete = false;       // its results have been written

  static StudyState of(const std::filesystem::path& study_file);
  std::string str() const;  // "running (process 17)", "complete" or "stopped"
};

/// "area_mm2 <= 76.9".
std::string to_string(const Constraint& constraint);

}  // namespace dovetail
