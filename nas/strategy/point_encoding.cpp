#include "nas/strategy/point_encoding.h"

#include <numbers>

namespace dovetail {

void Points::append(const Points& more) {
  width = more.width;
  numbers.insert(numbers.end(), more.numbers.begin(), more.numbers.end());
}

PointEncoding::PointEncoding(const SearchDomain& domain) : domain_(domain) {
  const DecisionSpace& space = domain.decisions();
  for (std::size_t d = 0; d < space.size(); ++d) {
    const std::size_t numbers = space[d].ordered() ? 1 : space[d].choices.size();
    decision_of_.insert(decision_of_.end(), numbers, d);
  }
}

Points PointEncoding::encode(std::span<const Choices> candidates) const {
  const DecisionSpace& space = domain_.decisions();
  Points points{decision_of_.size(), {}};
  points.numbers.reserve(candidates.size() * points.width);
  for (const Choices& candidate : candidates) {
    const Choices choices = domain_.canonical(candidate);
    for (std::size_t d = 0; d < space.size(); ++d) {
      const std::size_t count = space[d].choices.size();
      if (space[d].ordered()) {
        const double last = count > 1 ? static_cast<double>(count - 1) : 1;
        points.numbers.push_back(choices[d] / last);
        continue;
      }
      for (std::size_t c = 0; c < count; ++c) {
        points.numbers.push_back(c == choices[d] ? std::numbers::sqrt2 / 2 : 0);
      }
    }
  }
  return points;
}

}  // namespace dovetail
