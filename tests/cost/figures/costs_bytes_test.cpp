#include "cost/figures/costs_bytes.h"

#include <gtest/gtest.h>

#include "base/text/error.h"

namespace dovetail {
namespace {

TEST(CostsBytes, GiveTheCostsBackOneAfterTheOther) {
  Costs feasible;
  feasible.latency_ms = 1.0 / 3;
  feasible.cycles = 123456789012;
  feasible.area_mm2 = 70;
  feasible.energy_mj = 2.0 / 7;
  feasible.peak_local_memory_kib = 411.5;
  Costs infeasible;
  infeasible.reason = InfeasibleReason::kRegisterFileTooSmall;
  infeasible.reason_text = "layer 'conv'\n\xc3\xa9";
  infeasible.area_mm2 = 7;
  std::string bytes;
  for (const Costs& costs : {infeasible, feasible, Costs{}}) append_costs(bytes, costs);
  std::string_view rest = bytes;
  EXPECT_EQ(take_costs(rest), infeasible);
  EXPECT_EQ(take_costs(rest), feasible);
  EXPECT_EQ(take_costs(rest), Costs{});
  EXPECT_TRUE(rest.empty());
}

TEST(CostsBytes, HalfAnAnswerIsAnError) {
  Costs costs;
  costs.reason = InfeasibleReason::kWeightsDoNotFit;
  costs.reason_text = "much";
  std::string bytes;
  append_costs(bytes, costs);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    std::string_view rest = std::string_view(bytes).substr(0, size);
    EXPECT_THROW(take_costs(rest), RunError) << size;
  }
}

}  // namespace
}  // namespace dovetail
