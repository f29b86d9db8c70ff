#pragma once

#include <utility>
#include <vector>

namespace dovetail {

using PlanePoint = std::pair<double, double>;

/// The corners of the smallest convex polygon around the points, counter-clockwise; fewer than
/// three if they lie on a line (Andrew's monotone chain).
std::vector<PlanePoint> convex_hull(std::vector<PlanePoint> points);

/// Whether a point is within the polygon or on its edge, but for rounding.
bool is_within(const std::vector<PlanePoint>& hull, PlanePoint point);

}  // namespace dovetail
