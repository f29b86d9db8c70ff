#pragma once

#include <memory>

#include "nas/objective/objective.h"
#include "nas/space/search_space.h"
#include "sim/simulator.h"

namespace dovetail {

/// A search space as the strategy of a study sees it: with what is known of a candidate before it
/// is evaluated. That is its area, which is closed-form.
class StudyDomain : public WrappedDomain {
 public:
  /// `space` must outlive it. `simulator` may be null: areas are not known beforehand then.
  StudyDomain(const SearchSpace& space, const Objective& objective,
              std::shared_ptr<const Simulator> simulator);

  std::optional<double> predicted_violation(const Choices& choices) const override;
  std::vector<double> reference() const override { return reference_; }

 private:
  const SearchSpace& space_;
  std::shared_ptr<const Simulator> simulator_;
  std::vector<double> reference_;
  std::vector<Constraint> area_limits_;
};

}  // namespace dovetail
