// What every strategy of the table must do, whatever its method.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "nas/hypervolume.h"
#include "nas/pareto.h"
#include "nas/strategy/strategies.h"
#include "tests/nas/strategy/toy_problem.h"

namespace dovetail {

/// The name of a row in test names and messages.
void PrintTo(const StrategyInfo& strategy, std::ostream* out) {
  *out << strategy.name;
}

namespace {

using Log = std::vector<Choices>;

std::vector<Outcome> evaluate(const std::vector<Choices>& asked) {
  std::vector<Outcome> outcomes;
  for (const Choices& choices : asked) outcomes.push_back(ToyDomain::outcome(choices));
  return outcomes;
}

/// Asks and tells `evaluations` candidates in batches of `batch`.
Log search(Strategy& strategy, std::size_t evaluations, std::size_t batch) {
  Log log;
  while (log.size() < evaluations) {
    const auto asked = strategy.ask(std::min(batch, evaluations - log.size()));
    if (asked.empty()) break;
    strategy.tell(asked, evaluate(asked));
    log.insert(log.end(), asked.begin(), asked.end());
  }
  return log;
}

class StrategyConformance : public testing::TestWithParam<StrategyInfo> {
 protected:
  std::unique_ptr<Strategy> make(std::uint64_t seed) const {
    return GetParam().make(domain_, GetParam().defaults(), seed);
  }

  /// What the strategy is after, larger is better: best reward, or hypervolume of its front.
  double quality(const Log& log) const {
    double best_reward = -std::numeric_limits<double>::infinity();
    ParetoArchive archive;
    for (std::size_t i = 0; i < log.size(); ++i) {
      const Outcome outcome = ToyDomain::outcome(log[i]);
      if (outcome.acceptable()) best_reward = std::max(best_reward, outcome.reward);
      archive.insert(outcome, static_cast<std::int64_t>(i));
    }
    return GetParam().uses_reward ? best_reward
                                  : hypervolume(archive.points(), ToyDomain::reference());
  }

  ToyDomain domain_;
};

TEST_P(StrategyConformance, StaysInBounds) {
  const auto strategy = make(1);
  for (const Choices& choices : search(*strategy, 700, 32)) {
    EXPECT_NO_THROW(domain_.decisions().validate(choices));
  }
}

TEST_P(StrategyConformance, GivesAtMostAsManyAsAskedAndAtLeastOne) {
  const auto strategy = make(1);
  for (const std::size_t count : {1u, 7u, 100u, 250u}) {
    const auto asked = strategy->ask(count);
    EXPECT_GE(asked.size(), 1u);
    EXPECT_LE(asked.size(), count);
    strategy->tell(asked, evaluate(asked));
  }
  EXPECT_GE(strategy->preferred_batch(), 1u);
}

TEST_P(StrategyConformance, SameSeedSameLogOtherSeedOtherLog) {
  const Log a = search(*make(5), 600, 25), b = search(*make(5), 600, 25);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, search(*make(6), 600, 25));
}

TEST_P(StrategyConformance, ANewOneFedTheSameGoesOnTheSame) {
  const auto uninterrupted = make(9);
  search(*uninterrupted, 300, 20);
  const Log expected = search(*uninterrupted, 300, 20);

  const auto first = make(9), second = make(9);
  for (int i = 0; i < 15; ++i) {
    const auto asked = first->ask(20);
    EXPECT_EQ(second->ask(20), asked);
    const auto outcomes = evaluate(asked);
    first->tell(asked, outcomes);
    second->tell(asked, outcomes);
  }
  EXPECT_EQ(search(*second, 300, 20), expected);
}

TEST_P(StrategyConformance, OutcomesMayComeInPiecesAndAfterSeveralAsks) {
  const auto whole = make(2), pieces = make(2);
  for (int round = 0; round < 12; ++round) {
    auto asked = whole->ask(10);
    const auto more = whole->ask(15);
    asked.insert(asked.end(), more.begin(), more.end());
    auto same = pieces->ask(10);
    const auto same_more = pieces->ask(15);
    same.insert(same.end(), same_more.begin(), same_more.end());
    ASSERT_EQ(asked, same);
    const auto outcomes = evaluate(asked);
    whole->tell(asked, outcomes);
    const std::span candidates(asked);
    const std::span results(outcomes);
    for (std::size_t i = 0; i < asked.size(); i += 5) {
      pieces->tell(candidates.subspan(i, 5), results.subspan(i, 5));
    }
  }
}

TEST_P(StrategyConformance, SurvivesWhenNothingIsValid) {
  const auto strategy = make(3);
  for (int i = 0; i < 20; ++i) {
    const auto asked = strategy->ask(30);
    ASSERT_FALSE(asked.empty());
    for (const Choices& choices : asked) EXPECT_NO_THROW(domain_.decisions().validate(choices));
    strategy->tell(asked, std::vector<Outcome>(asked.size()));
  }
}

TEST_P(StrategyConformance, RunsOnASpaceOfOnePoint) {
  class OnePoint : public SearchDomain {
   public:
    const DecisionSpace& decisions() const override { return decisions_; }

   private:
    DecisionSpace decisions_{{Decision{"only", "", {"a"}, {}}}};
  } domain;
  const auto strategy = GetParam().make(domain, GetParam().defaults(), 1);
  for (int i = 0; i < 3; ++i) {
    const auto asked = strategy->ask(150);
    for (const Choices& choices : asked) EXPECT_EQ(choices, Choices{0});
    std::vector<Outcome> outcomes(asked.size());
    for (Outcome& outcome : outcomes) {
      outcome.valid = true;
      outcome.violation = 0;
      outcome.objectives = {1, 1};
    }
    strategy->tell(asked, outcomes);
  }
}

TEST_P(StrategyConformance, IsBetterThanRandomAndReachesTheGoal) {
  if (GetParam().name == "random") GTEST_SKIP() << "random is what the others are measured with";
  const StrategyInfo& random = find_strategy("random");
  constexpr std::size_t kEvaluations = 6000;
  const double truth = GetParam().uses_reward
                           ? ToyDomain::best_reward()
                           : hypervolume(ToyDomain::true_front(), ToyDomain::reference());
  for (const std::uint64_t seed : {1, 2, 3}) {
    const double found = quality(search(*make(seed), kEvaluations, 50));
    const double baseline = quality(search(*random.make(domain_, {}, seed), kEvaluations, 50));
    EXPECT_GT(found, baseline);
    EXPECT_LE(found, truth + 1e-9);
    EXPECT_LT(truth - found, 0.02 * std::abs(truth)) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Table, StrategyConformance,
                         testing::ValuesIn(strategies().begin(), strategies().end()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace dovetail
