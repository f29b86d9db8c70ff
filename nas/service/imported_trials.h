#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "nas/objective/objective.h"
#include "nas/service/requests.h"
#include "nas/study/study_store.h"

namespace dovetail {

/// What of an imported file is believed.
enum class ImportTrust {
  kNothing,   // trials are evaluated
  kAccuracy,  // the same, but for their accuracies, which the study has from those who tell trials
  kAll,       // nothing is evaluated, and trials are marked as claimed
};

/// Trials of another study or another program, from a CSV with a column for each decision.
struct ImportedTrials {
  std::vector<OutsideCandidate> candidates;
  /// Of each candidate, the figures that the file claims.
  std::vector<std::map<const Figure*, double>> claimed;

  /// Columns that are neither decisions of `space` nor figures are not looked at. Throws InputError
  /// with the place, also for figures that no pair can have where they are believed.
  static ImportedTrials read(const std::filesystem::path& file, const DecisionSpace& space,
                             ImportTrust trust);
};

/// What the claims make of a trial: kFailed, with the reason, if they lack a figure that the
/// objective asks for.
Evaluation claimed_evaluation(const std::map<const Figure*, double>& claims,
                              const Objective& objective);

/// A table of how far what was claimed is from what was found: for each figure that the file has,
/// how many trials have both, how many of them differ (by more than the file's digits), and by how
/// much at most.
std::string claims_table(const ImportedTrials& imported, std::span<const TrialRecord> found);

}  // namespace dovetail
