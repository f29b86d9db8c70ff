#include "nas/evaluation/evaluator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/numbers/random.h"
#include "base/text/error.h"
#include "cost/surrogate/data/labelling.h"
#include "cost/surrogate/training/trainer.h"
#include "nas/study/study_setup.h"
#include "tests/nas/objective/given_figures.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail {
namespace {

/// Speaks about networks whose first decision is not 1.
class HalfBlindSource : public AccuracySource {
 public:
  AccuracyEstimate accuracy(const Choices& network) override {
    ++asked;
    if (network[0] == 1) throw InputError("cannot speak about kernel 5");
    return {70.0 + network[0], network[0] == 2};
  }
  std::string description() const override { return "half blind"; }
  int asked = 0;
};

/// The same, but each answer takes long.
class SlowSource : public HalfBlindSource {
 public:
  bool slow() const override { return true; }
};

class EvaluatorTest : public testing::Test {
 protected:
  EvaluatorTest() : setup_(files_.config()), space_(setup_.space("joint")) {
    Rng rng(5);
    for (int i = 0; i < 40; ++i) candidates_.push_back(space_.decisions().sample(rng));
  }
  PairEvaluator evaluator(int workers) const { return simulating(space_, cache_, workers); }
  static PairEvaluator simulating(const SearchSpace& space, std::shared_ptr<AccuracyCache> cache,
                                  int workers) {
    const PairDomain domain{space.network(), space.hardware()};
    return {space, std::move(cache),
            find_cost_model("simulation").make({domain, {"16nm", workers, {}, {}}, nullptr})};
  }

