#include "cost/figures/set_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/text/error.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

Costs costs(double latency_ms, double energy_mj, double area_mm2) {
  Costs one;
  one.latency_ms = latency_ms;
  one.energy_mj = energy_mj;
  one.area_mm2 = area_mm2;
  return one;
}

const std::vector<SetMember> kMembers{{"a", 3, 1.0}, {"b@512px", 1, 8.0}};
const Costs kA = costs(2, 4, 10), kB = costs(4, 2, 10);
const std::vector<const Costs*> kBoth{&kA, &kB};

double value(const std::string& key) {
  return SetFigure::parse(key, kMembers).of(kBoth);
}

TEST(SetFigures, AreMadeOfThoseOfTheirPairs) {
  EXPECT_EQ(value("latency_ms@a"), 2);
  EXPECT_EQ(value("latency_ms@b@512px"), 4);
  EXPECT_EQ(value("latency_ms"), 4);  // of the worst
  EXPECT_EQ(value("energy_mj"), 4);
  EXPECT_EQ(value("power_mw@a"), 2000);
  EXPECT_EQ(value("power_mw"), 2000);  // and not 4 mJ in 4 ms
  EXPECT_EQ(value("power_mw_max"), 2000);
  EXPECT_EQ(value("area_mm2"), 10);
  EXPECT_EQ(value("latency_ms_sum"), 3 * 2 + 4);
  EXPECT_EQ(value("latency_ms_mean"), (3 * 2 + 4) / 4.0);
  EXPECT_EQ(value("latency_ratio_max"), 2);
  EXPECT_EQ(value("latency_ratio_mean"), (3 * 2 + 0.5) / 4);
  for (const std::string& key : SetFigure::keys_of(kMembers)) {
    EXPECT_FALSE(std::isnan(value(key))) << key;
  }
}

TEST(SetFigures, WhatIsUnknownOfOneIsUnknownOfAll) {
  Costs unknown = kB;
  unknown.energy_mj = Costs::kUnknown;
  const std::vector<const Costs*> both{&kA, &unknown};
  EXPECT_TRUE(std::isnan(SetFigure::parse("energy_mj_sum", kMembers).of(both)));
  EXPECT_EQ(SetFigure::parse("energy_mj@a", kMembers).of(both), 4);
}

TEST(SetFigures, WhatIsNoneIsAnError) {
  const auto error = [](const std::string& key, const std::vector<SetMember>& members = kMembers) {
    return message_of<InputError>([&] { SetFigure::parse(key, members); });
  };
  EXPECT_THAT(error("latency_ms@c"), HasSubstr("unknown name 'c'"));
  EXPECT_THAT(error("latency@a"), HasSubstr("unknown figure"));
  EXPECT_THAT(error("latency_ms_men"), HasSubstr("did you mean 'latency_ms_mean'?"));
  EXPECT_THAT(error("top1_percent"), HasSubstr("unknown figure"));
  EXPECT_THAT(error("latency_ratio_sum"), HasSubstr("unknown figure"));
  const std::vector<SetMember> alone{{"a"}};
  EXPECT_THAT(error("latency_ratio_max", alone), HasSubstr("needs a limit"));
  EXPECT_THAT(SetFigure::keys_of(alone), Not(Contains("latency_ratio_max")));
}

TEST(SetFigures, ASetHasTheWorstOfEachFigureAndItsOwn) {
  const std::vector<SetFigure> figures{SetFigure::parse("latency_ms@a", kMembers),
                                       SetFigure::parse("power_mw_max", kMembers)};
  const Costs set = costs_of_set(kMembers, figures, kBoth);
  EXPECT_EQ(find_metric("latency_ms").of(set), 4);
  EXPECT_EQ(find_metric("energy_mj").of(set), 4);
  EXPECT_EQ(find_metric("latency_ms@a").of(set), 2);
  EXPECT_EQ(find_metric("power_mw").of(set), 2000);                    // of the worst pair
  EXPECT_TRUE(std::isnan(find_metric("latency_ms@b@512px").of(set)));  // was not asked for
  EXPECT_EQ(&find_metric("latency_ms@a"), &set_metric("latency_ms@a"));
  EXPECT_FALSE(is_set_key("latency_ms"));
  EXPECT_THROW(find_metric("latenzy_ms@a"), InputError);

  Costs infeasible;
  infeasible.reason = InfeasibleReason::kLocalMemoryTooSmall;
  infeasible.reason_text = "too much";
  const std::vector<const Costs*> one_fails{&kA, &infeasible};
  const Costs fails = costs_of_set(kMembers, figures, one_fails);
  EXPECT_FALSE(fails.feasible());
  EXPECT_EQ(fails.reason_text, "b@512px: too much");
}

}  // namespace
}  // namespace dovetail
