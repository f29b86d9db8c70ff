#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "nas/analysis/stored_study.h"
#include "nas/analysis/trial_table.h"

namespace dovetail {

/// "METRIC=NUMBER"; `option` ("--max") is named in the error.
std::pair<std::string, double> parse_assignment(const std::string& text, const std::string& option);

/// A limit that a user sets beside the constraints of the study.
struct Limit {
  const Figure* metric = nullptr;
  double value = 0;
  bool most = true;  // else: at least

  /// "METRIC=NUMBER"; `option` ("--max") is named in errors.
  static Limit parse(const std::string& text, bool most, const std::string& option);
  bool holds(const Evaluation& evaluation) const;  // false where the figure is not known
  std::string str() const;                         // "latency_ms <= 0.5"
};

/// Which trials are the best ones.
struct BestQuery {
  std::vector<Limit> limits;
  std::string by;          // "reward" or a metric: the best by it; empty: the Pareto front
  std::string run;         // of this label only; empty: of each
  bool predicted = false;  // also trials whose costs are only predicted
  bool claimed = false;    // only trials that a file claims, none of which was evaluated
};

/// Distinct candidates within the constraints of the study and the limits, over all seeds: the
/// Pareto front of each label after the other, its first objective best first; or all, best first
/// by one figure. Throws InputError for a label, metric or reward that the study does not have.
TrialList best_trials(const StoredStudy& study, const BestQuery& query);

/// For the terminal: what was asked, and a table of `count` of the trials (0: all): the first, or
/// of fronts an even spread with both ends.
std::string best_text(const StoredStudy& study, const BestQuery& query, const TrialList& trials,
                      std::size_t count);

}  // namespace dovetail
