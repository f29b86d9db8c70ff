#include "nas/strategy/strategies.h"

#include <gtest/gtest.h>

#include <set>

#include "base/text/error.h"
#include "nas/strategy/rate_schedule.h"
#include "nas/strategy/variation.h"
#include "tests/nas/strategy/toy_problem.h"

namespace dovetail {
namespace {

TEST(Strategies, NamesAreUniqueAndDefaultsWithinRange) {
  std::set<std::string> names;
  for (const StrategyInfo& strategy : strategies()) {
    EXPECT_TRUE(names.insert(strategy.name).second) << strategy.name;
    EXPECT_FALSE(strategy.description.empty());
    for (const StrategyParameter& parameter : strategy.parameters) {
      EXPECT_GE(parameter.default_value, parameter.min) << parameter.name;
      EXPECT_LE(parameter.default_value, parameter.max) << parameter.name;
    }
  }
}

TEST(Strategies, DefaultsAreThoseOfThePapers) {
  EXPECT_EQ(find_strategy("nsga2").defaults().at("population"), 100);
  EXPECT_EQ(find_strategy("regularized_evolution").defaults().at("population"), 100);
  EXPECT_EQ(find_strategy("regularized_evolution").defaults().at("tournament"), 25);
  EXPECT_EQ(find_strategy("ppo").defaults().at("clip"), 0.2);
  EXPECT_EQ(find_strategy("ppo").defaults().at("epochs"), 4);
  EXPECT_EQ(find_strategy("reinforce").defaults().at("learning_rate"), 4.8e-3);
  EXPECT_EQ(find_strategy("reinforce").defaults().at("baseline"), 0.95);
}

TEST(Strategies, UnknownNameNamesTheNearest) {
  try {
    find_strategy("nsga3");
    FAIL() << "accepted";
  } catch (const InputError& e) {
    EXPECT_NE(std::string(e.what()).find("'nsga2'"), std::string::npos) << e.what();
  }
}

TEST(Strategies, AHorizonLeftOpenIsTheSizeOfTheSearch) {
  StrategyParameters parameters = find_strategy("reinforce").defaults();
  EXPECT_EQ(for_evaluations(parameters, 300).at("horizon"), 300);
  parameters.at("horizon") = 1000;
  EXPECT_EQ(for_evaluations(parameters, 300).at("horizon"), 1000);
  const StrategyParameters random;
  EXPECT_EQ(for_evaluations(random, 300), random);
}

TEST(RateSchedule, WaitsAndThenGrowsToTheEnd) {
  const RateSchedule schedule{0.5, 0.25, 10};
  EXPECT_EQ(schedule.at(0, 100), 0);
  EXPECT_EQ(schedule.at(24, 100), 0);
  EXPECT_DOUBLE_EQ(schedule.at(25, 100), 0.5);
  EXPECT_NEAR(schedule.at(100, 100), 5, 1e-12);
  EXPECT_EQ(schedule.at(5000, 100), schedule.at(100, 100));
  EXPECT_EQ(schedule.at(5000, 0), 0.5);
}

TEST(RateSchedule, WithoutARateTheSumOverASearchIsTheSameForEveryBudget) {
  for (const double delay : {0.0, 0.25}) {
    for (const std::size_t steps : {200, 3000}) {
      double sum = 0;
      for (std::size_t i = 0; i < steps; ++i) sum += RateSchedule{0, delay, 10}.at(i, steps);
      EXPECT_NEAR(sum, 60, 1) << steps;
    }
  }
}

TEST(Variation, APolicysDrawsKeepOffWhatIsKnownToViolate) {
  class Ends : public ToyDomain {  // the first decision is to be at an end
   public:
    std::optional<double> predicted_violation(const Choices& choices) const override {
      return std::min<int>(choices[0], 30 - choices[0]);
    }
  } domain;
  Rng rng(1);
  int draws = 0;
  const Choices drawn = draw_within_limits(
      domain, [&] { return ++draws, domain.decisions().sample(rng); }, rng);
  EXPECT_EQ(domain.predicted_violation(drawn), 0);
  EXPECT_LT(draws, 1000);
  // A policy that is sure of what violates: from there it walks.
  const Choices sure(13, 12);
  EXPECT_EQ(draw_within_limits(
                domain, [&] { return sure; }, rng)[0],
            0);
}

TEST(Variation, MutateOneChangesExactlyOneDecisionThatHasAnEffect) {
  const ToyDomain domain;
  Rng rng(1);
  for (int round = 0; round < 300; ++round) {
    Choices before = domain.decisions().sample(rng);
    before[1] = 0;  // the last decision has no effect
    Choices after = before;
    mutate_one(domain, after, rng);
    int changed = 0;
    for (std::size_t i = 0; i < before.size(); ++i) changed += before[i] != after[i];
    EXPECT_EQ(changed, 1);
    EXPECT_EQ(after.back(), before.back());
    EXPECT_NE(domain.canonical(before), domain.canonical(after));
  }
}

TEST(Variation, ChangeChoiceReachesEveryOtherChoiceEquallyOften) {
  const ToyDomain domain;
  Rng rng(4);
  std::vector<int> counts(8, 0);
  for (int round = 0; round < 7000; ++round) {
    Choices choices(13, 3);
    change_choice(domain.decisions(), choices, 5, rng);
    ++counts[choices[5]];
  }
  EXPECT_EQ(counts[3], 0);
  for (const int i : {0, 1, 2, 4, 5, 6, 7}) EXPECT_NEAR(counts[i], 1000, 150);
}

TEST(Variation, StepsGoToTheNextChoiceWhereThereIsAnOrder) {
  const ToyDomain domain;
  Rng rng(4);
  int up = 0;
  for (int round = 0; round < 1000; ++round) {
    Choices choices(13, 3);
    step_choice(domain.decisions(), choices, 5, rng);
    ASSERT_TRUE(choices[5] == 2 || choices[5] == 4);
    up += choices[5] == 4;
  }
  EXPECT_NEAR(up, 500, 60);
  for (const std::uint16_t end : {0, 7}) {
    Choices choices(13, end);
    step_choice(domain.decisions(), choices, 5, rng);
    EXPECT_EQ(choices[5], end == 0 ? 1 : 6);
  }
}

TEST(Variation, CrossoverTakesEachDecisionFromAParent) {
  Rng rng(2);
  const Choices a(13, 1), b(13, 2);
  int from_b = 0;
  for (int round = 0; round < 1000; ++round) {
    for (const std::uint16_t choice : uniform_crossover(a, b, rng)) {
      ASSERT_TRUE(choice == 1 || choice == 2);
      from_b += choice == 2;
    }
  }
  EXPECT_NEAR(from_b / 13000.0, 0.5, 0.03);
}

TEST(Variation, SeenCandidatesComparesCanonicalForms) {
  const ToyDomain domain;
  SeenCandidates seen(domain);
  Rng rng(3);
  Choices a(13, 0), b(13, 0);
  b.back() = 4;  // no effect while decision 1 is 0
  EXPECT_EQ(seen.make_new(a, rng), a);
  const std::optional<Choices> other = seen.make_new(b, rng);
  ASSERT_TRUE(other);
  EXPECT_NE(domain.canonical(*other), domain.canonical(a));
}

TEST(Nsga2, NeverPaysTwiceForACandidate) {
  const ToyDomain domain;
  const StrategyInfo& info = find_strategy("nsga2");
  const auto strategy = info.make(domain, info.defaults(), 1);
  std::set<Choices> seen;
  std::size_t asked_count = 0;
  for (int generation = 0; generation < 30; ++generation) {
    const auto asked = strategy->ask(100);
    std::vector<Outcome> outcomes;
    for (const Choices& choices : asked) {
      seen.insert(domain.canonical(choices));
      outcomes.push_back(ToyDomain::outcome(choices));
    }
    asked_count += asked.size();
    strategy->tell(asked, outcomes);
  }
  EXPECT_EQ(seen.size(), asked_count);
}

TEST(Nsga2, BatchesThatDivideThePopulationGiveTheSameSearch) {
  const ToyDomain domain;
  const StrategyInfo& info = find_strategy("nsga2");
  std::vector<std::vector<Choices>> logs;
  for (const std::size_t batch : {1, 20, 100}) {
    const auto strategy = info.make(domain, info.defaults(), 1);
    std::vector<Choices> log;
    while (log.size() < 500) {
      const auto asked = strategy->ask(batch);
      std::vector<Outcome> outcomes;
      for (const Choices& choices : asked) outcomes.push_back(ToyDomain::outcome(choices));
      strategy->tell(asked, outcomes);
      log.insert(log.end(), asked.begin(), asked.end());
    }
    logs.push_back(log);
  }
  EXPECT_EQ(logs[0], logs[1]);
  EXPECT_EQ(logs[0], logs[2]);
}

}  // namespace
}  // namespace dovetail
