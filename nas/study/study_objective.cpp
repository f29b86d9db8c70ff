#include "nas/study/study_objective.h"

namespace dovetail {

Objective study_objective(const StudyConfig& config, double baseline_area_mm2) {
  const auto resolve = [&](const MetricValue& value) {
    return value.value.value_or(baseline_area_mm2);
  };
  Objective objective;
  objective.pareto = config.pareto;
  objective.reference = config.reference;
  for (const MetricValue& constraint : config.constraints) {
    objective.constraints.push_back({constraint.metric, resolve(constraint)});
  }
  const std::vector<SetMember> members = members_of(config.set);
  for (std::size_t m = 0; m < members.size(); ++m) {
    const std::optional<double> limit = config.set.limit_of(m);
    if (limit)
      objective.constraints.push_back({&set_metric("latency_ms@" + members[m].name), *limit});
  }
  if (!config.reward) return objective;
  objective.reward.emplace();
  for (const RewardTermSettings& term : config.reward->terms) {
    objective.reward->terms.push_back(
        {term.target.metric, resolve(term.target), term.kind, term.weight});
  }
  return objective;
}

}  // namespace dovetail
