#include "nas/analysis/attainment.h"

#include <gtest/gtest.h>

#include "base/numbers/random.h"
#include "base/text/version.h"
#include "nas/objective/hypervolume.h"

namespace dovetail {
namespace {

using Points = std::vector<std::vector<double>>;
const std::vector<double> kReference{10, 10};

Outcome outcome(std::vector<double> objectives, double reward = 0, double violation = 0) {
  Outcome outcome;
  outcome.valid = true;
  outcome.violation = violation;
  outcome.objectives = std::move(objectives);
  outcome.reward = reward;
  return outcome;
}

SearchHistory history(const std::vector<Outcome>& outcomes) {
  SearchHistory history;
  for (const Outcome& one : outcomes) history.add(one);
  return history;
}

TEST(SearchHistoryTest, TellsWhenALevelWasFirstReached) {
  const SearchHistory it = history({{},
                                    outcome({9, 9}, 1),
                                    outcome({5, 5}, 3, 0.1),
                                    outcome({5, 5}, 2),
                                    outcome({6, 6}, 2.5),
                                    outcome({0, 9}, 1)});
  EXPECT_EQ(it.evaluations(), 6);
  // Hypervolumes 0, 1, 1 (a constraint is broken), 25, 25, 30.
  EXPECT_EQ(it.evaluations_to_hypervolume(1, kReference), 2);
  EXPECT_EQ(it.evaluations_to_hypervolume(1.1, kReference), 4);
  EXPECT_EQ(it.evaluations_to_hypervolume(25, kReference), 4);
  EXPECT_EQ(it.evaluations_to_hypervolume(30, kReference), 6);
  EXPECT_EQ(it.evaluations_to_hypervolume(30.1, kReference), std::nullopt);
  EXPECT_EQ(it.best_reward(), 2.5);
  EXPECT_EQ(it.evaluations_to_reward(1.5), 4);
  EXPECT_EQ(it.evaluations_to_reward(2.5), 5);
  EXPECT_EQ(it.evaluations_to_reward(3), std::nullopt);
  EXPECT_EQ(SearchHistory().best_reward(), std::nullopt);
  EXPECT_EQ(SearchHistory().evaluations_to_hypervolume(0, kReference), std::nullopt);
}

TEST(SearchHistoryTest, HalvingFindsWhatCountingFinds) {
  Rng rng(3);
  SearchHistory it;
  std::vector<double> hypervolumes;
  Points points;
  for (int i = 0; i < 200; ++i) {
    points.push_back({10 * rng.uniform(), 10 * rng.uniform()});
    it.add(outcome(points.back()));
    hypervolumes.push_back(hypervolume(points, kReference));
  }
  for (double level = 1; level < 100; level += 7) {
    std::optional<std::int64_t> expected;
    for (std::size_t i = hypervolumes.size(); i > 0; --i) {
      if (hypervolumes[i - 1] >= level) expected = static_cast<std::int64_t>(i);
    }
    EXPECT_EQ(it.evaluations_to_hypervolume(level, kReference), expected) << level;
  }
}

TEST(AttainmentTest, LevelsAreSharesOfTheBestOfAllSearches) {
  const SearchHistory a = history({outcome({5, 5}, 1), outcome({5, 0}, 2)});  // 25, 50
  const SearchHistory b = history({outcome({0, 5}, 4), outcome({9, 9}, 1)});  // 50, 50
  const std::vector<SearchKind> kinds{{"a", {&a}}, {"b", {&b}}};
  EXPECT_DOUBLE_EQ(best_known_hypervolume(kinds, kReference), 75);
  const auto all = attainments(kinds, kReference);
  ASSERT_EQ(all.size(), 2U * 10);
  EXPECT_EQ(all[0].run, "a");
  EXPECT_EQ(all[0].target, "hypervolume");
  EXPECT_EQ(all[0].level, "50 %");
  EXPECT_DOUBLE_EQ(all[0].value, 37.5);
  EXPECT_EQ(all[0].reached, (std::vector<std::optional<std::int64_t>>{2}));
  EXPECT_EQ(all[1].reached, (std::vector<std::optional<std::int64_t>>{1}));
  EXPECT_EQ(all[2].reached, (std::vector<std::optional<std::int64_t>>{std::nullopt}));
  EXPECT_EQ(all[10].target, "reward");
  EXPECT_DOUBLE_EQ(all[10].value, 3.6);
  EXPECT_EQ(all[11].searches_that_reached(), 1U);
}

TEST(AttainmentTest, WithoutRewardThereAreNoTargetsOfIt) {
  const SearchHistory a = history({outcome({5, 5})});
  EXPECT_EQ(attainments({{"a", {&a}}}, kReference).size(), 5U);
  const SearchHistory nothing = history({outcome({5, 5}, 0, 1)});
  EXPECT_TRUE(attainments({{"a", {&nothing}}}, kReference).empty());
}

TEST(AttainmentTest, TheMedianNeedsHalfOfTheSearches) {
  Attainment it;
  it.reached = {7, std::nullopt, 3};
  EXPECT_EQ(it.median(), 7);
  it.reached = {7, std::nullopt, std::nullopt};
  EXPECT_EQ(it.median(), std::nullopt);
  it.reached = {9, 4, std::nullopt, std::nullopt};
  EXPECT_EQ(it.median(), 9);
  EXPECT_EQ(Attainment().median(), std::nullopt);
}

TEST(AttainmentTest, TheCurveGrowsFromNoneToItsEnd) {
  Attainment it{"a", "latency_ms <= 0.5, top1_percent >= 75", "", 0, 100, {7, std::nullopt, 7, 20}};
  EXPECT_EQ(attainment_csv({it}),
            "# schema: dovetail.attainment/1\n# build: " + build_description() +
                "\n# units: share_percent=%\n"
                "run,target,level,value,evaluations,reached,searches,share_percent\n"
                "a,\"latency_ms <= 0.5, top1_percent >= 75\",,0,0,0,4,0\n"
                "a,\"latency_ms <= 0.5, top1_percent >= 75\",,0,7,2,4,50\n"
                "a,\"latency_ms <= 0.5, top1_percent >= 75\",,0,20,3,4,75\n"
                "a,\"latency_ms <= 0.5, top1_percent >= 75\",,0,100,3,4,75\n");
}

}  // namespace
}  // namespace dovetail
