#include "base/numbers/samples.h"

#include <gtest/gtest.h>

namespace dovetail {
namespace {

TEST(Samples, QuartilesLieBetweenTheValues) {
  const Quartiles q = Quartiles::of({4, 1, 3, 2});
  EXPECT_DOUBLE_EQ(q.first, 1.75);
  EXPECT_DOUBLE_EQ(q.median, 2.5);
  EXPECT_DOUBLE_EQ(q.third, 3.25);
  EXPECT_DOUBLE_EQ(Quartiles::of({7}).third, 7);
}

TEST(Samples, ComparisonsAreThoseOfMannAndWhitney) {
  EXPECT_DOUBLE_EQ(superiority({3, 4}, {1, 3}), 3.5 / 4);
  // Five above five: U = 25, expected 12.5, variance 25 * 11 / 12, z = 2.61.
  EXPECT_TRUE(significantly_larger({6, 7, 8, 9, 10}, {1, 2, 3, 4, 5}));
  EXPECT_FALSE(significantly_larger({1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}));
  // U = 18, z = 1.15.
  EXPECT_FALSE(significantly_larger({2, 5, 6, 8, 10}, {1, 3, 4, 7, 9}));
  EXPECT_FALSE(significantly_larger({1, 1, 1}, {1, 1, 1}));
}

TEST(Samples, SpreadIsTheMeanAndTheSampleDeviation) {
  EXPECT_DOUBLE_EQ(Spread::of({1, 2, 3}).mean, 2);
  EXPECT_DOUBLE_EQ(Spread::of({1, 2, 3}).deviation, 1);
  EXPECT_EQ(Spread::of({5}).deviation, 0);
}

}  // namespace
}  // namespace dovetail
