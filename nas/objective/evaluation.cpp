#include "nas/objective/evaluation.h"

#include <array>
#include <cmath>
#include <utility>

#include "base/text/names.h"

namespace dovetail {
namespace {

const std::array<std::pair<TrialStatus, std::string>, 5> kStatusNames{{
    {TrialStatus::kOk, "ok"},
    {TrialStatus::kInfeasible, "infeasible"},
    {TrialStatus::kFailed, "failed"},
    {TrialStatus::kRefused, "refused"},
    {TrialStatus::kSkipped, "skipped"},
}};

}  // namespace

std::string to_string(TrialStatus status) {
  return name_in(kStatusNames, status);
}

TrialStatus trial_status(const std::string& name) {
  return value_in(kStatusNames, name, "trial status");
}

TrialStatus trial_status(AccuracyStatus status) {
  switch (status) {
    case AccuracyStatus::kOk:
      return TrialStatus::kOk;
    case AccuracyStatus::kRefused:
      return TrialStatus::kRefused;
    case AccuracyStatus::kFailed:
      break;
  }
  return TrialStatus::kFailed;
}

bool Evaluation::has(const Figure& figure) const {
  const bool of_costs_alone = figure.get(costs, {1, false}) == figure.get(costs, {2, false});
  const bool known = ok() || (status == TrialStatus::kSkipped && of_costs_alone);
  return known && std::isfinite(value(figure));
}

Evaluation Evaluation::of_costs(const Costs& costs, bool simulated) {
  if (!costs.feasible()) {
    return without_figures(TrialStatus::kInfeasible, reason_sentence(costs), simulated);
  }
  Evaluation evaluation;
  evaluation.status = TrialStatus::kOk;
  evaluation.costs = costs;
  evaluation.simulated = simulated;
  return evaluation;
}

Evaluation Evaluation::without_figures(TrialStatus status, std::string reason, bool simulated) {
  Evaluation evaluation;
  evaluation.status = status;
  if (status == TrialStatus::kInfeasible) evaluation.costs = costs_of_reason(reason);
  evaluation.reason = std::move(reason);
  evaluation.simulated = simulated;
  return evaluation;
}

}  // namespace dovetail
