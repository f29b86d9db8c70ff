#pragma once

#include <optional>

#include "nas/analysis/study_files.h"
#include "nas/study/study.h"

namespace dovetail {

/// A study that was run, and what is said of it if it is complete.
struct FoundStudy : StudyOutcome {
  std::optional<ReportedStudy> report;
  const StudyResults& results() const { return report->results; }
};

/// `run` is run_study() or something like it. Throws RunError if nothing was found.
template <typename Run>
FoundStudy run_and_report(const StudySetup& setup, StudyOptions options, Run run) {
  FoundStudy found;
  options.report = [&] { found.report = report_study(setup, options.folder); };
  static_cast<StudyOutcome&>(found) = run(setup, options);
  if (found.report) require_something_found(found.results());
  return found;
}
inline FoundStudy run_and_report(const StudySetup& setup, const StudyOptions& options) {
  return run_and_report(setup, options, [](const StudySetup& study, const StudyOptions& with) {
    return run_study(study, with);
  });
}

}  // namespace dovetail
