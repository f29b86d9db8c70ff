#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/process/progress.h"
#include "nas/study/search_runner.h"
#include "nas/study/study_setup.h"

namespace dovetail {

struct StudyOptions {
  std::filesystem::path folder;  // where results go
  bool resume = false;           // go on with the study in `folder`; else it must not hold one
  bool may_grow = false;         // `resume` takes more evaluations or seeds than it has
  int workers = 1;               // processes that simulate
  ProgressMode progress = ProgressMode::kAuto;
  KeepGoing keep_going;  // empty: until done
  /// Is told what is stored: first all that is stored already, then what is added, when it is.
  std::function<void(std::span<const StoredTrial>)> stored;
  /// Writes what follows from the trials, when all are stored and the study is still locked.
  std::function<void()> report;
};

struct StudyOutcome {
  bool complete = false;                     // false: stopped; what was evaluated is stored
  std::int64_t trials = 0;                   // stored
  std::vector<std::filesystem::path> files;  // study.db and those beside it, if complete
};

/// A study in its folder while it is worked on: nobody else does, its store is open, and answers of
/// a slow accuracy source are kept there. Everything is checked before anything is written.
class OpenStudy {
 public:
  /// Throws InputError as run_study() does. `setup` must outlive it.
  OpenStudy(const StudySetup& setup, const StudyOptions& options);
  ~OpenStudy();
  OpenStudy(const OpenStudy&) = delete;
  OpenStudy& operator=(const OpenStudy&) = delete;

  StudyStore& store();
  /// Removes the files of a study that began here and has nothing stored: what refused its first
  /// request leaves nothing behind. The store must not be used after that.
  void forget_if_empty();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Runs or resumes a study: study.db, timings.csv and effective.yaml in the folder. What it found
/// is for nas/analysis to say. Throws InputError if the folder is not writable, holds a study and
/// `resume` is not set, holds none or another one and it is set, or is being worked on by another
/// process.
StudyOutcome run_study(const StudySetup& setup, const StudyOptions& options);

/// The same with other evaluators than those of the configuration.
StudyOutcome run_study(const StudySetup& setup, const StudyOptions& options,
                       const StudyEvaluators& evaluators);

}  // namespace dovetail
