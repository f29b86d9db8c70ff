#include "nas/analysis/fronts.h"

#include <gtest/gtest.h>

#include <deque>

#include "tests/nas/objective/given_figures.h"

namespace dovetail {
namespace {

TEST(CompareFronts, MeansOverThePointsOfTheFixedHardwareFront) {
  std::deque<StoredTrial> trials;
  const auto point = [&](double top1, double latency) {
    give_figures(trials.emplace_back().record.evaluation, top1, latency, 50, 1, 2 * latency);
    return &trials.back();
  };
  const TrialList joint{point(73, 0.4), point(76, 0.8)};
  const TrialList fixed{point(72, 0.3), point(74, 1.0), point(77, 2.0)};
  const FrontComparison comparison = compare_fronts(joint, fixed, find_metric("latency_ms"));
  EXPECT_EQ(comparison.points, 3u);
  // Nothing joint is as fast as 0.3 ms; at 1.0 ms +2, at 2.0 ms -1.
  EXPECT_EQ(comparison.matched_cost, 2u);
  EXPECT_DOUBLE_EQ(comparison.top1_gain_points, 0.5);
  // 72 % takes 0.4 instead of 0.3 ms, 74 % takes 0.8 instead of 1.0 ms, 77 % is not reached.
  EXPECT_EQ(comparison.matched_accuracy, 2u);
  EXPECT_NEAR(comparison.cost_cut_percent, (-100.0 / 3 + 20) / 2, 1e-9);

  const FrontComparison energy = compare_fronts(joint, fixed, find_metric("energy_mj"));
  EXPECT_EQ(energy.matched_cost, 2u);
  EXPECT_NEAR(energy.cost_cut_percent, comparison.cost_cut_percent, 1e-9);
}

}  // namespace
}  // namespace dovetail
