#include "models/accuracy/family/convex_hull.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dovetail {
namespace {

TEST(ConvexHull, HasTheCornersOfWhatItIsAround) {
  const std::vector<PlanePoint> points{{0, 0}, {2, 0}, {1, 1}, {2, 2}, {0, 2}, {1, 0}, {1, 1}};
  const std::vector<PlanePoint> hull = convex_hull(points);
  EXPECT_THAT(hull, testing::UnorderedElementsAre(PlanePoint(0, 0), PlanePoint(2, 0),
                                                  PlanePoint(2, 2), PlanePoint(0, 2)));
  for (const PlanePoint& point : points) EXPECT_TRUE(is_within(hull, point));
  EXPECT_TRUE(is_within(hull, {1.5, 0.1}));
  EXPECT_FALSE(is_within(hull, {2.001, 1}));
  EXPECT_FALSE(is_within(hull, {1, -0.001}));
}

TEST(ConvexHull, OfALineHasNothingWithin) {
  EXPECT_LT(convex_hull({{0, 0}, {1, 1}, {3, 3}}).size(), 3U);
  EXPECT_FALSE(is_within(convex_hull({{0, 0}, {1, 1}, {3, 3}}), {1, 1}));
  EXPECT_FALSE(is_within(convex_hull({{0, 0}}), {0, 0}));
}

}  // namespace
}  // namespace dovetail
