// Studies that a surrogate judges: cost.model surrogate, with one that is tuned to measurements.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/files/atomic_file.h"
#include "cost/surrogate/data/labelling.h"
#include "cost/surrogate/training/fine_tuning.h"
#include "cost/surrogate/training/trainer.h"
#include "nas/analysis/best_trials.h"
#include "nas/analysis/export_pair.h"
#include "nas/analysis/overview_report.h"
#include "nas/analysis/study_overview.h"
#include "nas/analysis/study_report.h"
#include "nas/analysis/trial_table.h"
#include "nas/objective/pareto.h"
#include "nas/study/ask_tell.h"
#include "tests/nas/study/study_fixture.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kJudged = "cost: {model: surrogate, surrogate: {file: ./tuned.h5}}\n";

/// What the made-up chip takes where the simulator says `ms`: the more rows of PEs, the slower.
double on_silicon(double ms, const Choices& hardware) {
  return 1.8 * ms * (1 + 0.3 * hardware[0]);
}

class PredictedCostsInStudies : public StudyTest {
 protected:
  PredictedCostsInStudies() {
    const NetworkSpace networks = NetworkSpace::load(files_.path() / "net.yaml");
    const DesignSpace accelerators = DesignSpace::load(files_.path() / "hw.yaml");
    LabellingOptions labelling;
    Dataset labels = empty_dataset(networks, accelerators, labelling);
    label_pairs(labels, networks, accelerators, 600, labelling, {});
    TrainingOptions options;
    options.epochs = 40;
    options.hidden = {32, 32};
    const Surrogate base = train_surrogate(labels, options).model;
    base.save(files_.path() / "base.h5");
    Measurements measured;
    for (std::size_t i = 0; i < 40; ++i) {
      measured.network.push_back(labels.network(i));
      measured.hardware.push_back(labels.hardware(i));
      const double ms = on_silicon(labels.label(i).latency_ms, measured.hardware.back());
      measured.costs.push_back({ms, std::nan("")});
    }
    fine_tune(base, measured).model.save(files_.path() / "tuned.h5");
  }

  std::string refusal(const std::string& changes) const {
    return message_of<InputError>([&] { const StudySetup setup(files_.config(changes)); });
  }
};

TEST_F(PredictedCostsInStudies, TheSurrogateHasTheLastWordAndNothingIsSimulated) {
  const StudySetup setup(files_.config(kJudged));
  const FoundStudy found = run(setup, options("out"));
  ASSERT_TRUE(found.complete);
  EXPECT_EQ(found.trials, 96);
  const Surrogate tuned = Surrogate::load(files_.path() / "tuned.h5");
  const SearchSpace& space = setup.space("joint");
  for (const StoredTrial& trial : found.results().study.trials) {
    const Evaluation& evaluation = trial.record.evaluation;
    ASSERT_TRUE(evaluation.ok()) << evaluation.reason;
    EXPECT_FALSE(evaluation.simulated);
    EXPECT_EQ(trial.stage, to_string(Stage::kSearch));
    const Candidate candidate = space.decode(trial.record.choices);
    const Costs said =
        tuned.predict(std::span(&candidate.network, 1), std::span(&candidate.hardware, 1))[0].costs;
    EXPECT_EQ(evaluation.costs.latency_ms, said.latency_ms);
    EXPECT_EQ(evaluation.costs.energy_mj, said.energy_mj);
    EXPECT_EQ(evaluation.costs.area_mm2, setup.simulator()->area_mm2(candidate.accelerator));
  }

  // The front is of predictions, and nothing that was asked for dominates it.
  const RunResult& result = found.results().runs.front();
  ASSERT_GT(result.front.size(), 2U);
  EXPECT_EQ(result.final_trials.size(), 96U);
  EXPECT_EQ(result.simulated(), 0U);
  double predicted_error = 0, simulated_error = 0;
  for (const StoredTrial* member : result.front) {
    const Outcome mine = found.results().study.outcome(*member);
    EXPECT_LE(member->record.evaluation.costs.area_mm2, setup.baseline_area_mm2());
    for (const StoredTrial& other : found.results().study.trials) {
      EXPECT_FALSE(constrained_dominates(found.results().study.outcome(other), mine));
    }
    const Candidate candidate = space.decode(member->record.choices);
    const double simulated_ms =
        setup.simulator()
            ->run(space.build_network(member->record.choices), candidate.accelerator)
            .latency_ms;
    const double truth = on_silicon(simulated_ms, candidate.hardware);
    predicted_error += std::abs(member->record.evaluation.costs.latency_ms / truth - 1);
    simulated_error += std::abs(simulated_ms / truth - 1);
  }
  // That is what it is for: the tuned surrogate knows the chip better than the simulator does.
  EXPECT_LT(predicted_error, simulated_error / 2);
}

