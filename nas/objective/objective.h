#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "nas/objective/evaluation.h"
#include "nas/objective/reward.h"

namespace dovetail {

/// What a strategy learns about a candidate.
struct Outcome {
  bool valid = false;  // false: infeasible, failed, refused or skipped; there is no accuracy
  /// Sum over the constraints of the excess relative to the limit; 0 if all hold. Of what was
  /// skipped the sum over those on costs, else infinite if not valid.
  double violation = std::numeric_limits<double>::infinity();
  /// Of each constraint by how much it is exceeded, below 0 while it holds: ln(value / limit) of a
  /// cost, (limit - value) / limit of a metric to be maximised. Empty if not valid.
  std::vector<double> excesses;
  std::vector<double> objectives;  // to be minimised; empty if not valid
  double reward = 0;               // to be maximised; 0 if there is no reward or it is not valid

  /// Valid and within all constraints.
  bool acceptable() const { return valid && violation == 0; }
};

/// A bound on a metric: an upper one for costs, a lower one for metrics to be maximised.
struct Constraint {
  const Figure* metric = nullptr;
  double limit = 0;  // > 0
};

/// What a study is after.
struct Objective {
  std::vector<const Figure*> pareto;  // metrics of the Pareto front, at least one
  std::vector<double> reference;      // hypervolume reference, one a metric, in its unit
  std::vector<Constraint> constraints;
  std::optional<Reward> reward;  // for strategies that maximise one number

  Outcome outcome(const Evaluation& evaluation) const;
  /// The metrics' values in the sense of Outcome::objectives: those to be maximised are negated.
  std::vector<double> minimised(const std::vector<double>& natural) const;
};

}  // namespace dovetail
