#include "nas/strategy/scalar_feedback.h"

#include <algorithm>
#include <cmath>

namespace dovetail {

void ScalarFeedback::observe(const Outcome& outcome) {
  if (!outcome.acceptable()) return;
  smallest_ = any_ ? std::min(smallest_, outcome.reward) : outcome.reward;
  largest_ = any_ ? std::max(largest_, outcome.reward) : outcome.reward;
  any_ = true;
}

double ScalarFeedback::score(const Outcome& outcome) const {
  if (outcome.acceptable()) return outcome.reward;
  if (!std::isfinite(outcome.violation)) return lowest();
  return smallest_ - spread() * outcome.violation / (1 + outcome.violation);
}

double ScalarFeedback::lowest() const {
  return smallest_ - spread();
}

}  // namespace dovetail
