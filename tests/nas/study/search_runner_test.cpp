#include "nas/study/search_runner.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/nas/objective/given_figures.h"

namespace dovetail {
namespace {

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
