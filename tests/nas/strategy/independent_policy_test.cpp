#include "nas/strategy/independent_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/text/error.h"

namespace dovetail {
namespace {

DecisionSpace decisions(std::size_t count, std::size_t choices) {
  std::vector<Decision> all;
  for (std::size_t d = 0; d < count; ++d) {
    Decision decision;
    decision.name = "d" + std::to_string(d);
    for (std::size_t c = 0; c < choices; ++c) decision.choices.push_back(std::to_string(c));
    all.push_back(std::move(decision));
  }
  return DecisionSpace(std::move(all));
}

TEST(IndependentPolicy, BeginsUniformAndFavoursWhatItIsTold) {
  IndependentPolicy policy(decisions(3, 4), 0.1);
  EXPECT_NEAR(policy.entropy(), 3 * std::log(4), 1e-12);
  policy.favour({1, 2, 3});
  EXPECT_EQ(policy.most_likely(), (Choices{1, 2, 3}));
  EXPECT_NEAR(policy.probabilities(0)[1], 0.5, 1e-12);
}

TEST(IndependentPolicy, TheGradientIsThatOfTheExpectedReward) {
  // Adam's first step with beta1 0 goes by the sign of the gradient alone.
  IndependentPolicy policy(decisions(1, 3), 0.01);
  policy.learn(std::vector<PolicyDraw>{{{2}, {true}, 1.5}}, 0);
  const std::vector<double> p = policy.probabilities(0);
  EXPECT_GT(p[2], 1.0 / 3);
  EXPECT_NEAR(p[0], p[1], 1e-12);
  EXPECT_NEAR(std::log(p[2] / p[0]), 0.02, 1e-6);
  IndependentPolicy unmoved(decisions(1, 3), 0.01);
  unmoved.learn(std::vector<PolicyDraw>{{{2}, {false}, 1.5}}, 0);
  EXPECT_NEAR(unmoved.entropy(), std::log(3), 1e-12);
}

TEST(IndependentPolicy, AStateGoesOnAlike) {
  Rng rng(1);
  IndependentPolicy whole(decisions(5, 3), 0.05), resumed(decisions(5, 3), 0.05);
  const auto step = [](IndependentPolicy& policy, Rng& random) {
    const Choices choices = policy.draw(random);
    policy.learn(std::vector<PolicyDraw>{{choices, std::vector<bool>(5, true), choices[0] - 1.0}},
                 0);
  };
  for (int i = 0; i < 20; ++i) step(whole, rng);
  resumed.restore(whole.state());
  Rng same = rng;
  for (int i = 0; i < 20; ++i) step(whole, rng);
  for (int i = 0; i < 20; ++i) step(resumed, same);
  EXPECT_EQ(whole.state(), resumed.state());
  EXPECT_THROW(IndependentPolicy(decisions(5, 4), 0.05).restore(whole.state()), InputError);
}

/// A space of 400 decisions of 5 choices has 10^279.6 points (the size that H2O-NAS names); a
/// reward that is a sum over the decisions, and over pairs of neighbours to a smaller part.
TEST(IndependentPolicy, TenToThe280PointsAreNoObstacle) {
  constexpr std::size_t kDecisions = 400, kChoices = 5;
  constexpr int kSteps = 4000, kShards = 8;
  Rng values(11);
  std::vector<std::vector<double>> alone(kDecisions, std::vector<double>(kChoices));
  double most = 0, mean = 0;
  for (auto& of_decision : alone) {
    for (double& value : of_decision) value = values.uniform();
    most += *std::ranges::max_element(of_decision);
    for (const double value : of_decision) mean += value / kChoices;
  }
  IndependentPolicy policy(decisions(kDecisions, kChoices), 0.05);
  Rng rng(2);
  const std::vector<bool> active(kDecisions, true);
  double baseline = mean;
  for (int step = 0; step < kSteps; ++step) {
    std::vector<PolicyDraw> draws;
    double sum = 0;
    for (int shard = 0; shard < kShards; ++shard) {
      draws.push_back({policy.draw(rng), active, 0});
      for (std::size_t d = 0; d < kDecisions; ++d) {
        draws.back().advantage += alone[d][draws.back().choices[d]];
      }
      sum += draws.back().advantage / kShards;
    }
    for (PolicyDraw& draw : draws) draw.advantage -= baseline;
    baseline = 0.95 * baseline + 0.05 * sum;
    policy.learn(draws, 0);
  }
  double reached = 0;
  const Choices answer = policy.most_likely();
  for (std::size_t d = 0; d < kDecisions; ++d) reached += alone[d][answer[d]];
  EXPECT_GT(reached / most, 0.99) << "uniform: " << mean / most;
}

}  // namespace
}  // namespace dovetail
