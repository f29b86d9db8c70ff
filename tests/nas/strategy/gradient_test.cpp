// The strategy `gradient` and the models that it goes down.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "nas/strategy/pair_models.h"
#include "nas/strategy/strategies.h"
#include "tests/nas/strategy/toy_problem.h"

namespace dovetail {
namespace {

/// What pair-product predictors can tell exactly: two objectives of pairs of neighbouring
/// decisions, the second against the first, and a limit on a third.
class PairsDomain : public SearchDomain {
 public:
  const DecisionSpace& decisions() const override { return decisions_; }

  static Outcome outcome(const Choices& choices) {
    Outcome outcome;
    outcome.valid = true;
    double gain = 0, cost = 4, limited = 0;
    for (std::size_t i = 0; i + 1 < choices.size(); ++i) {
      gain += (choices[i] * 7 + choices[i + 1] * 3 + i) % 5;
      cost += choices[i] * choices[i + 1] / 4.0;
      limited += (choices[i] + choices[i + 1]) % 3;
    }
    outcome.objectives = {-gain, cost};
    outcome.excesses = {limited / 5 - 1};
    outcome.violation = std::max(0.0, outcome.excesses[0]);
    return outcome;
  }

 private:
  static Decision letters(const std::string& name) { return {name, "", {"a", "b", "c", "d"}, {}}; }
  DecisionSpace decisions_{
      {letters("a"), letters("b"), letters("c"), letters("d"), letters("e"), letters("f")}};
};

std::vector<ToldCandidate> told_at_random(const SearchDomain& domain, auto outcome_of,
                                          std::size_t count) {
  Rng rng(1);
  std::vector<ToldCandidate> told;
  for (std::size_t i = 0; i < count; ++i) {
    const Choices choices = domain.decisions().sample(rng);
    told.push_back({choices, outcome_of(choices)});
  }
  return told;
}

std::vector<std::size_t> all_of(const std::vector<ToldCandidate>& told) {
  return points_to_learn(told.size(), {}, told.size());
}

/// At probabilities of whole choices the loss of two points differs as their figures do.
TEST(PairModels, TellWhatArePairsOfChoices) {
  const PairsDomain domain;
  const auto told = told_at_random(domain, PairsDomain::outcome, 400);
  PairModels models(domain);
  models.learn(told_figures(told, all_of(told), {}), true);
  ASSERT_EQ(models.objectives(), 2);
  // Going down the first objective alone ends at its least value of all 4,096 points.
  double least = 0;
  for (std::uint64_t i = 0; i < 4096; ++i) {
    least = std::min(least, PairsDomain::outcome(domain.decisions().from_index(i)).objectives[0]);
  }
  double reached = 0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {  // descents end in local minima
    RelaxationOptions options;
    options.seed = seed;
    options.initial_deviation = 1;
    const std::vector<double> weights{1, 0};
    const auto p =
        descend(Relaxation::kSoftmax, domain.decisions(), options, models.loss(weights, 0));
    reached = std::min(
        reached, PairsDomain::outcome(likeliest_choices(domain.decisions(), p)).objectives[0]);
  }
  EXPECT_EQ(reached, least);
}

TEST(PairModels, ALossHoldsTheLimitsAndKeepsToWhatHasFigures) {
  const ToyDomain domain(5);  // x2 = 5 has no figures, x3 = 7 violates
  auto told = told_at_random(domain, ToyDomain::outcome, 400);
  for (ToldCandidate& candidate : told) {  // without limits both would be the best of all
    if (!candidate.outcome.valid) continue;
    candidate.outcome.objectives = {-1.0 * (candidate.choices[3] == 7) -
                                    0.1 * (candidate.choices[2] > 3)};
  }
  PairModels models(domain);
  models.learn(told_figures(told, all_of(told), {}), true);
  const std::vector<double> weights{1};
  double violating[2];
  for (const double penalty : {0.0, 100.0}) {
    const auto p =
        descend(Relaxation::kSoftmax, domain.decisions(), {}, models.loss(weights, penalty));
    violating[penalty > 0] = p[31 + 2 * 8 + 7];
    EXPECT_LT(p[31 + 8 + 5], 0.05);
  }
  EXPECT_GT(violating[0], 0.95);
  EXPECT_LT(violating[1], 0.6);  // half of it holds the limit in the mean
  Choices choices(domain.decisions().size(), 1);
  EXPECT_FALSE(models.predicts_violation(choices));
  choices[3] = 7;
  EXPECT_TRUE(models.predicts_violation(choices));
  choices[3] = 1;
  choices[2] = 5;
  EXPECT_TRUE(models.predicts_violation(choices));
}

/// The best found by all relaxations after so few outcomes, where random search is far off.
TEST(Gradient, EveryRelaxationFindsABetterFrontThanRandomSearch) {
  const PairsDomain domain;
  const auto best_sum = [&](const std::string& name, StrategyParameters parameters) {
    const auto strategy = find_strategy(name).make(domain, parameters, 2);
    double best = 1e9;
    for (std::size_t told = 0; told < 120; told += 8) {
      const auto asked = strategy->ask(8);
      std::vector<Outcome> outcomes;
      for (const Choices& choices : asked) {
        outcomes.push_back(PairsDomain::outcome(choices));
        if (!outcomes.back().acceptable()) continue;
        best = std::min(best, outcomes.back().objectives[0] + outcomes.back().objectives[1]);
      }
      strategy->tell(asked, outcomes);
    }
    return best;
  };
  const double random = best_sum("random", {});
  for (std::size_t relaxation = 0; relaxation < relaxations().size(); ++relaxation) {
    StrategyParameters parameters = find_strategy("gradient").defaults();
    parameters.at("relaxation") = static_cast<double>(relaxation);
    EXPECT_LT(best_sum("gradient", parameters), random) << to_string(relaxations()[relaxation]);
  }
}

}  // namespace
}  // namespace dovetail
