#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nas/analysis/stored_study.h"
#include "nas/analysis/training_totals.h"

namespace dovetail {

/// How far one search of a study is, in one step (phase, round) and stage.
struct SearchProgress {
  StudyRun run;
  std::int64_t step = 0;
  std::string stage;
  std::int64_t trials = 0;
  std::optional<std::int64_t> planned;  // unknown for some stages
  std::map<TrialStatus, std::int64_t> by_status;
  std::int64_t over_limits = 0;  // with figures, but a constraint is broken
  std::size_t front = 0;         // of the acceptable ones
  double hypervolume = 0;        // of that front
  std::string figures;           // where they come from: "simulated", "predicted", ...
};

/// How many trials did not count, and why.
struct TrialReason {
  std::string status;  // of the trial; "ok" where a constraint is broken
  std::string reason;  // up to its first colon, or the constraint
  std::int64_t trials = 0;
};

/// The best trial of a label by one figure, of those whose costs are final.
struct BestTrial {
  std::string by;  // key of a metric of the Pareto front, or "reward"
  const StoredTrial* trial = nullptr;
};

struct TimeSummary {
  std::size_t trials = 0;   // with a time
  std::string first, last;  // moments of storing
  double evaluation_ms = 0, longest_ms = 0;
  std::size_t known_before = 0;  // trials that took no evaluation
};

/// What a study is, how far it is, and the best so far.
struct StudyOverview {
  std::vector<std::pair<std::string, std::string>> about;
  std::vector<SearchProgress> searches;
  std::vector<TrialReason> reasons;  // most frequent first
  std::vector<BestTrial> best;
  TimeSummary times;
  std::optional<TrainingTotals> trainings;  // of a study that trains its networks
};

/// The overview points into `study`.
StudyOverview study_overview(const StoredStudy& study);

}  // namespace dovetail
