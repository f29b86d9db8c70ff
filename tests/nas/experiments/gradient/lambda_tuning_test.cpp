#include "nas/experiments/gradient/lambda_tuning.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/text/error.h"

namespace dovetail {
namespace {

/// A search whose answer is the slower and the better the smaller lambda is; short ones have not
/// come as far down in latency.
LambdaTrial made_up_search(double lambda, std::size_t steps) {
  const double latency = std::pow(lambda, -0.5) * (400 / static_cast<double>(steps));
  return {lambda, steps, 70 + 3 * std::log(latency), latency};
}

TEST(LambdaObjective, IsTheAccuracyWithinTheTargetAndLessBeyond) {
  EXPECT_EQ(lambda_objective({1, 400, 70, 0.9}, 1), 70);
  EXPECT_EQ(lambda_objective({1, 400, 70, 1}, 1), 70);
  EXPECT_DOUBLE_EQ(lambda_objective({1, 400, 70, 2}, 1), 35);
}

class EveryLambdaMethod : public testing::TestWithParam<LambdaMethod> {};

TEST_P(EveryLambdaMethod, ComesNearTheTargetWithinItsBudget) {
  LambdaTuning tuning;
  tuning.method = GetParam();
  tuning.target_latency_ms = 0.5;  // lambda = 4
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    tuning.seed = seed;
    const auto trials = tune_lambda(tuning, made_up_search);
    std::size_t steps = 0;
    for (const LambdaTrial& trial : trials) {
      steps += trial.steps;
      EXPECT_GE(trial.lambda, tuning.smallest);
      EXPECT_LE(trial.lambda, tuning.largest);
    }
    EXPECT_LE(steps, tuning.budget_steps);
    EXPECT_GT(steps, tuning.budget_steps - tuning.full_steps);
    const LambdaTrial& best = best_full_trial(trials, tuning.full_steps, 0.5);
    // A process is smooth and the objective has a step at the target, so it stops short of it.
    EXPECT_NEAR(best.latency_ms, 0.5, GetParam() == LambdaMethod::kBisection ? 0.01 : 0.2) << seed;
    const auto again = tune_lambda(tuning, made_up_search);
    ASSERT_EQ(again.size(), trials.size());
    EXPECT_EQ(again.back().lambda, trials.back().lambda);
    EXPECT_EQ(trials.back().steps, tuning.full_steps);
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryLambdaMethod, testing::ValuesIn(lambda_methods()),
                         [](const auto& relaxation) { return to_string(relaxation.param); });

TEST(LambdaTuning, SeveralFidelitiesAreUsedByTheMultiFidelityMethodAlone) {
  for (const LambdaMethod method : lambda_methods()) {
    LambdaTuning tuning;
    tuning.method = method;
    tuning.target_latency_ms = 0.5;
    std::size_t shorter = 0;
    for (const LambdaTrial& trial : tune_lambda(tuning, made_up_search)) {
      shorter += trial.steps < tuning.full_steps;
    }
    EXPECT_EQ(shorter > 0, method == LambdaMethod::kMultiFidelity) << to_string(method);
  }
}

TEST(LambdaTuning, LambdasOfAGridAreEvenByLogarithm) {
  EXPECT_DOUBLE_EQ(lambda_at(0.1, 10, 0, 3), 0.1);
  EXPECT_DOUBLE_EQ(lambda_at(0.1, 10, 1, 3), 1);
  EXPECT_DOUBLE_EQ(lambda_at(0.1, 10, 2, 3), 10);
}

}  // namespace
}  // namespace dovetail
