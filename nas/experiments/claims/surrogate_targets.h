#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "nas/study/study_config.h"

namespace dovetail {

/// How near to its latency target a design comes that was found on a surrogate (Zhou et al.,
/// "NAHAS", 2020, give 0.4 %).
struct TargetsOptions {
  std::vector<double> latency_targets_ms;
  std::filesystem::path folder;  // a study for each target goes below it
  std::string surrogate;         // model file in place of the study's; empty: that of the study
  int workers = 1;               // processes, each with a study of its own
  std::function<bool()> keep_going;
  std::function<void(std::uint64_t done, std::uint64_t of)> progress;
};

/// A candidate as predicted and as simulated.
struct TargetDesign {
  double top1_percent = 0;
  double predicted_ms = 0, simulated_ms = 0;
};

/// One search for one target.
struct TargetSearch {
  double target_ms = 0;
  std::uint64_t seed = 0;
  /// The search's own answer: highest predicted reward. Nothing if it proposed none that could be
  /// simulated.
  std::optional<TargetDesign> first;
  /// Of all that it proposed, the highest reward of simulated figures.
  std::optional<TargetDesign> best;
};

/// Runs every study that is not complete in the folder (a stopped run goes on), and reads what they
/// found, by target and seed. `study` searches on a surrogate and has a reward on latency, else
/// InputError. Throws RunError if stopped.
std::vector<TargetSearch> run_targets(const StudyConfig& study, const TargetsOptions& options);

/// A row a search: schema dovetail.targets/1.
std::string targets_csv(const std::vector<TargetSearch>& searches);
/// A row a target: means over the seeds.
std::string targets_text(const std::vector<TargetSearch>& searches);

}  // namespace dovetail
