#include "nas/evaluation/linear_cost.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cost/figures/figures.h"
#include "tests/nas/strategy/toy_problem.h"

namespace dovetail {
namespace {

/// A cost that is a sum over decisions, as a latency on one platform is over layers.
double additive(const Choices& choices) {
  double sum = 5;
  for (std::size_t i = 0; i + 1 < choices.size(); ++i) {
    sum += 0.1 * static_cast<double>(i + 1) * std::abs(choices[i] - 3.0);
  }
  return sum;
}

std::vector<Choices> draws(const ToyDomain& domain, std::size_t count) {
  Rng rng(1);
  std::vector<Choices> draws;
  for (std::size_t i = 0; i < count; ++i) draws.push_back(domain.decisions().sample(rng));
  return draws;
}

TEST(LinearCost, IsExactForASumOverDecisionsWhateverTheirOrder) {
  const ToyDomain domain(5);
  const std::vector<Choices> seen = draws(domain, 400);
  std::vector<double> costs;
  for (const Choices& choices : seen) costs.push_back(additive(choices));
  const LinearCost model(domain, seen, costs);
  EXPECT_LT(model.rmspe_percent(), 0.1);
  for (const Choices& choices : draws(domain, 500)) {
    EXPECT_NEAR(model(choices), additive(choices), 0.01);
  }
}

TEST(LinearCost, ErrorIsThatOfWhatItHasNotSeen) {
  const ToyDomain domain(5);
  const std::vector<Choices> seen = draws(domain, 60);  // fewer than choices
  Rng rng(2);
  std::vector<double> noise;
  for (std::size_t i = 0; i < seen.size(); ++i) noise.push_back(10 + rng.normal());
  // A fit to noise is no better than its mean, although it goes through what it has seen.
  EXPECT_GT(LinearCost(domain, seen, noise).rmspe_percent(), 9);
}

TEST(PredictedDomain, KnowsTheLimitsOfCostsAndLeavesAreaToTheDomain) {
  class WithArea : public ToyDomain {
   public:
    WithArea() : ToyDomain(5) {}
    std::optional<double> predicted_violation(const Choices& choices) const override {
      return choices[0] > 20 ? 0.5 : 0;
    }
  } domain;
  const std::vector<Constraint> limits{{&find_metric("area_mm2"), 1},
                                       {&find_metric("latency_ms"), 8},
                                       {&find_metric("top1_percent"), 70}};
  const auto costs_of = [](const Choices& choices) {
    Costs costs;
    costs.latency_ms = additive(choices);
    return costs;
  };
  const PredictedDomain predicted(domain, limits, costs_of, 400, 1);
  ASSERT_EQ(predicted.limits().size(), 1U);  // of the latency
  int violating = 0;
  for (const Choices& choices : draws(domain, 300)) {
    const double known = *domain.predicted_violation(choices);
    const double truth = known + std::max(0.0, additive(choices) / 8 - 1);
    EXPECT_NEAR(*predicted.predicted_violation(choices), truth, 0.01);
    violating += truth > 0;
  }
  EXPECT_GT(violating, 50);
  EXPECT_LT(violating, 300);
}

TEST(PredictedDomain, WithoutAnyFigureNothingIsPredicted) {
  const ToyDomain domain(5);
  const std::vector<Constraint> limits{{&find_metric("latency_ms"), 8}};
  const PredictedDomain predicted(
      domain, limits,
      [](const Choices&) {
        Costs costs;
        costs.reason = InfeasibleReason::kTabled;
        return costs;
      },
      50, 1);
  EXPECT_TRUE(predicted.limits().empty());
  EXPECT_EQ(*predicted.predicted_violation(Choices(6, 0)), 0);
}

}  // namespace
}  // namespace dovetail
