#include "nas/objective/objective.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/text/error.h"
#include "tests/nas/objective/given_figures.h"

namespace dovetail {
namespace {

Evaluation evaluated(double top1_percent, double latency_ms, double area_mm2) {
  Evaluation evaluation;
  give_figures(evaluation, top1_percent, latency_ms, area_mm2);
  return evaluation;
}

Objective objective() {
  Objective objective;
  objective.pareto = {&find_metric("top1_percent"), &find_metric("latency_ms")};
  objective.reference = {70, 1};
  objective.constraints = {{&find_metric("area_mm2"), 80}, {&find_metric("top1_percent"), 72}};
  return objective;
}

TEST(Objective, MaximisedMetricsAreNegated) {
  const Outcome outcome = objective().outcome(evaluated(76, 0.5, 60));
  EXPECT_EQ(outcome.objectives, (std::vector<double>{-76, 0.5}));
  EXPECT_EQ(objective().minimised({70, 1}), (std::vector<double>{-70, 1}));
  EXPECT_TRUE(outcome.acceptable());
}

TEST(Objective, ViolationAddsTheRelativeExcessOfEachConstraint) {
  EXPECT_DOUBLE_EQ(objective().outcome(evaluated(76, 0.5, 80)).violation, 0);
  EXPECT_DOUBLE_EQ(objective().outcome(evaluated(76, 0.5, 100)).violation, 0.25);
  // Accuracy is to be maximised, so its limit is a lower one.
  EXPECT_DOUBLE_EQ(objective().outcome(evaluated(54, 0.5, 60)).violation, 0.25);
  EXPECT_DOUBLE_EQ(objective().outcome(evaluated(54, 0.5, 100)).violation, 0.5);
  EXPECT_FALSE(objective().outcome(evaluated(54, 0.5, 100)).acceptable());
}

TEST(Objective, WhatHasNoFiguresNeverEntersAsANumber) {
  for (const TrialStatus status :
       {TrialStatus::kInfeasible, TrialStatus::kFailed, TrialStatus::kRefused}) {
    const Outcome outcome = objective().outcome(Evaluation::without_figures(status, "why", true));
    EXPECT_FALSE(outcome.valid);
    EXPECT_TRUE(outcome.objectives.empty());
    EXPECT_TRUE(std::isinf(outcome.violation));
  }
}

TEST(Metrics, PowerAndEnergyDelayProductFollowFromEnergyAndLatency) {
  Costs costs;
  costs.latency_ms = 0.5;
  costs.energy_mj = 0.8;
  EXPECT_DOUBLE_EQ(find_metric("power_mw").of(costs), 1600);
  EXPECT_DOUBLE_EQ(find_metric("edp_mj_ms").of(costs), 0.4);
  EXPECT_FALSE(find_metric("power_mw").maximise);
}

TEST(Metrics, AnEnergyLimitCountsAsAnyOther) {
  Objective objective;
  objective.pareto = {&find_metric("top1_percent"), &find_metric("energy_mj")};
  objective.constraints = {{&find_metric("energy_mj"), 0.5}, {&find_metric("power_mw"), 1000}};
  Evaluation evaluation = evaluated(76, 0.5, 60);
  evaluation.costs.energy_mj = 0.75;  // half too much, and 1500 mW
  EXPECT_EQ(objective.outcome(evaluation).objectives, (std::vector<double>{-76, 0.75}));
  EXPECT_DOUBLE_EQ(objective.outcome(evaluation).violation, 1.0);
}

TEST(Metrics, StatusNamesReadBack) {
  for (const TrialStatus status :
       {TrialStatus::kOk, TrialStatus::kInfeasible, TrialStatus::kFailed, TrialStatus::kRefused}) {
    EXPECT_EQ(trial_status(to_string(status)), status);
  }
  EXPECT_THROW(trial_status("okay"), InputError);
  EXPECT_THROW(find_metric("latency_m"), InputError);
}

}  // namespace
}  // namespace dovetail
