#include "nas/objective/pareto.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/numbers/random.h"
#include "nas/objective/hypervolume.h"

namespace dovetail {
namespace {

Outcome point(std::vector<double> objectives, double violation = 0) {
  Outcome outcome;
  outcome.valid = true;
  outcome.violation = violation;
  outcome.objectives = std::move(objectives);
  return outcome;
}

/// Ranks by definition: peel off what nothing left dominates.
std::vector<int> ranks_by_peeling(const std::vector<Outcome>& outcomes) {
  std::vector<int> ranks(outcomes.size(), -1);
  std::size_t left = outcomes.size();
  for (int rank = 0; left > 0; ++rank) {
    std::vector<std::size_t> front;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (ranks[i] >= 0) continue;
      bool dominated = false;
      for (std::size_t j = 0; j < outcomes.size(); ++j) {
        dominated = dominated || (ranks[j] < 0 && constrained_dominates(outcomes[j], outcomes[i]));
      }
      if (!dominated) front.push_back(i);
    }
    for (const std::size_t i : front) ranks[i] = rank;
    left -= front.size();
  }
  return ranks;
}

TEST(Pareto, DominatesNeedsOneStrictlyBetter) {
  EXPECT_TRUE(dominates(std::vector<double>{1, 2}, std::vector<double>{1, 3}));
  EXPECT_FALSE(dominates(std::vector<double>{1, 2}, std::vector<double>{1, 2}));
  EXPECT_FALSE(dominates(std::vector<double>{0, 3}, std::vector<double>{1, 2}));
}

TEST(Pareto, RanksEqualPeelingOnRandomSetsWithTiesViolationsAndInvalid) {
  Rng rng(7);
  for (int round = 0; round < 60; ++round) {
    std::vector<Outcome> outcomes;
    const std::size_t objectives = 1 + rng.index(3);
    for (std::size_t i = 0; i < 40; ++i) {
      std::vector<double> values;
      for (std::size_t k = 0; k < objectives; ++k) {
        values.push_back(static_cast<double>(rng.index(6)));
      }
      const double violation = rng.index(3) == 0 ? 0.5 * static_cast<double>(rng.index(4)) : 0;
      outcomes.push_back(rng.index(10) == 0 ? Outcome{} : point(values, violation));
    }
    EXPECT_EQ(non_dominated_ranks(outcomes), ranks_by_peeling(outcomes));
  }
}

TEST(Pareto, ConstraintsComeBeforeObjectives) {
  const Outcome good = point({9, 9}), slightly_off = point({1, 1}, 0.1), off = point({0, 0}, 0.2);
  EXPECT_TRUE(constrained_dominates(good, slightly_off));
  EXPECT_TRUE(constrained_dominates(slightly_off, off));
  EXPECT_TRUE(constrained_dominates(off, Outcome{}));
  EXPECT_FALSE(constrained_dominates(Outcome{}, Outcome{}));
}

TEST(Pareto, CrowdingDistanceOfALine) {
  const std::vector<Outcome> outcomes{point({0, 4}), point({1, 3}), point({3, 1}), point({4, 0})};
  const std::vector<double> distances =
      crowding_distances(outcomes, std::vector<std::size_t>{0, 1, 2, 3});
  EXPECT_TRUE(std::isinf(distances[0]));
  EXPECT_TRUE(std::isinf(distances[3]));
  EXPECT_DOUBLE_EQ(distances[1], 3.0 / 4 + 3.0 / 4);
  EXPECT_DOUBLE_EQ(distances[2], 3.0 / 4 + 3.0 / 4);
}

TEST(Pareto, OrderTakesRankThenCrowding) {
  const std::vector<Outcome> outcomes{point({5, 5}), point({1, 3}),   point({1.2, 2.8}),
                                      point({3, 1}), point({0.5, 4}), Outcome{}};
  const std::vector<std::size_t> order = rank_and_crowding_order(outcomes);
  // Ends of the front first, then the lonelier inner point, the dominated, the invalid.
  EXPECT_EQ(order, (std::vector<std::size_t>{3, 4, 2, 1, 0, 5}));
}

TEST(ParetoArchive, KeepsTheSameSetWhateverTheOrder) {
  Rng rng(3);
  std::vector<Outcome> outcomes;
  for (int i = 0; i < 200; ++i) {
    outcomes.push_back(
        point({static_cast<double>(rng.index(20)), static_cast<double>(rng.index(20))},
              rng.index(5) == 0 ? 1 : 0));
  }
  ParetoArchive forward, backward;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    forward.insert(outcomes[i], static_cast<std::int64_t>(i));
    const std::size_t j = outcomes.size() - 1 - i;
    backward.insert(outcomes[j], static_cast<std::int64_t>(j));
  }
  ASSERT_EQ(forward.entries().size(), backward.entries().size());
  const std::vector<int> ranks = non_dominated_ranks(outcomes);
  for (std::size_t i = 0; i < forward.entries().size(); ++i) {
    EXPECT_EQ(forward.entries()[i].objectives, backward.entries()[i].objectives);
    EXPECT_EQ(forward.entries()[i].id, backward.entries()[i].id);
    EXPECT_EQ(ranks[forward.entries()[i].id], 0);
  }
}

