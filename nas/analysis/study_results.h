#pragma once

#include <map>
#include <string>
#include <vector>

#include "nas/analysis/attainment.h"
#include "nas/analysis/fronts.h"
#include "nas/analysis/round_results.h"
#include "nas/analysis/run_result.h"
#include "nas/analysis/stored_study.h"

namespace dovetail {

/// What a study found. It points into its study, and so is moved but not copied.
struct StudyResults {
  explicit StudyResults(StoredStudy stored) : study(std::move(stored)) {}
  StudyResults(StudyResults&&) = default;
  StudyResults& operator=(StudyResults&&) = default;

  StoredStudy study;
  std::vector<RunResult> runs;
  std::vector<std::vector<ConvergencePoint>> convergence;  // of each run
  /// Fronts over all seeds, by label; best first by the first objective.
  std::map<std::string, TrialList> fronts;
  /// The joint front against that on fixed hardware, for each cost of the Pareto front.
  std::vector<FrontComparison> comparisons;
  std::vector<RoundResult> rounds;      // of searches on predictions
  std::vector<Attainment> attainments;  // by label
};

/// From what is stored alone, so that it does not matter how often the study was interrupted.
StudyResults study_results(StoredStudy study);

}  // namespace dovetail
