#include "models/accuracy/family/convex_hull.h"

#include <algorithm>
#include <cstddef>

namespace dovetail {
namespace {

constexpr double kRounding = 1e-9;

/// Twice the area of the triangle, positive if it turns counter-clockwise.
double turn(const PlanePoint& a, const PlanePoint& b, const PlanePoint& c) {
  return (b.first - a.first) * (c.second - a.second) - (b.second - a.second) * (c.first - a.first);
}

}  // namespace

std::vector<PlanePoint> convex_hull(std::vector<PlanePoint> points) {
  std::ranges::sort(points);
  points.erase(std::unique(points.begin(), points.end()), points.end());
  std::vector<PlanePoint> hull;
  for (int side = 0; side < 2; ++side) {
    const std::size_t begin = hull.size();
    for (const PlanePoint& point : points) {
      while (hull.size() >= begin + 2 &&
             turn(hull[hull.size() - 2], hull.back(), point) <= kRounding) {
        hull.pop_back();
      }
      hull.push_back(point);
    }
    hull.pop_back();  // it is the first of the other side
    std::ranges::reverse(points);
  }
  return hull;
}

bool is_within(const std::vector<PlanePoint>& hull, PlanePoint point) {
  if (hull.size() < 3) return false;
  for (std::size_t i = 0; i < hull.size(); ++i) {
    if (turn(hull[i], hull[(i + 1) % hull.size()], point) < -kRounding) return false;
  }
  return true;
}

}  // namespace dovetail