  TinyStudy files_;
  StudySetup setup_;
  const SearchSpace& space_;
  std::shared_ptr<HalfBlindSource> source_ = std::make_shared<HalfBlindSource>();
  std::shared_ptr<AccuracyCache> cache_ =
      std::make_shared<AccuracyCache>(source_, setup_.network().space);
  std::vector<Choices> candidates_;
};

TEST_F(EvaluatorTest, FiguresAreThoseOfTheSimulator) {
  const auto evaluations = evaluator(1).evaluate(candidates_, {});
  ASSERT_EQ(evaluations.size(), candidates_.size());
  int with_figures = 0;
  for (std::size_t i = 0; i < evaluations.size(); ++i) {
    if (!evaluations[i].ok()) continue;
    ++with_figures;
    const SimulationResult result = setup_.simulator()->run(
        space_.build_network(candidates_[i]), space_.decode(candidates_[i]).accelerator);
    EXPECT_TRUE(evaluations[i].simulated);
    EXPECT_EQ(evaluations[i].costs.latency_ms, result.latency_ms);
    EXPECT_EQ(evaluations[i].costs.area_mm2, result.area_mm2);
    EXPECT_EQ(evaluations[i].costs.cycles, result.cycles);
    EXPECT_EQ(evaluations[i].costs.energy_mj, result.energy.total());
    EXPECT_EQ(evaluations[i].costs.peak_local_memory_kib * 1024,
              static_cast<double>(result.memory.local_memory_peak_bytes));
    EXPECT_GT(evaluations[i].costs.peak_local_memory_kib, 0);
    EXPECT_EQ(evaluations[i].accuracy.top1_percent, 70.0 + candidates_[i][0]);
    EXPECT_EQ(evaluations[i].accuracy.extrapolated, candidates_[i][0] == 2);
  }
  EXPECT_GT(with_figures, 10);
}

TEST_F(EvaluatorTest, WorkersChangeNothing) {
  const auto one = evaluator(1).evaluate(candidates_, {});
  EXPECT_EQ(evaluator(2).evaluate(candidates_, {}), one);
  EXPECT_EQ(evaluator(3).evaluate(candidates_, {}), one);
}

TEST_F(EvaluatorTest, EveryCandidateHasItsTime) {
  for (const int workers : {1, 2}) {
    double sum = 0;
    for (const Evaluation& evaluation : evaluator(workers).evaluate(candidates_, {})) {
      EXPECT_GE(evaluation.took.seconds, 0);
      if (evaluation.ok()) {
        EXPECT_GT(evaluation.took.seconds, 0);
      }
      sum += evaluation.took.seconds;
    }
    EXPECT_GT(sum, 0);
  }
}

TEST_F(EvaluatorTest, ARefusedNetworkIsATrialWithAReasonAndNoFigures) {
  const auto evaluations = evaluator(1).evaluate(candidates_, {});
  int refused = 0;
  for (std::size_t i = 0; i < evaluations.size(); ++i) {
    if (candidates_[i][0] != 1) continue;
    ++refused;
    EXPECT_EQ(evaluations[i].status, TrialStatus::kRefused);
    EXPECT_EQ(evaluations[i].reason, "cannot speak about kernel 5");
    EXPECT_EQ(evaluations[i].costs, Costs{});
    EXPECT_FALSE(evaluations[i].simulated);
  }
  EXPECT_GT(refused, 3);
}

TEST_F(EvaluatorTest, AnInfeasiblePairHasTheSimulatorsReason) {
  // Weights must stay on chip and cannot.
  HardwareSide hardware;
  hardware.baseline.local_memory_mib = 0.0005;
  hardware.baseline.weights = WeightPolicy::kCached;
  const SearchSpace space(setup_.network(), hardware, Scope::kNetwork);
  PairEvaluator evaluator = simulating(space, cache_, 1);
  const auto evaluations = evaluator.evaluate(std::vector<Choices>{{2, 2, 1, 2, 1}}, {});
  ASSERT_EQ(evaluations.size(), 1u);
  EXPECT_EQ(evaluations[0].status, TrialStatus::kInfeasible);
  EXPECT_TRUE(evaluations[0].simulated);
  EXPECT_EQ(evaluations[0].costs.reason, InfeasibleReason::kWeightsDoNotFit);
  EXPECT_TRUE(evaluations[0].reason.starts_with("weights_do_not_fit: ")) << evaluations[0].reason;
}

TEST_F(EvaluatorTest, ASlowSourceIsAskedOnlyAboutNetworksThatRun) {
  const auto quick = evaluator(1).evaluate(candidates_, {});
  const auto slow = std::make_shared<SlowSource>();
  const auto cache = std::make_shared<AccuracyCache>(slow, setup_.network().space);
  PairEvaluator evaluator = simulating(space_, cache, 1);
  const auto evaluations = evaluator.evaluate(candidates_, {});
  ASSERT_EQ(evaluations.size(), quick.size());
  for (std::size_t i = 0; i < quick.size(); ++i) {
    if (evaluations[i].status == TrialStatus::kInfeasible) {
      EXPECT_FALSE(quick[i].ok());
    } else {
      EXPECT_EQ(evaluations[i], quick[i]);
    }
  }

  HardwareSide hardware;  // on which nothing runs
  hardware.baseline.local_memory_mib = 0.0005;
  hardware.baseline.weights = WeightPolicy::kCached;
  const SearchSpace none(setup_.network(), hardware, Scope::kNetwork);
  slow->asked = 0;
  PairEvaluator blocked = simulating(none, cache, 1);
  const auto infeasible = blocked.evaluate(std::vector<Choices>{{0, 2, 1, 2, 1}}, {});
  EXPECT_EQ(infeasible.at(0).status, TrialStatus::kInfeasible);
  EXPECT_EQ(slow->asked, 0);
}

TEST_F(EvaluatorTest, ASlowSourceIsNotAskedAboutWhatBreaksALimitOnACost) {
  const auto all = evaluator(1).evaluate(candidates_, {});
  std::vector<double> latencies;
  for (const Evaluation& evaluation : all) {
    if (evaluation.ok()) latencies.push_back(evaluation.costs.latency_ms);
  }
  std::sort(latencies.begin(), latencies.end());
  const double limit = latencies[latencies.size() / 2];
  Objective objective;
  objective.pareto = {&find_metric("top1_percent"), &find_metric("latency_ms")};
  objective.constraints = {{&find_metric("latency_ms"), limit},
                           {&find_metric("top1_percent"), 75}};  // not known before it is asked
  const PairDomain domain{space_.network(), space_.hardware()};
  const auto costs = find_cost_model("simulation").make({domain, {"16nm", 1, {}, {}}, nullptr});

  const auto slow = std::make_shared<SlowSource>();
  PairEvaluator limited(space_, std::make_shared<AccuracyCache>(slow, setup_.network().space),
                        costs, objective.constraints);
  const auto evaluations = limited.evaluate(candidates_, {});
  int skipped = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Evaluation& evaluation = evaluations[i];
    EXPECT_EQ(evaluation.status == TrialStatus::kSkipped, evaluation.costs.latency_ms > limit);
    if (evaluation.status != TrialStatus::kSkipped) continue;
    ++skipped;
    EXPECT_THAT(evaluation.reason, testing::StartsWith("constraint: latency_ms "));
    EXPECT_FALSE(evaluation.has(find_metric("top1_percent")));
    EXPECT_TRUE(evaluation.has(find_metric("latency_ms")));
    const Outcome outcome = objective.outcome(evaluation);
    EXPECT_FALSE(outcome.valid);
    EXPECT_FALSE(outcome.acceptable());
    EXPECT_DOUBLE_EQ(outcome.violation, (evaluation.costs.latency_ms - limit) / limit);
  }
  EXPECT_GT(skipped, 5);

