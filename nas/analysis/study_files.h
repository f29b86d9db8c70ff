#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nas/analysis/study_results.h"
#include "nas/study/study_setup.h"

namespace dovetail {

/// What a study found, and the files that say so.
struct ReportedStudy {
  StudyResults results;
  std::vector<std::filesystem::path> files;
};

/// Reads the study in `folder` and writes pareto.csv, hypervolume.csv, convergence.csv,
/// attainment.csv and, of searches on predictions, rounds.csv beside it. `setup` is the same study
/// with its spaces loaded, which tell what the choices of a trial mean.
ReportedStudy report_study(const StudySetup& setup, const std::filesystem::path& folder);

/// What makes one doubt that a study was asked what was meant, a sentence each.
std::vector<std::string> doubts(const StudyResults& results);

/// Throws RunError, with how near the nearest candidate came or why none has figures, if not one
/// simulated candidate holds the constraints: a study without an answer.
void require_something_found(const StudyResults& results);

}  // namespace dovetail
