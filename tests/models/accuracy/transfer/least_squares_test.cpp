#include "models/accuracy/transfer/least_squares.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dovetail {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(LeastSquares, FindsALineAndPredictsWhatIsLeftOut) {
  const std::vector<std::vector<double>> rows{{1, 0}, {1, 1}, {1, 2}, {1, 5}};
  const std::vector<double> values{3, 5, 7, 13};
  EXPECT_THAT(least_squares(rows, values), ElementsAre(DoubleNear(3, 1e-12), DoubleNear(2, 1e-12)));
  EXPECT_THAT(left_out_values(rows, values),
              ElementsAre(DoubleNear(3, 1e-12), DoubleNear(5, 1e-12), DoubleNear(7, 1e-12),
                          DoubleNear(13, 1e-12)));
}

// The mean of the others, by hand.
TEST(LeastSquares, LeavesOneOutOfAMean) {
  const std::vector<std::vector<double>> rows{{1}, {1}, {1}};
  EXPECT_THAT(left_out_values(rows, std::vector<double>{1, 2, 6}),
              ElementsAre(DoubleNear(4, 1e-12), DoubleNear(3.5, 1e-12), DoubleNear(1.5, 1e-12)));
}

TEST(LeastSquares, HasNoAnswerWhereColumnsAreNotToldApart) {
  const std::vector<std::vector<double>> same{{1, 2}, {2, 4}, {3, 6}};
  const std::vector<double> values{1, 2, 3};
  EXPECT_THAT(least_squares(same, values), IsEmpty());
  EXPECT_THAT(least_squares({}, {}), IsEmpty());
  // Of two points a line is known, but of one it is not.
  const std::vector<std::vector<double>> two{{1, 0}, {1, 1}};
  EXPECT_THAT(left_out_values(two, std::vector<double>{1, 2}), IsEmpty());
}

}  // namespace
}  // namespace dovetail
