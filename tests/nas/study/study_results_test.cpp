// What is made of the trials of a study.
#include "nas/study/study_results.h"

#include <gtest/gtest.h>

#include <set>

#include "nas/study/search_runner.h"
#include "tests/nas/objective/given_figures.h"

namespace dovetail {
namespace {

TEST(CompareFronts, MeansOverThePointsOfTheFixedHardwareFront) {
  const auto point = [](double top1, double latency) {
    FrontMember member;
    give_figures(member.trial.evaluation, top1, latency, 50, 1, 2 * latency);
    return member;
  };
  const std::vector<FrontMember> joint{point(73, 0.4), point(76, 0.8)};
  const std::vector<FrontMember> fixed{point(72, 0.3), point(74, 1.0), point(77, 2.0)};
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

TEST(ProposedCandidates, AreDistinctAndTakenRankByRank) {
  Objective objective;
  objective.pareto = {&find_metric("top1_percent"), &find_metric("latency_ms")};
  objective.reference = {60, 5};
  std::vector<TrialRecord> trials;
  const auto add = [&](std::uint16_t choice, double top1, double latency) {
    TrialRecord trial;
    trial.choices = {choice};
    give_figures(trial.evaluation, top1, latency, 50);
    trials.push_back(trial);
  };
  add(0, 70, 3);  // rank 1
  add(1, 72, 2);  // rank 0
  add(1, 72, 2);  // again
  add(2, 71, 1);  // rank 0
  add(3, 69, 4);  // rank 2
  trials.push_back({});
  trials.back().choices = {4};
  trials.back().evaluation =
      Evaluation::without_figures(TrialStatus::kInfeasible, "predicted", false);
  const auto proposed = proposed_candidates(objective, trials, 3);
  EXPECT_EQ(std::set<Choices>(proposed.begin(), proposed.begin() + 2),
            (std::set<Choices>{{1}, {2}}));
  EXPECT_EQ(proposed.back(), Choices{0});
  EXPECT_EQ(proposed_candidates(objective, trials, 10).size(), 4u);
}

}  // namespace
}  // namespace dovetail