TEST_F(PredictedCostsInStudies, WhatIsSaidOfItCallsItsFiguresPredicted) {
  const StudySetup setup(files_.config(kJudged));
  const FoundStudy found = run(setup, options("out"));
  ASSERT_TRUE(found.complete);
  const StudyResults& results = found.results();
  EXPECT_THAT(results_text(setup, results),
              AllOf(HasSubstr("Best pairs (predicted)"), HasSubstr("of the predicted front"),
                    Not(HasSubstr("simulated"))));
  const std::filesystem::path folder = options("out").folder;
  const std::string shown = overview_text(results.study, StudyState::of(folder / "study.db"),
                                          study_overview(results.study));
  EXPECT_THAT(shown, AllOf(HasSubstr("predicted by"), HasSubstr("tuned.h5"),
                           HasSubstr("Best so far (predicted"), Not(HasSubstr("simulated"))));
  EXPECT_THAT(read_file(folder / "pareto.csv"), HasSubstr("\n# figures: predicted\n"));
  EXPECT_THAT(read_file(folder / "hypervolume.csv"), HasSubstr(",96,0,"));

  // `study best` finds the front without being asked for predictions, and once if it is.
  const TrialList& front = results.fronts.at("joint");
  BestQuery with_predictions;
  with_predictions.predicted = true;
  for (const BestQuery& query : {BestQuery{}, with_predictions}) {
    EXPECT_EQ(best_trials(results.study, query), front);
    EXPECT_THAT(best_text(results.study, query, front, 0),
                AllOf(HasSubstr(", predicted\n"), Not(HasSubstr("or predicted"))));
  }
  EXPECT_THAT(trials_csv(results.study, {front.front()}), HasSubstr(",search,"));

  PairExtras extras;
  extras.card = true;
  export_pair(folder, front.front()->record.id, files_.path() / "pair", {}, extras);
  EXPECT_THAT(read_file(files_.path() / "pair/pair.yaml"),
              AllOf(HasSubstr("costs_from: prediction\nsurrogate: "), HasSubstr("tuned.h5")));
  EXPECT_THAT(read_file(files_.path() / "pair/README.md"),
              AllOf(HasSubstr("batch 1 | prediction, not simulated |"), HasSubstr("| area model |"),
                    HasSubstr("Costs were predicted")));
}

TEST_F(PredictedCostsInStudies, ItGoesOnWithTheSameModelAndToMoreEvaluations) {
  const auto judged = [&](const std::string& size) {
    return StudySetup(files_.config(kJudged + size));
  };
  ASSERT_TRUE(run(judged(""), options("whole")).complete);
  ASSERT_TRUE(run(judged("evaluations: 48\n"), options("grown")).complete);
  StudyOptions growing = options("grown", 2);
  growing.resume = growing.may_grow = true;
  ASSERT_TRUE(run(judged(""), growing).complete);
  EXPECT_EQ(content("grown"), content("whole"));

  StudyOptions again = options("whole");
  again.resume = true;
  files_.folder().write("tuned.h5", read_file(files_.path() / "base.h5"));
  EXPECT_THAT(message_of<InputError>([&] { run(judged(""), again); }),
              HasSubstr("the file of the surrogate has changed"));
}

