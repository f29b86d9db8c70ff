#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nas/analysis/stored_study.h"

namespace dovetail {

/// What became of the predictions of one step (a round of a phase) when they were simulated.
struct RoundResult {
  StudyRun run;
  std::int64_t step = 0;       // of the run, from 0
  std::int64_t simulated = 0;  // candidates of the step
  /// Of those, predicted to hold the constraints, and found to.
  std::int64_t predicted_acceptable = 0, acceptable = 0;
  /// Of those, on the front of the step's simulated candidates as predicted, and as simulated: the
  /// choices of the surrogate, and how many of them survive.
  std::int64_t predicted_front = 0, front = 0;
  std::optional<double> latency_error_percent;  // mean of |predicted - simulated| / simulated
  double hypervolume = 0;                       // of the run's simulated candidates up to this step
};

/// One for each step that simulated what it had predicted, in the order of runs and steps; none
/// for a study that simulates every candidate.
std::vector<RoundResult> round_results(const StoredStudy& study);

/// rounds.csv: schema dovetail.rounds/1.
std::string rounds_csv(const std::vector<RoundResult>& rounds);
/// A table for the terminal.
std::string rounds_text(const std::vector<RoundResult>& rounds);

}  // namespace dovetail
