#include "nas/objective/reward.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "base/text/error.h"
#include "tests/nas/objective/given_figures.h"

namespace dovetail {
namespace {

Reward latency_and_area(const std::string& kind, double weight) {
  const RewardKind* of = &find_reward_kind(kind);
  return Reward{
      {{&find_metric("latency_ms"), 0.5, of, weight}, {&find_metric("area_mm2"), 80, of, weight}}};
}

Evaluation evaluated(double latency_ms, double area_mm2) {
  Evaluation evaluation;
  give_figures(evaluation, 76, latency_ms, area_mm2);
  return evaluation;
}

TEST(Reward, NahasHardIsAccuracyWhereTargetsAreMet) {
  const Reward reward = latency_and_area("nahas_hard", -1);
  EXPECT_DOUBLE_EQ(reward(evaluated(0.5, 80)), 0.76);
  EXPECT_DOUBLE_EQ(reward(evaluated(0.1, 20)), 0.76);
}

TEST(Reward, NahasHardDividesByTheExcessOfEachMissedTarget) {
  const Reward reward = latency_and_area("nahas_hard", -1);
  EXPECT_DOUBLE_EQ(reward(evaluated(1.0, 40)), 0.76 / 2);
  EXPECT_DOUBLE_EQ(reward(evaluated(1.0, 100)), 0.76 / 2 / 1.25);
}

TEST(Reward, NahasSoftRewardsBeingBelowTheTarget) {
  const Reward reward = latency_and_area("nahas_soft", -0.071);
  EXPECT_NEAR(reward(evaluated(1.0, 80)), 0.76 * std::exp2(-0.071), 1e-12);
  EXPECT_NEAR(reward(evaluated(0.25, 40)), 0.76 * std::exp2(2 * 0.071), 1e-12);
}

TEST(Reward, TunasAbsolutePunishesBothSides) {
  const Reward reward{
      {{&find_metric("latency_ms"), 0.5, &find_reward_kind("tunas_absolute"), -0.10}}};
  EXPECT_DOUBLE_EQ(reward(evaluated(0.5, 80)), 0.76);
  EXPECT_DOUBLE_EQ(reward(evaluated(0.75, 80)), 0.76 - 0.05);
  EXPECT_DOUBLE_EQ(reward(evaluated(0.25, 80)), 0.76 - 0.05);
}

TEST(Reward, OneSidedPunishesTheExcessOfEachCost) {
  const Reward reward = latency_and_area("one_sided", -0.10);
  EXPECT_DOUBLE_EQ(reward(evaluated(0.25, 40)), 0.76);
  EXPECT_DOUBLE_EQ(reward(evaluated(0.75, 40)), 0.76 - 0.05);
  EXPECT_DOUBLE_EQ(reward(evaluated(0.75, 120)), 0.76 - 0.05 - 0.05);
}

TEST(Reward, WeightedSumFallsByTheWeightForEachTargetSpent) {
  const Reward reward = latency_and_area("weighted_sum", -0.10);
  EXPECT_DOUBLE_EQ(reward(evaluated(0.5, 80)), 0.76 - 0.10 - 0.10);
  EXPECT_DOUBLE_EQ(reward(evaluated(0.25, 160)), 0.76 - 0.05 - 0.20);
}

TEST(Reward, TermsOfDifferentKindsMultiplyFirstAndAddThen) {
  const Reward reward{{{&find_metric("area_mm2"), 80, &find_reward_kind("one_sided"), -0.10},
                       {&find_metric("latency_ms"), 0.5, &find_reward_kind("nahas_hard"), -1}}};
  EXPECT_DOUBLE_EQ(reward(evaluated(1.0, 120)), 0.76 / 2 - 0.05);
  EXPECT_DOUBLE_EQ(reward(evaluated(0.5, 120)), 0.76 - 0.05);
  EXPECT_DOUBLE_EQ(reward(evaluated(1.0, 80)), 0.76 / 2);
}

TEST(Reward, WithoutTermsIsTheAccuracy) {
  EXPECT_DOUBLE_EQ(Reward{}(evaluated(5, 500)), 0.76);
}

/// What a reward says where all targets are met exactly, and how it goes on from there.
TEST(Reward, EveryKindFallsAsCostsRiseAboveTheTarget) {
  for (const RewardKind& kind : reward_kinds()) {
    const Reward reward = latency_and_area(kind.name, kind.default_weight);
    EXPECT_LT(kind.default_weight, 0) << kind.name;
    EXPECT_GT(reward(evaluated(0.5, 80)), reward(evaluated(0.6, 80))) << kind.name;
    EXPECT_GT(reward(evaluated(0.6, 80)), reward(evaluated(0.6, 90))) << kind.name;
  }
}

TEST(Reward, DefaultWeightsAreThoseOfThePapers) {
  EXPECT_EQ(find_reward_kind("nahas_hard").default_weight, -1);
  EXPECT_EQ(find_reward_kind("nahas_soft").default_weight, -0.071);
  EXPECT_EQ(find_reward_kind("tunas_absolute").default_weight, -0.10);
}

TEST(Reward, UnknownKindNamesTheNearest) {
  try {
    find_reward_kind("nahas_sofd");
    FAIL() << "accepted";
  } catch (const InputError& e) {
    EXPECT_NE(std::string(e.what()).find("'nahas_soft'"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace dovetail
