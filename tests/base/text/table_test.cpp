#include "base/text/table.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace dovetail {
namespace {

TEST(TableTest, AlignsNumbersRightAndWordsLeft) {
  Table table({{"layer", Table::Align::kLeft}, {"cycles", Table::Align::kRight}});
  table.add_row({"conv1", "7"});
  table.add_row({"a longer name", "1234567"});
  EXPECT_EQ(table.str(),
            "layer           cycles\n"
            "-------------  -------\n"
            "conv1                7\n"
            "a longer name  1234567\n");
}

TEST(TableTest, RuleStandsBeforeTheTotals) {
  Table table({{"n", Table::Align::kRight}, {"what", Table::Align::kLeft}});
  table.add_row({"1", "part"});
  table.add_rule();
  table.add_row({"10", ""});
  EXPECT_EQ(table.str(),
            " n  what\n"
            "--  ----\n"
            " 1  part\n"
            "--  ----\n"
            "10\n");  // no spaces at the end of a line
}

TEST(TableTest, CountsCharactersNotBytes) {
  Table table({{"unit", Table::Align::kLeft}, {"x", Table::Align::kRight}});
  table.add_row({"µm²", "1"});
  EXPECT_EQ(table.str(),
            "unit  x\n"
            "----  -\n"
            "µm²   1\n");
}

TEST(TableTest, RefusesARowOfAnotherWidth) {
  Table table({{"a", Table::Align::kLeft}});
  EXPECT_THROW(table.add_row({"1", "2"}), std::logic_error);
}

}  // namespace
}  // namespace dovetail
