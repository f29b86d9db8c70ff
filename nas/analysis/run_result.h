#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "nas/analysis/attainment.h"
#include "nas/analysis/stored_study.h"

namespace dovetail {

/// What one search of a study found. Points into the study.
struct RunResult {
  StudyRun run;
  TrialList searched;                             // what the strategy asked for
  std::map<TrialStatus, std::int64_t> by_status;  // of these
  TrialList final_trials;                         // of the search, or simulated again after it
  TrialList front;                                // of these
  double hypervolume = 0;                         // of the front
  const StoredTrial* best_reward = nullptr;       // of these too, within all constraints
  SearchHistory history;                          // of the search, predicted or simulated
  /// Mean of |predicted - simulated| / simulated, of the candidates proposed.
  std::optional<double> latency_error_percent, energy_error_percent;

  /// Of the final ones; none where the study's predictions are final.
  std::size_t simulated() const;
};

/// `objective` is that of the study, or with another reference.
RunResult run_result(const StoredStudy& study, const Objective& objective, std::size_t run);

/// The same of what is claimed of a run (Stage::kClaimed), as if it were the search: none of it was
/// simulated.
RunResult claimed_result(const StoredStudy& study, const Objective& objective, std::size_t run);

/// How good a search is after so many evaluations.
struct ConvergencePoint {
  std::int64_t evaluations = 0;
  double hypervolume = 0;
  bool simulated = false;  // false: of predicted figures
  /// What the hypervolume lacks of that of all searches together: 0 is as good as is known.
  double distance_percent = 100;
  /// Largest reward of an acceptable candidate, and by how much its costs exceed the targets of the
  /// reward (one number a target; below 0: less than the target). Empty if there is none.
  std::optional<double> best_reward;
  std::vector<double> over_target_percent;
};

/// About a hundred points of a search, the last of which is its end. `best_known` is the
/// hypervolume of all searches together.
std::vector<ConvergencePoint> convergence_of(const Objective& objective, const TrialList& searched,
                                             double best_known);

}  // namespace dovetail
