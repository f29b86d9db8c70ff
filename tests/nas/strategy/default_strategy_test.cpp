#include "nas/strategy/default_strategy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dovetail {
namespace {

TEST(DefaultStrategy, GoesByTheBudgetAndSaysWhy) {
  EXPECT_EQ(default_strategy(500, 400).info->name, "exhaustive");
  EXPECT_THAT(default_strategy(500, 400).why, testing::HasSubstr("400 points"));
  EXPECT_EQ(default_strategy(500, 1e19).info->name, "ehvi");
  EXPECT_EQ(default_strategy(kMostModelled, 1e19).info->name, "ehvi");
  EXPECT_EQ(default_strategy(kMostModelled + 1, 1e19).info->name, "nsga2");
  EXPECT_EQ(default_strategy(kMostModelled + 1, 1e19).parameters.at("population"), 50);
  EXPECT_EQ(default_strategy(1'000'000, 1e19).parameters.at("population"), 100);
}

TEST(DefaultStrategy, ParametersAreWithinWhatTheStrategyTakes) {
  for (const std::size_t evaluations : {1u, 10u, 2000u, 2001u, 20'000u, 5'000'000u}) {
    for (const double points : {1.0, 50'000.0, 3e6, 1e19}) {
      const DefaultStrategy chosen = default_strategy(evaluations, points);
      EXPECT_FALSE(chosen.why.empty());
      for (const StrategyParameter& parameter : chosen.info->parameters) {
        EXPECT_GE(chosen.parameters.at(parameter.name), parameter.min);
        EXPECT_LE(chosen.parameters.at(parameter.name), parameter.max);
      }
      if (chosen.info->name == "exhaustive") {
        EXPECT_GE(chosen.parameters.at("max_points"), points);
      }
    }
  }
}

}  // namespace
}  // namespace dovetail
