#include "base/text/digits.h"

#include <gtest/gtest.h>

#include <limits>

namespace dovetail {
namespace {

TEST(DigitsText, KeepsThreeSignificantDigits) {
  EXPECT_EQ(digits_text(1.23456, 4), "1.2346");
  EXPECT_EQ(digits_text(0.0044123, 4), "0.00441");
  EXPECT_EQ(digits_text(-0.0044123, 4), "-0.00441");
  EXPECT_EQ(digits_text(0.00001, 1), "0.0000100");
  EXPECT_EQ(digits_text(16.54, 1), "16.5");
  EXPECT_EQ(digits_text(1234.5, 0), "1234");  // half to even, as printf does
}

TEST(DigitsText, OfNothingAndOfWhatIsTooSmallThereAreNoMoreDigits) {
  EXPECT_EQ(digits_text(0, 2), "0.00");
  EXPECT_EQ(digits_text(1e-300, 2), "0.000000000000");
  EXPECT_EQ(digits_text(std::numeric_limits<double>::quiet_NaN(), 2), "-");
  EXPECT_EQ(digits_text(std::numeric_limits<double>::infinity(), 2), "-");
}

}  // namespace
}  // namespace dovetail