  // A quick source costs nothing to ask.
  PairEvaluator quick(space_, cache_, costs, objective.constraints);
  EXPECT_EQ(quick.evaluate(candidates_, {}), all);
}

TEST_F(EvaluatorTest, StoppedItGivesThePrefixThatIsDone) {
  const auto all = evaluator(1).evaluate(candidates_, {});
  for (const int workers : {1, 2}) {
    int asked = 0;
    cache_->restart({}, {});
    const auto some = evaluator(workers).evaluate(candidates_, [&] { return ++asked <= 50; });
    ASSERT_LT(some.size(), all.size());
    EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin()));
  }
}

TEST_F(EvaluatorTest, ANetworkIsAskedForOnce) {
  auto twice = candidates_;
  twice.insert(twice.end(), candidates_.begin(), candidates_.end());
  evaluator(1).evaluate(twice, {});
  EXPECT_LE(source_->asked, static_cast<int>(candidates_.size()));
}

TEST_F(EvaluatorTest, AnEnsembleSaysHowFarItsMembersAreApart) {
  LabellingOptions labelling;
  labelling.seed = 4;
  const NetworkSpace& networks = *setup_.network().space;
  const DesignSpace& accelerators = *setup_.hardware().space;
  Dataset labels = empty_dataset(networks, accelerators, labelling);
  label_pairs(labels, networks, accelerators, 300, labelling, {});
  TrainingOptions options;
  options.epochs = 3;
  options.hidden = {16};
  for (const std::size_t members : {1, 2}) {
    options.ensemble = members;
    const auto surrogate =
        std::make_shared<const Surrogate>(train_surrogate(labels, options).model);
    CostModelInputs inputs = setup_.cost_inputs(1);
    inputs.predict = predictions_of(surrogate);
    PairEvaluator evaluator(space_, cache_,
                            find_cost_model("surrogate_then_simulation").make(inputs));
    int with_figures = 0;
    for (const Evaluation& evaluation : evaluator.evaluate(candidates_, {})) {
      EXPECT_FALSE(evaluation.simulated);
      EXPECT_EQ(evaluation.costs.spread.has_value(), evaluation.ok() && members == 2);
      if (!evaluation.ok()) continue;
      ++with_figures;
      if (members == 1) continue;
      EXPECT_GT(evaluation.costs.spread->latency_percent, 0);
      EXPECT_GT(evaluation.costs.spread->energy_percent, 0);
    }
    EXPECT_GT(with_figures, 10);
  }
}

/// Counts what it is asked for.
class CountingEvaluator : public Evaluator {
 public:
  explicit CountingEvaluator(std::vector<Choices>& log) : log_(log) {}
  std::vector<Evaluation> evaluate(std::span<const Choices> candidates, const KeepGoing&) override {
    std::vector<Evaluation> evaluations;
    for (const Choices& choices : candidates) {
      log_.push_back(choices);
      Evaluation evaluation;
      give_figures(evaluation, 70, 1.0 + choices[0], 50);
      evaluation.took.seconds = 1;
      evaluations.push_back(evaluation);
    }
    return evaluations;
  }

 private:
  std::vector<Choices>& log_;
};

TEST_F(EvaluatorTest, TheCacheEvaluatesEqualCandidatesOnce) {
  std::vector<Choices> log;
  CachedEvaluator cached(space_, std::make_unique<CountingEvaluator>(log));
  const Choices a{0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  Choices same_as_a = a;
  same_as_a[2] = 1;  // of a block that is left out
  const Choices b{1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  const auto evaluations = cached.evaluate(std::vector<Choices>{a, same_as_a, b, a}, {});
  EXPECT_EQ(log, (std::vector<Choices>{a, b}));
  ASSERT_EQ(evaluations.size(), 4u);
  EXPECT_EQ(evaluations[0], evaluations[1]);
  EXPECT_EQ(evaluations[0], evaluations[3]);
  EXPECT_NE(evaluations[0], evaluations[2]);
  const auto took = [](const Evaluation& evaluation) { return evaluation.took.seconds; };
  EXPECT_EQ(took(evaluations[0]), 1);
  EXPECT_EQ(took(evaluations[1]), 0) << "it was known";
  EXPECT_EQ(took(evaluations[2]), 1);
  EXPECT_EQ(took(evaluations[3]), 0);

  Choices c = b;
  c[0] = 2;
  cached.remember(c, evaluations[0]);
  const Evaluation remembered = cached.evaluate(std::vector<Choices>{c}, {})[0];
  EXPECT_EQ(remembered, evaluations[0]);
  EXPECT_EQ(took(remembered), 0);
  EXPECT_EQ(log.size(), 2u);
}

}  // namespace
}  // namespace dovetail
