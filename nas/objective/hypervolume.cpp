#include "nas/objective/hypervolume.h"

#include <algorithm>
#include <pagmo/utils/hypervolume.hpp>

namespace dovetail {

double hypervolume(const std::vector<std::vector<double>>& points,
                   const std::vector<double>& reference) {
  std::vector<std::vector<double>> inside;
  for (const std::vector<double>& point : points) {
    if (std::equal(point.begin(), point.end(), reference.begin(),
                   [](double value, double bound) { return value < bound; })) {
      inside.push_back(point);
    }
  }
  if (inside.empty()) return 0;
  if (reference.size() == 1)
    return reference[0] - (*std::min_element(inside.begin(), inside.end()))[0];
  return pagmo::hypervolume(inside, /*verify=*/false).compute(reference);
}

}  // namespace dovetail
