#pragma once

#include <functional>
#include <optional>
#include <span>

#include "nas/analysis/stored_study.h"

namespace dovetail {

// What is made of some trials of a study, whoever asks: reports, queries, comparisons, overviews.

/// Those within the constraints that no other of them dominates, best first by the first objective;
/// of equal ones the first.
TrialList front_of(const Objective& objective, const TrialList& trials);

/// Volume that a front dominates, against the reference of the objective.
double hypervolume_of(const Objective& objective, const TrialList& front);

/// The one within the constraints with the largest `value`; of equal ones the first; null if there
/// is none.
const StoredTrial* best_of(const Objective& objective, const TrialList& trials,
                           const std::function<double(const StoredTrial&)>& value);

/// Those of a study whose costs are final.
TrialList final_of(const StoredStudy& study, const TrialList& trials);

/// Of how much more a second front is worth than a first in accuracy and one cost: over the points
/// of `fixed`, mean gain in accuracy at no more of the cost and mean cut of the cost at no less
/// accuracy.
struct FrontComparison {
  const Figure* cost = nullptr;
  std::size_t points = 0;                              // of `fixed`, the base of both means
  std::size_t matched_cost = 0, matched_accuracy = 0;  // points that `joint` can answer
  double top1_gain_points = 0;  // percentage points, over matched_cost points
  double cost_cut_percent = 0;  // over matched_accuracy points
};
FrontComparison compare_fronts(const TrialList& joint, const TrialList& fixed, const Figure& cost);

/// The best `metric` among designs of a front that are no worse than `level` in `at`.
std::optional<double> best_at(const TrialList& front, const Figure& metric, const Figure& at,
                              double level);

}  // namespace dovetail
