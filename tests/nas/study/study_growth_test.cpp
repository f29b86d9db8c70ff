// A study that is given more evaluations or seeds ends as if it had been asked for all at once.
#include "nas/study/study_growth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text/error.h"
#include "tests/nas/study/study_fixture.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

class StudyGrowthTest : public StudyTest {
 protected:
  StudyOptions growing(const std::string& folder) const {
    StudyOptions grown = options(folder);
    grown.resume = grown.may_grow = true;
    return grown;
  }
  StudySetup setup(const std::string& strategy, const std::string& size) const {
    return StudySetup(files_.config("strategy: " + strategy + "\n" + size));
  }
  std::string refusal(const StudySetup& study, const StudyOptions& how) const {
    try {
      run(study, how);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }
};

const char* const kSmall = "evaluations: 20\nseeds: [1]\n";
const char* const kLarge = "evaluations: 37\nseeds: [1, 0]\n";

// A last batch of 20 evaluations is cut short for populations of 16; that of 37 is another.
TEST_F(StudyGrowthTest, MoreEvaluationsAndSeedsEndInTheSameBytesWithEveryStrategy) {
  int compared = 0;
  for (const StrategyInfo& strategy : strategies()) {
    const std::string named = "{name: " + strategy.name + "}";
    std::optional<StudySetup> small;
    try {
      small.emplace(setup(named, kSmall));
      run(*small, options(strategy.name));
    } catch (const InputError&) {
      continue;  // of another kind of study
    }
    const StudySetup large = setup(named, kLarge);
    ASSERT_TRUE(run(large, growing(strategy.name)).complete) << strategy.name;
    run(large, options(strategy.name + "_at_once"));
    EXPECT_EQ(content(strategy.name), content(strategy.name + "_at_once")) << strategy.name;
    ++compared;
  }
  EXPECT_GE(compared, 6);
}

// Counts the candidates that are evaluated, not taken from what is known.
class CountingEvaluator : public Evaluator {
 public:
  CountingEvaluator(std::unique_ptr<Evaluator> evaluator, std::size_t& count)
      : evaluator_(std::move(evaluator)), count_(count) {}
  std::vector<Evaluation> evaluate(std::span<const Choices> candidates,
                                   const KeepGoing& keep_going) override {
    count_ += candidates.size();
    return evaluator_->evaluate(candidates, keep_going);
  }

 private:
  std::unique_ptr<Evaluator> evaluator_;
  std::size_t& count_;
};

TEST_F(StudyGrowthTest, WhatWasSimulatedIsNotSimulatedAgain) {
  const auto counted = [&](const StudySetup& study, const StudyOptions& how) {
    std::size_t count = 0;
    StudyEvaluators evaluators = rough_evaluators(study);
    evaluators.search = [make = evaluators.simulation, &count](const SearchSpace& space) {
      return std::make_unique<CountingEvaluator>(make(space), count);
    };
    EXPECT_TRUE(run(study, how, evaluators).complete);
    return count;
  };
  const std::string random = "{name: random}";
  const StudySetup small = setup(random, "evaluations: 20\nseeds: [1]\n");
  const StudySetup large = setup(random, "evaluations: 50\nseeds: [1]\n");
  const std::size_t before = counted(small, options("grown"));
  const std::size_t after = counted(large, growing("grown"));
  EXPECT_EQ(before, 20u);
  EXPECT_EQ(before + after, counted(large, options("at_once")));
}

TEST_F(StudyGrowthTest, StoppedWhileItGrowsItGoesOn) {
  const StudySetup small = setup("{name: nsga2, population: 16}", kSmall);
  const StudySetup large = setup("{name: nsga2, population: 16}", kLarge);
  run(large, options("at_once"));
  for (const int stop_after : {0, 1, 3}) {
    const std::string folder = "stopped" + std::to_string(stop_after);
    run(small, options(folder));
    StudyOptions stopping = growing(folder);
    int asked = 0;
    stopping.keep_going = [&] { return ++asked <= stop_after; };
    EXPECT_FALSE(run(large, stopping).complete);
    const StudySetup larger = setup("{name: nsga2, population: 16}", "evaluations: 80\n");
    EXPECT_THAT(refusal(larger, growing(folder)), HasSubstr("found seeds 1, begun with 1, 0"));
    const StudySetup both =
        setup("{name: nsga2, population: 16}", "evaluations: 80\nseeds: [1, 0]\n");
    EXPECT_THAT(refusal(both, growing(folder)), HasSubstr("the study is growing already"));
    ASSERT_TRUE(run(large, growing(folder)).complete);
    EXPECT_EQ(content(folder), content("at_once")) << "stopped after " << stop_after;
  }
}

TEST_F(StudyGrowthTest, ASearchOnPredictionsGrowsToo) {
  const std::string cost =
      "cost: {model: surrogate_then_simulation, surrogate: {labels: 100}, resimulate: 10}\n";
  const StudySetup small(files_.config(cost + kSmall)), large(files_.config(cost + kLarge));
  run(small, options("grown"));
  run(large, growing("grown"));
  run(large, options("at_once"));
  EXPECT_EQ(content("grown"), content("at_once"));
}

TEST_F(StudyGrowthTest, NothingIsTakenBackAndNothingElseMayChange) {
  const StudySetup large = setup("{name: random}", kLarge);
  run(large, options("out"));
  const std::string before = content("out");
  EXPECT_THAT(refusal(setup("{name: random}", "evaluations: 36\nseeds: [1, 0]\n"), growing("out")),
              HasSubstr("found 36 evaluations, begun with 37: a study takes more"));
  EXPECT_THAT(refusal(setup("{name: random}", "evaluations: 37\nseeds: [1, 2]\n"), growing("out")),
              HasSubstr("found seeds 1, 2, begun with 1, 0"));
  EXPECT_THAT(refusal(setup("{name: nsga2, population: 8}", "evaluations: 50\nseeds: [1, 0]\n"),
                      growing("out")),
              HasSubstr("found 'name: nsga2"));
  StudyOptions told = growing("out");
  told.may_grow = false;
  EXPECT_THAT(refusal(setup("{name: random}", "evaluations: 50\nseeds: [1, 0]\n"), told),
              HasSubstr("for more of them go on with 'dovetail search', and --resume"));
  EXPECT_EQ(content("out"), before);
}

}  // namespace
}  // namespace dovetail
