#pragma once

#include <vector>

namespace dovetail {

/// Volume that `points` (to be minimised) dominate, bounded by `reference`; points that are not
/// better than the reference everywhere add nothing. Exact; computed by pagmo.
double hypervolume(const std::vector<std::vector<double>>& points,
                   const std::vector<double>& reference);

}  // namespace dovetail
