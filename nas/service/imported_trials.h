#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "nas/objective/evaluation.h"
#include "nas/service/requests.h"
#include "nas/study/study_store.h"

namespace dovetail {

/// Trials of another study or another program, from a CSV with a column for each decision.
struct ImportedTrials {
  std::vector<OutsideCandidate> candidates;
  /// Of each candidate, the figures that the file claims.
  std::vector<std::map<const Figure*, double>> claimed;

  /// Columns that are neither decisions of `space` nor figures are not looked at. An accuracy is
  /// told with the candidates if `tells_accuracy`. Throws InputError with the place.
  static ImportedTrials read(const std::filesystem::path& file, const DecisionSpace& space,
                             bool tells_accuracy);
};

/// A table of how far what was claimed is from what was found: for each figure that the file has,
/// how many trials have both, how many of them differ (by more than the file's digits), and by how
/// much at most.
std::string claims_table(const ImportedTrials& imported, std::span<const TrialRecord> found);

}  // namespace dovetail
