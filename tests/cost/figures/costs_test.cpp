#include "cost/figures/costs.h"

#include <gtest/gtest.h>

namespace dovetail {
namespace {

TEST(Costs, UnknownEqualsUnknown) {
  EXPECT_EQ(Costs{}, Costs{});
  Costs known;
  known.latency_ms = 1;
  EXPECT_NE(known, Costs{});
}

TEST(Costs, AReasonIsASentenceAndBack) {
  for (const InfeasibleReasonInfo& row : infeasible_reasons()) {
    for (const char* text : {"", "layer conv: 3 needed, 2 there: too few"}) {
      Costs costs;
      costs.reason = row.reason;
      if (!costs.feasible()) costs.reason_text = text;
      EXPECT_EQ(costs_of_reason(reason_sentence(costs)), costs) << row.name;
    }
  }
  EXPECT_EQ(reason_sentence({}), "");
}

TEST(Costs, ASentenceWithoutACodeGivesNoReason) {
  for (const char* sentence : {"", "drawn", "none", "weights_do_not_fit_at_all"}) {
    EXPECT_EQ(costs_of_reason(sentence), Costs{}) << sentence;
  }
}

}  // namespace
}  // namespace dovetail
