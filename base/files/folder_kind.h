#pragma once

#include <filesystem>
#include <string>

namespace dovetail {

/// What the results in a folder are of. Several kinds have files of one name, such as pareto.csv:
/// in one folder they would replace each other's.
enum class FolderKind {
  kStudy,
  kExploration,
  kSamples,
  kRegret,
  kClaims,
  kTargets,
  kCostModels,
  kTraining,
  kScaling
};

/// Throws InputError if `folder` holds results of another kind, and says which.
void require_folder_of(FolderKind kind, const std::filesystem::path& folder);

}  // namespace dovetail
