#include "base/text/text.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/numbers/random.h"

namespace dovetail {
namespace {

const std::vector<std::string> kKnown = {"simd_units", "simd_width", "compute_lanes", "pes_x"};

TEST(NearestTest, FindsSlipsOfTheKeyboard) {
  EXPECT_EQ(nearest("simd_unit", kKnown), "simd_units");         // left out
  EXPECT_EQ(nearest("simdd_units", kKnown), "simd_units");       // doubled
  EXPECT_EQ(nearest("comptue_lanes", kKnown), "compute_lanes");  // swapped
  EXPECT_EQ(nearest("SIMD_WIDTH", kKnown), "simd_width");        // shouted
  EXPECT_EQ(nearest("pes-x", kKnown), "pes_x");
}

TEST(NearestTest, FindsNothingFarAway) {
  EXPECT_EQ(nearest("throughput", kKnown), "");
  EXPECT_EQ(nearest("throughput", {}), "");
  // exactly 1 + a third of the length away is still near, one more is not
  EXPECT_EQ(nearest("abcxyz", std::vector<std::string>{"abcdef"}), "abcdef");
  EXPECT_EQ(nearest("abwxyz", std::vector<std::string>{"abcdef"}), "");
}

TEST(NearestTest, ASwapCountsOnce) {
  const std::vector<std::string> two = {"abdd", "acbd"};
  EXPECT_EQ(nearest("abcd", two), "abdd");  // both one slip away: the first
  EXPECT_EQ(nearest("ba", std::vector<std::string>{"ab"}), "ab");
}

TEST(UnknownNameTest, NamesNearestAndAll) {
  EXPECT_EQ(unknown_name("key", "pes_z", kKnown),
            "unknown key 'pes_z'; did you mean 'pes_x'? "
            "Known: simd_units, simd_width, compute_lanes, pes_x");
  EXPECT_EQ(unknown_name("key", "q", std::vector<std::string>{"clock_ghz"}),
            "unknown key 'q'. Known: clock_ghz");
  EXPECT_EQ(unknown_name("key", "q", {}), "unknown key 'q'; none is known");
}

TEST(SplitTest, KeepsEmptyParts) {
  EXPECT_EQ(split("a,b,,c,", ','), (std::vector<std::string>{"a", "b", "", "c", ""}));
  EXPECT_EQ(split("", ','), (std::vector<std::string>{""}));
}

TEST(JoinTest, UndoesSplit) {
  EXPECT_EQ(join(split("a,b,,c,", ','), ","), "a,b,,c,");
  EXPECT_EQ(join({}), "");
}

TEST(TrimTest, TakesSpaceFromBothEnds) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n "), "");
  EXPECT_EQ(trim(""), "");
}

TEST(CsvCellTest, IsQuotedOnlyIfItMustBe) {
  EXPECT_EQ(csv_cell("plain text; it's"), "plain text; it's");
  EXPECT_EQ(csv_cell("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_cell("#1"), "\"#1\"") << "not a comment";
  EXPECT_EQ(csv_cell("say \"a\"\n"), "\"say \"\"a\"\"\n\"");
  EXPECT_EQ(csv_cell(""), "");
}

TEST(FormatNumberTest, IsShort) {
  EXPECT_EQ(format_number(4), "4");
  EXPECT_EQ(format_number(-100000), "-100000");
  EXPECT_EQ(format_number(0.1), "0.1");
  EXPECT_EQ(format_number(42.7), "42.7");
  EXPECT_EQ(format_number(0), "0");
}

TEST(FormatNumberTest, ReadsBackAsTheSameDouble) {
  Rng rng(1);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t bits = rng.bits();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    const std::string text = format_number(value);
    double back = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), back);
    ASSERT_EQ(error, std::errc()) << text;
    ASSERT_EQ(end, text.data() + text.size()) << text;
    ASSERT_EQ(std::memcmp(&back, &value, sizeof value), 0) << text;
  }
}

}  // namespace
}  // namespace dovetail
