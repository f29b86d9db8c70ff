#include "models/network/space/network_points.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/base/files/test_files.h"
#include "tests/models/network/space/kernels_and_depth.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class NetworkPointsTest : public testing::Test {
 protected:
  NetworkSpace space_ = kernels_and_depth();
};

TEST_F(NetworkPointsTest, TheNearestIsTheOneWithTheFewestStepsOfEqualsTheFirst) {
  const std::vector<Choices> some{{2, 1, 0, 1}, {0, 0, 2, 1}, {0, 1, 1, 1}, {2, 1, 0, 1}};
  const NetworkPoints points(space_, some, "some");
  ASSERT_EQ(points.size(), 3U);
  const auto steps = [](const Choices& a, const Choices& b) {
    return std::abs(a[0] - b[0]) + std::abs(a[1] - b[1]) + (a[2] == b[2] ? 0 : 1) +
           std::abs(a[3] - b[3]);
  };
  for (std::uint64_t i = 0; i < *space_.decisions().count(); ++i) {
    const Choices asked = space_.decisions().from_index(i);
    const auto nearer = [&](const Choices& a, const Choices& b) {
      return steps(asked, a) < steps(asked, b);
    };
    EXPECT_EQ(points.nearest(asked), *std::min_element(some.begin(), some.end(), nearer));
    EXPECT_EQ(points.contains(asked), std::ranges::find(some, asked) != some.end());
  }
  EXPECT_THROW(points.nearest({3, 0, 0, 0}), InputError);
}

TEST_F(NetworkPointsTest, OthersComeByTheirSteps) {
  const NetworkPoints points(space_, {{2, 1, 0, 1}, {0, 0, 2, 1}, {0, 0, 0, 1}, {1, 0, 0, 1}},
                             "some");
  EXPECT_THAT(points.nearest_others({0, 0, 0, 1}, 2),
              ElementsAre(Choices{0, 0, 2, 1}, Choices{1, 0, 0, 1}));
  EXPECT_EQ(points.nearest_others({0, 0, 0, 1}, 9).size(), 3U);
  EXPECT_EQ(points.nearest_others({0, 0, 0, 0}, 9).size(), 4U);
}

TEST_F(NetworkPointsTest, AFileHasEachNetworkOnce) {
  const TemporaryFolder folder;
  const auto file = folder.write("a.csv",
                                 "k0,k1,act,d,top1\n"
                                 "5,3,relu,2,70\n"
                                 "5,5,relu,1,70\n"
                                 "5,3,relu,1,70\n"  // at depth 1 the kernel has no effect
                                 "5,3,relu,2,71\n");
  const NetworkPoints points = NetworkPoints::load(file, space_);
  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(points[0], (Choices{1, 0, 0, 1}));
  EXPECT_EQ(points[1], (Choices{1, 0, 0, 0}));
  EXPECT_NO_THROW(points.require({1, 0, 0, 0}));
  EXPECT_THAT(message_of<InputError>([&] {
                points.require({0, 0, 0, 0});
              }),
              AllOf(HasSubstr("a.csv: has no network k0=3"), HasSubstr("network.points")));
  EXPECT_THROW(NetworkPoints(space_, {}, "none"), InputError);
}

}  // namespace
}  // namespace dovetail
