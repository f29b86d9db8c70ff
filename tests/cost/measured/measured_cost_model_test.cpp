#include "cost/measured/measured_cost_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cost/tiny_spaces.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class MeasuredCostModelTest : public testing::Test {
 protected:
  MeasuredCostModelTest() { write_tiny_spaces(folder_); }

  std::shared_ptr<const MeasuredCosts> costs(const std::string& rows,
                                             const std::vector<std::string>& targets) {
    networks_ = std::make_shared<NetworkSpace>(NetworkSpace::load(folder_.path() / "net.yaml"));
    return std::make_shared<MeasuredCosts>(folder_.write("m.csv", "k0,e0,k1,e1,d," + rows),
                                           *networks_, nullptr, targets);
  }

  TemporaryFolder folder_;
  std::shared_ptr<NetworkSpace> networks_;
};

TEST_F(MeasuredCostModelTest, WhatTheFileLacksIsRefusedWithItsReason) {
  MeasuredCostModel model(costs("latency_ms,energy_mj\n3,2,3,2,2,1,2\n5,2,3,2,2,1,\n", {""}), {},
                          {&find_metric("power_mw"), &find_metric("top1_percent")});
  const std::vector<Pair> pairs{
      {{0, 0, 0, 0, 1}, {}}, {{1, 0, 0, 0, 1}, {}}, {{2, 0, 0, 0, 1}, {}}};
  const std::vector<PairCosts> found = model.costs(pairs);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(find_metric("power_mw").of(found[0].checked()), 2000);
  EXPECT_TRUE(found[1].refused);
  EXPECT_THAT(found[1].failure->bytes, AllOf(StartsWith("not measured: "),
                                             HasSubstr("m.csv: has no power_mw of network k0=5")));
  EXPECT_TRUE(found[2].refused);
  EXPECT_THAT(found[2].failure->bytes, HasSubstr("m.csv: has no network k0=7"));
  EXPECT_FALSE(model.knows_all_figures());
  int asked = 0;
  EXPECT_EQ(model.costs(pairs, [&] { return ++asked < 3; }).size(), 2U);
}

TEST_F(MeasuredCostModelTest, FiguresWithoutAColumnAreAnError) {
  const auto some = costs("latency_ms\n3,2,3,2,2,1\n", {""});
  EXPECT_THAT(message_of<InputError>([&] {
                MeasuredCostModel(some, {}, {&find_metric("latency_ms"), &find_metric("power_mw")});
              }),
              HasSubstr("'power_mw'"));
}

TEST_F(MeasuredCostModelTest, OfSeveralTargetsItHasTheFiguresOfTheSet) {
  PairSet set;
  set.members = {{"a", 1, 2}, {"b", 3, 4}};
  for (const std::string key :
       {"latency_ms@a", "latency_ms@b", "latency_ratio_max", "latency_ms_mean"}) {
    set.figures.push_back(SetFigure::parse(key, set.members));
  }
  const auto some = costs("latency_ms@a,latency_ms@b\n3,2,3,2,2,3,5\n5,2,3,2,2,3,\n", {"a", "b"});
  MeasuredCostModel model(some, set, {&find_metric("latency_ratio_max")});
  const Costs found = model.costs_of({{0, 0, 0, 0, 1}, {}});
  EXPECT_EQ(found.latency_ms, 5);  // of the worst
  EXPECT_EQ(found.of_set.at("latency_ms@b"), 5);
  EXPECT_EQ(found.of_set.at("latency_ratio_max"), 1.5);
  EXPECT_EQ(found.of_set.at("latency_ms_mean"), (3 + 3 * 5) / 4.0);
  EXPECT_THAT(message_of<InputError>([&] {
                model.costs_of({{1, 0, 0, 0, 1}, {}});
              }),
              HasSubstr("has no latency_ratio_max of network k0=5"));
  // What is not needed may be missing.
  MeasuredCostModel one(some, set, {&find_metric("latency_ms@a")});
  EXPECT_NO_THROW(one.costs_of({{1, 0, 0, 0, 1}, {}}));
}

}  // namespace
}  // namespace dovetail