TEST(ParetoArchive, TakesNothingThatBreaksAConstraintOrHasNoFigures) {
  ParetoArchive archive;
  EXPECT_FALSE(archive.insert(point({0, 0}, 0.1), 1));
  EXPECT_FALSE(archive.insert(Outcome{}, 2));
  EXPECT_TRUE(archive.entries().empty());
}

TEST(Hypervolume, OfOnePointIsTheBox) {
  EXPECT_DOUBLE_EQ(hypervolume({{1, 2}}, {4, 4}), 3 * 2);
  EXPECT_DOUBLE_EQ(hypervolume({{1, 2, 3}}, {4, 4, 4}), 3 * 2 * 1);
  EXPECT_DOUBLE_EQ(hypervolume({{1}, {2}}, {4}), 3);
}

TEST(Hypervolume, OfAStaircaseIsTheSumOfItsSteps) {
  // Steps at x = 1, 2, 3 under the reference (4, 4).
  EXPECT_DOUBLE_EQ(hypervolume({{1, 3}, {2, 2}, {3, 1}}, {4, 4}), 1 + 2 + 3);
  // Dominated points and copies add nothing.
  EXPECT_DOUBLE_EQ(hypervolume({{1, 3}, {2, 2}, {3, 1}, {3, 3}, {2, 2}}, {4, 4}), 1 + 2 + 3);
}

TEST(Hypervolume, OfThreeObjectivesByInclusionAndExclusion) {
  // Boxes 3x3x1 and 1x1x3 share 1x1x1.
  EXPECT_DOUBLE_EQ(hypervolume({{1, 1, 3}, {3, 3, 1}}, {4, 4, 4}), 9 + 3 - 1);
}

TEST(Hypervolume, PointsOutsideTheReferenceAddNothing) {
  EXPECT_DOUBLE_EQ(hypervolume({{5, 0}, {1, 3}, {4, 1}}, {4, 4}), 3);
  EXPECT_DOUBLE_EQ(hypervolume({{5, 0}}, {4, 4}), 0);
  EXPECT_DOUBLE_EQ(hypervolume({}, {4, 4}), 0);
}

TEST(Hypervolume, ConvergesToTheAreaUnderACurve) {
  // f2 = 1 - sqrt(f1) (ZDT1's front) under (1, 1): 1 - integral of (1 - sqrt x) = 2/3.
  std::vector<std::vector<double>> points;
  for (int i = 0; i <= 4000; ++i) {
    const double x = i / 4000.0;
    points.push_back({x, 1 - std::sqrt(x)});
  }
  EXPECT_NEAR(hypervolume(points, {1, 1}), 2.0 / 3, 5e-4);
}

}  // namespace
}  // namespace dovetail