TEST_F(PredictedCostsInStudies, APhaseHandsOnWhatThePredictionsSayIsBest) {
  const StudySetup setup(files_.config(
      std::string(kJudged) +
      "scope: phase\nphase: {first: hardware, hardware_evaluations: 48}\nnetwork: {space: "
      "./net.yaml, fixed: {k0: 5, e0: 4, k1: 3, e1: 4, d: 2}}\nobjective: {pareto: [top1_percent, "
      "latency_ms], reference: {top1_percent: 60, latency_ms: 0.1}, reward: {kind: nahas_hard, "
      "targets: {latency_ms: 0.01, area_mm2: baseline}}}\n"));
  const FoundStudy found = run(setup, options("out"));
  ASSERT_TRUE(found.complete);
  const SearchSpace& space = setup.space("phase");
  double fastest_ms = HUGE_VAL;
  std::set<Choices> of_first, of_second;
  Choices fastest;
  for (const StoredTrial& trial : found.results().study.trials) {
    const Choices hardware = space.decode(trial.record.choices).hardware;
    (trial.record.step == 0 ? of_first : of_second).insert(hardware);
    const Costs& costs = trial.record.evaluation.costs;
    if (trial.record.step > 0 || costs.area_mm2 > setup.baseline_area_mm2()) continue;
    if (costs.latency_ms >= fastest_ms) continue;
    fastest_ms = costs.latency_ms;
    fastest = hardware;
  }
  EXPECT_GT(of_first.size(), 10U);
  EXPECT_EQ(of_second, std::set<Choices>{fastest});
}

TEST_F(PredictedCostsInStudies, WhatItCannotSayOrDoesNotDoIsAnError) {
  const auto with = [](const std::string& more) {
    return "cost: {model: surrogate, surrogate: {file: ./tuned.h5}" + more + "}\n";
  };
  EXPECT_THAT(refusal(kJudged + std::string("constraints: {peak_local_memory_kib: 400}\n")),
              AllOf(HasSubstr("'surrogate' does not predict 'peak_local_memory_kib'"),
                    HasSubstr("allowed with it: simulation")));
  EXPECT_THAT(refusal("cost: {model: surrogate}\n"), HasSubstr("'surrogate' is missing"));
  EXPECT_THAT(refusal("cost: {model: surrogate, surrogate: {}}\n"), HasSubstr("'file' is missing"));
  EXPECT_THAT(refusal("cost: {model: surrogate, surrogate: {labels: 500}}\n"),
              HasSubstr("'file' is missing"));
  EXPECT_THAT(refusal("cost: {model: surrogate, surrogate: {file: ./tuned.h5, labels: 500}}\n"),
              HasSubstr("trained already"));
  for (const std::string more : {", resimulate: 5", ", rounds: 2", ", explore_share: 0.5"}) {
    EXPECT_THAT(refusal(with(more)), HasSubstr("model 'surrogate' does not use it")) << more;
  }
  EXPECT_THAT(refusal(with(", service: 'localhost:9'")), HasSubstr("does not simulate"));
  EXPECT_THAT(refusal(with(", predicted_limits: 9")), HasSubstr("the search is on predictions"));
  EXPECT_THAT(refusal("cost: {model: surrogate, surrogate: {file: ./none.h5}}\n"),
              HasSubstr("none.h5"));
  EXPECT_THAT(message_of<InputError>(
                  [&] { AskTellStudy::require_usable(StudySetup(files_.config(kJudged))); }),
              HasSubstr("cost.model does not predict"));
  // Another technology has other energies; other spaces have other choices.
  const StudySetup other(files_.config(with(", technology: 28nm")));
  EXPECT_THAT(message_of<InputError>([&] { run(other, options("other")); }),
              HasSubstr("the study's is '28nm'"));
  EXPECT_FALSE(std::filesystem::exists(files_.path() / "other"));
  // What is written reads back to the same.
  const std::string text = files_.config(kJudged).to_yaml();
  EXPECT_EQ(StudyConfig::from_yaml(YamlNode::parse(text, "e.yaml"), files_.path()).to_yaml(), text);
}

}  // namespace
}  // namespace dovetail
