#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/process/progress.h"
#include "nas/study/search_runner.h"
#include "nas/study/study_results.h"
#include "nas/study/study_setup.h"

namespace dovetail {

struct StudyOptions {
  std::filesystem::path folder;  // where results go
  bool resume = false;           // go on with the study in `folder`; else it must not hold one
  int workers = 1;               // processes that simulate
  ProgressMode progress = ProgressMode::kAuto;
  KeepGoing keep_going;  // empty: until done
};

struct StudyOutcome {
  bool complete = false;                     // false: stopped; what was evaluated is stored
  std::int64_t trials = 0;                   // stored
  StudyResults results;                      // if complete
  std::vector<std::filesystem::path> files;  // written, if complete
};

/// Runs or resumes a study: study.db, effective.yaml and the tables of results in the folder.
/// Throws InputError if the folder is not writable, holds a study and `resume` is not set, holds
/// none or another one and it is set, or is being worked on by another process; RunError if not
/// one candidate holds the constraints (everything is written then too).
StudyOutcome run_study(const StudySetup& setup, const StudyOptions& options);

/// The same with other evaluators than those of the configuration.
StudyOutcome run_study(const StudySetup& setup, const StudyOptions& options,
                       const StudyEvaluators& evaluators);

}  // namespace dovetail
