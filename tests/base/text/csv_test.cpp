#include "base/text/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "base/text/version.h"
#include "tests/base/files/test_files.h"
#include "tests/base/text/csv_rows.h"

namespace dovetail {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Cells = std::vector<std::string>;

/// Lines behind the schema and the build.
std::string behind_build(const CsvWriter& csv) {
  const std::string& text = csv.text();
  const std::string head = "# schema: dovetail.test/1\n# build: " + build_description() + "\n";
  EXPECT_TRUE(text.starts_with(head)) << text;
  return text.substr(head.size());
}

TEST(CsvTest, OpensWithSchemaBuildNotesAndUnits) {
  CsvWriter csv("dovetail.test/1");
  csv.note("study", "a\nb");
  csv.header({{"name"}, {"latency_ms", "ms"}, {"edp", "mJ ms"}});
  csv.row("x", 0.5, 3);
  EXPECT_EQ(behind_build(csv),
            "# study: a b\n# units: latency_ms=ms, edp=mJ ms\nname,latency_ms,edp\nx,0.5,3\n");
}

TEST(CsvTest, FiguresHaveAtMostSevenDigitsCountsAllOfThem) {
  CsvWriter csv("dovetail.test/1");
  csv.header({{"a"}, {"b"}, {"c"}, {"d"}, {"e"}, {"f"}, {"g"}});
  csv.row(1 / 3.0, 2.0 / 3e9, 123456789.0, 1.5e20, std::nan(""), std::optional<double>(), true);
  csv.row(std::int64_t{-9007199254740993}, std::uint64_t{18446744073709551615U}, 0.1, -12345678.9,
          0.0, std::optional(3), false);
  EXPECT_EQ(behind_build(csv),
            "a,b,c,d,e,f,g\n0.3333333,6.666667e-10,123456789,1.5e+20,,,1\n"
            "-9007199254740993,18446744073709551615,0.1,-1.234568e+07,0,3,0\n");
}

TEST(CsvTest, ANumberThatIsReadBackIsTheSame) {
  CsvWriter csv("dovetail.test/1");
  csv.header({{"a"}, {"b"}});
  csv.exact(1 / 3.0).exact(std::nan("")).end_row();
  const auto rows = csv_rows(csv.text());
  EXPECT_EQ(number_of_cell(rows[1][0]), 1 / 3.0);
  EXPECT_EQ(rows[1][1], "");
}

TEST(CsvTest, WhatIsWrittenIsReadBack) {
  const Cells names{"layer, first", "say \"a\"", "two\nlines", "# no comment", "half # way"};
  const Cells cells{"", "\"", "\n# neither\n", ",", "\r"};
  CsvWriter csv("dovetail.test/1");
  csv.header({{names[0], "a,b"}, {names[1]}, {names[2]}, {names[3]}, {names[4]}});
  csv.cells(cells).end_row();
  EXPECT_THAT(csv_rows(csv.text()), ElementsAre(names, cells));
}

TEST(CsvTest, ALongFileIsTakenInParts) {
  CsvWriter csv("dovetail.test/1");
  csv.header({{"a"}});
  EXPECT_THAT(csv.take(), testing::EndsWith("\na\n"));
  csv.row(1);
  EXPECT_EQ(csv.take(), "1\n");
  EXPECT_EQ(csv.take(), "");
}

TEST(CsvTest, ARowOfAnotherWidthIsAMistake) {
  CsvWriter csv("dovetail.test/1");
  csv.header({{"a"}, {"b"}});
  EXPECT_THROW(csv.row(1), std::logic_error);
}

TEST(CsvTest, ReadsWhatOthersWrite) {
  EXPECT_THAT(csv_rows("\n# a comment, \"half\n a , b\r\n\n\"1\",2\r\n#\n3,\"\"\r\n,"),
              ElementsAre(Cells{" a ", " b"}, Cells{"1", "2"}, Cells{"3", ""}, Cells{"", ""}));
  EXPECT_THAT(csv_rows(""), ElementsAre());
  EXPECT_THAT(csv_rows("# only a comment"), ElementsAre());
}

TEST(CsvTest, KnowsTheLineOfARow) {
  CsvReader reader("f.csv", "# c\na\n\"1\n2\"\n3\n");
  const int lines[] = {2, 3, 5};
  for (const int line : lines) {
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.where().line, line);
  }
  EXPECT_EQ(reader.where().str(), "f.csv:5");
  EXPECT_FALSE(reader.next());
}

TEST(CsvTest, AQuotationMarkWithoutItsFellowIsAnInputError) {
  const auto error = [](const std::string& text) {
    return message_of<InputError>([&] { csv_rows(text); });
  };
  EXPECT_THAT(error("a\n\"b\nc\n"), HasSubstr("text:2: found no end of a quoted cell"));
  EXPECT_THAT(error("a\n\"b\"c\n"), HasSubstr("text:2: found 'c' behind"));
}

TEST(CsvTest, NumbersAreWholeCells) {
  EXPECT_EQ(number_of_cell("-1.5e3"), -1500);
  for (const char* none : {"", "x", "1x", " 1", "1 "}) EXPECT_FALSE(number_of_cell(none)) << none;
}

}  // namespace
}  // namespace dovetail
