#include "base/text/decimal.h"

#include <gtest/gtest.h>

namespace dovetail {
namespace {

TEST(Decimal, ANumberAsOneWritesIt) {
  EXPECT_EQ(decimal_number("0"), 0);
  EXPECT_EQ(decimal_number("0.5"), 0.5);
  EXPECT_EQ(decimal_number("-12e-3"), -0.012);
}

TEST(Decimal, NothingElse) {
  for (const char* text : {"", " 1", "1 ", "+1", "010", "-00.5", "0x10", "1,5", "nan", "inf",
                           "-infinity", "1e999", "1.5ms"}) {
    EXPECT_FALSE(decimal_number(text)) << text;
  }
}

}  // namespace
}  // namespace dovetail
