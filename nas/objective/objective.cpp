#include "nas/objective/objective.h"

#include <algorithm>
#include <cmath>

namespace dovetail {

std::vector<double> Objective::minimised(const std::vector<double>& natural) const {
  std::vector<double> values;
  for (std::size_t k = 0; k < pareto.size(); ++k) {
    values.push_back(pareto[k]->maximise ? -natural[k] : natural[k]);
  }
  return values;
}

Outcome Objective::outcome(const Evaluation& evaluation) const {
  Outcome outcome;
  const bool skipped = evaluation.status == TrialStatus::kSkipped;
  if (!evaluation.ok() && !skipped) return outcome;
  outcome.valid = !skipped;
  outcome.violation = 0;
  for (const Constraint& constraint : constraints) {
    if (skipped && !evaluation.has(*constraint.metric)) continue;
    const double value = evaluation.value(*constraint.metric);
    const bool maximise = constraint.metric->maximise;
    const double excess =
        (maximise ? constraint.limit - value : value - constraint.limit) / constraint.limit;
    outcome.violation += std::max(0.0, excess);
    outcome.excesses.push_back(maximise ? excess : std::log(value / constraint.limit));
  }
  if (skipped) {
    outcome.excesses.clear();
    return outcome;
  }
  std::vector<double> natural;
  for (const Figure* metric : pareto) natural.push_back(evaluation.value(*metric));
  outcome.objectives = minimised(natural);
  if (reward) outcome.reward = (*reward)(evaluation);
  return outcome;
}

}  // namespace dovetail
