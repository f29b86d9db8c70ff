#include "nas/study/study_domain.h"

#include <algorithm>
#include <utility>

namespace dovetail {

StudyDomain::StudyDomain(const SearchSpace& space, const Objective& objective,
                         std::shared_ptr<const Simulator> simulator)
    : WrappedDomain(space),
      space_(space),
      simulator_(std::move(simulator)),
      reference_(objective.minimised(objective.reference)) {
  for (const Constraint& constraint : objective.constraints) {
    if (constraint.metric->key == "area_mm2") area_limits_.push_back(constraint);
  }
}

std::optional<double> StudyDomain::predicted_violation(const Choices& choices) const {
  if (area_limits_.empty() || !simulator_) return std::nullopt;
  const double area_mm2 = simulator_->area_mm2(space_.decode(choices).accelerator);
  double violation = 0;
  for (const Constraint& limit : area_limits_) {
    violation += std::max(0.0, (area_mm2 - limit.limit) / limit.limit);
  }
  return violation;
}

}  // namespace dovetail
