#include "base/process/fields.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

enum class Colour { kRed, kGreen };

TEST(FieldsTest, ReadBackWhatWasWrittenBitForBit) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<float> floats{1.5F, -0.0F};
  const std::string bytes = write_fields(std::size_t{7}, nan, Colour::kGreen, std::span(floats));
  EXPECT_EQ(bytes.size(), 8U + 8U + sizeof(Colour) + 8U);
  std::size_t count = 0;
  double value = 0;
  Colour colour = Colour::kRed;
  std::vector<float> again(2);
  read_fields(bytes, count, value, colour, std::span(again));
  EXPECT_EQ(count, 7U);
  EXPECT_TRUE(std::isnan(value));
  EXPECT_EQ(colour, Colour::kGreen);
  EXPECT_EQ(again, floats);
  EXPECT_TRUE(std::signbit(again[1]));
}

TEST(FieldsTest, AnotherLengthIsHalfAnAnswer) {
  double a = 0, b = 0;
  EXPECT_EQ(message_of<RunError>([&] { read_fields(write_fields(1.0), a, b); }),
            "a worker sent half an answer");
  EXPECT_THROW(read_fields(write_fields(1.0, 2.0), a), RunError);
  EXPECT_NO_THROW(read_fields("", std::span<double>()));
}

}  // namespace
}  // namespace dovetail
