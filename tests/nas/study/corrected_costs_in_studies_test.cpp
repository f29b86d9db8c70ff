// Studies whose simulated figures are corrected by what was measured: cost.correction.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/files/atomic_file.h"
#include "base/text/text.h"
#include "cost/figures/simulated.h"
#include "cost/surrogate/correction/correction_fit.h"
#include "cost/surrogate/data/labelling.h"
#include "cost/surrogate/training/trainer.h"
#include "nas/analysis/best_trials.h"
#include "nas/analysis/export_pair.h"
#include "nas/analysis/overview_report.h"
#include "nas/analysis/study_overview.h"
#include "nas/analysis/study_report.h"
#include "nas/analysis/trial_pair.h"
#include "nas/study/ask_tell.h"
#include "tests/nas/study/study_fixture.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kCorrected = "cost: {model: simulation, correction: ./correction.h5}\n";

/// How much slower the made-up chip is than the simulator says.
double slower(const Choices& hardware) {
  return 1.8 * (1 + 0.3 * hardware[0]);
}

class CorrectedCostsInStudies : public StudyTest {
 protected:
  CorrectedCostsInStudies() {
    const NetworkSpace networks = NetworkSpace::load(files_.path() / "net.yaml");
    const DesignSpace accelerators = DesignSpace::load(files_.path() / "hw.yaml");
    LabellingOptions labelling;
    Dataset labels = empty_dataset(networks, accelerators, labelling);
    label_pairs(labels, networks, accelerators, 300, labelling, {});
    TrainingOptions options;
    options.epochs = 20;
    options.hidden = {32, 32};
    const Surrogate base = train_surrogate(labels, options).model;
    base.save(files_.path() / "base.h5");
    Measurements measured;
    for (std::size_t i = 0; i < 40; ++i) {
      measured.network.push_back(labels.network(i));
      measured.hardware.push_back(labels.hardware(i));
      measured.costs.push_back({slower(labels.hardware(i)) * labels.label(i).latency_ms,
                                0.7 * labels.label(i).energy_mj});
    }
    fine_tune(base, measured).model.save(files_.path() / "tuned.h5");
    const auto save = [&](const std::string& probe, const std::string& file) {
      const auto used = simulate_measured(measured, networks, accelerators, "16nm");
      fit_correction(base, used, probe).correction.save(files_.path() / file);
    };
    const std::string probe = probe_simulator(networks, accelerators, "16nm");
    save(probe, "correction.h5");
    save("another", "of_another.h5");
    measured.network.pop_back();
    measured.hardware.pop_back();
    measured.costs.pop_back();
    save(probe, "of_fewer.h5");
  }

  SimulatorCorrection correction() const {
    return SimulatorCorrection::load(files_.path() / "correction.h5");
  }
  /// With what dovetail itself evaluates by, and not with rough predictions.
  static FoundStudy run(const StudySetup& setup, const StudyOptions& options) {
    return run_and_report(setup, options);
  }
  /// What a trial costs by the simulator, corrected here.
  static Costs truth(const StudySetup& setup, const SimulatorCorrection& correction,
                     const TrialRecord& trial) {
    const SearchSpace& space = setup.space(setup.labels().front());
    const Candidate candidate = space.decode(trial.choices);
    const Costs simulated =
        costs_of(setup.simulator()->run(space.build_network(trial.choices), candidate.accelerator));
    return corrected(simulated, correction.ratios({candidate.network, candidate.hardware}));
  }
  std::string refusal(const std::string& changes) const {
    return message_of<InputError>([&] { const StudySetup setup(files_.config(changes)); });
  }
};

TEST_F(CorrectedCostsInStudies, EverySimulatedFigureIsTheCorrectedOne) {
  const StudySetup setup(files_.config(kCorrected));
  const FoundStudy found = run(setup, options("out"));
  ASSERT_TRUE(found.complete);
  const SimulatorCorrection device = correction();
  std::vector<double> latencies;
  for (const StoredTrial& trial : found.results().study.trials) {
    const Evaluation& evaluation = trial.record.evaluation;
    ASSERT_TRUE(evaluation.ok() && evaluation.simulated) << evaluation.reason;
    EXPECT_EQ(evaluation.costs, truth(setup, device, trial.record));
    const Candidate candidate = setup.space("joint").decode(trial.record.choices);
    const double ratio = device.ratios({candidate.network, candidate.hardware})[0];
    EXPECT_NEAR(ratio / slower(candidate.hardware), 1, 0.25);
    latencies.push_back(evaluation.costs.latency_ms);
  }
  ASSERT_EQ(latencies.size(), 96U);

  // A limit is on what the device takes.
  std::ranges::sort(latencies);
  const double limit_ms = latencies[48];
  const StudySetup limited(files_.config(
      kCorrected + fmt::format("constraints: {{latency_ms: {}}}\n", format_number(limit_ms))));
  const FoundStudy within = run(limited, options("limited"));
  ASSERT_TRUE(within.complete);
  std::size_t by_device_alone = 0;
  for (const StoredTrial& trial : within.results().study.trials) {
    const Candidate candidate = limited.space("joint").decode(trial.record.choices);
    const double latency_ms = trial.record.evaluation.costs.latency_ms;
    const double simulated_ms =
        latency_ms / device.ratios({candidate.network, candidate.hardware})[0];
    EXPECT_EQ(within.results().study.outcome(trial).acceptable(), latency_ms <= limit_ms);
    by_device_alone += latency_ms > limit_ms && simulated_ms <= limit_ms ? 1 : 0;
  }
  EXPECT_GT(by_device_alone, 0U);
}

TEST_F(CorrectedCostsInStudies, WorkersAndResumingChangeNoByteAndAnotherFileIsRefused) {
  const auto study = [&](const std::string& more) {
    return StudySetup(files_.config(kCorrected + more));
  };
  ASSERT_TRUE(run(study(""), options("whole")).complete);
  ASSERT_TRUE(run(study(""), options("by_two", 2)).complete);
  EXPECT_EQ(content("by_two"), content("whole"));
  ASSERT_TRUE(run(study("evaluations: 48\n"), options("grown")).complete);
  StudyOptions growing = options("grown", 2);
  growing.resume = growing.may_grow = true;
  ASSERT_TRUE(run(study(""), growing).complete);
  EXPECT_EQ(content("grown"), content("whole"));

  StudyOptions again = options("whole");
  again.resume = true;
  ASSERT_TRUE(run(study(""), again).complete);
  EXPECT_THAT(message_of<InputError>([&] { run(StudySetup(files_.config()), again); }),
              HasSubstr("configuration is not that of the stored study"));
  files_.folder().write("correction.h5", read_file(files_.path() / "of_fewer.h5"));
  EXPECT_THAT(message_of<InputError>([&] { run(study(""), again); }),
              HasSubstr("the file of the correction has changed"));
}

TEST_F(CorrectedCostsInStudies, PredictionsAreCorrectedAndWhatIsSimulatedAgainToo) {
  const std::string cost =
      "cost: {model: surrogate_then_simulation, resimulate: 30, correction: ./correction.h5, ";
  const SimulatorCorrection device = correction();
  const auto check = [&](const std::string& surrogate, const std::string& folder,
                         const std::function<double(const Candidate&)>& predicted_ms) {
    const StudySetup setup(files_.config(cost + surrogate + "}\n"));
    const FoundStudy found = run(setup, options(folder));
    ASSERT_TRUE(found.complete);
    std::size_t simulated = 0;
    for (const StoredTrial& trial : found.results().study.trials) {
      const Costs& costs = trial.record.evaluation.costs;
      if (!trial.record.evaluation.simulated) {
        const Candidate candidate = setup.space("joint").decode(trial.record.choices);
        if (predicted_ms) {
          EXPECT_DOUBLE_EQ(costs.latency_ms, predicted_ms(candidate));
        }
        continue;
      }
      EXPECT_EQ(costs, truth(setup, device, trial.record));
      ++simulated;
    }
    EXPECT_GE(simulated, 30U);
    // Both are of the device: what was predicted is near what is simulated and corrected.
    for (const RoundResult& round : found.results().rounds) {
      EXPECT_LT(round.latency_error_percent.value(), 30) << folder << " " << round.step;
    }
  };
  const Surrogate base = Surrogate::load(files_.path() / "base.h5"),
                  tuned = Surrogate::load(files_.path() / "tuned.h5");
  const auto said = [](const Surrogate& model, const Candidate& c) {
    return model.predict({&c.network, 1}, {&c.hardware, 1})[0].costs.latency_ms;
  };
  check("surrogate: {file: ./base.h5}", "base", [&](const Candidate& c) {
    return said(base, c) * device.ratios({c.network, c.hardware})[0];
  });
  // A tuned surrogate is of the device already.
  check("surrogate: {file: ./tuned.h5}", "tuned",
        [&](const Candidate& c) { return said(tuned, c); });
  // A refitted one learns the simulator, not the correction, which would count twice.
  check("rounds: 3, stop_gain_percent: 0, surrogate: {labels: 200, epochs: 60}", "rounds", {});
  check("rounds: 3, stop_gain_percent: 0, surrogate: {labels: 200, model: log_linear}", "other",
        {});
}

TEST_F(CorrectedCostsInStudies, WhatIsSaidOfItCallsItsFiguresCorrected) {
  const StudySetup setup(files_.config(kCorrected));
  const FoundStudy found = run(setup, options("out"));
  ASSERT_TRUE(found.complete);
  const StudyResults& results = found.results();
  EXPECT_THAT(results_text(setup, results),
              AllOf(HasSubstr("Best pairs (corrected)"), HasSubstr("of the corrected front")));
  const std::filesystem::path folder = options("out").folder;
  EXPECT_THAT(overview_text(results.study, StudyState::of(folder / "study.db"),
                            study_overview(results.study)),
              AllOf(HasSubstr("simulated and corrected by what was measured"),
                    HasSubstr("correction.h5"), HasSubstr("Best so far (corrected")));
  EXPECT_THAT(read_file(folder / "pareto.csv"), HasSubstr("\n# figures: corrected\n"));
  const TrialList& front = results.fronts.at("joint");
  EXPECT_EQ(best_trials(results.study, {}), front);
  EXPECT_THAT(best_text(results.study, {}, front, 0), HasSubstr(", corrected\n"));

  const StoredTrial& trial = *front.front();
  PairExtras extras;
  extras.card = true;
  export_pair(folder, trial.record.id, files_.path() / "pair", {}, extras);
  EXPECT_THAT(
      read_file(files_.path() / "pair/pair.yaml"),
      AllOf(HasSubstr("costs_from: simulation, corrected\ncorrection: "),
            HasSubstr("correction.h5"),
            HasSubstr(fmt::format("latency_ms: {}  #",
                                  format_number(trial.record.evaluation.costs.latency_ms)))));
  EXPECT_THAT(read_file(files_.path() / "pair/README.md"),
              AllOf(HasSubstr("batch 1 | simulation, corrected by what was measured |"),
                    HasSubstr("in a PE | simulation |"), HasSubstr("| area model |"),
                    HasSubstr("corrected by a few measurements of a device")));
  extras = {};
  extras.costs = true;
  EXPECT_THAT(message_of<InputError>([&] {
                export_pair(folder, trial.record.id, files_.path() / "layers", {}, extras);
              }),
              HasSubstr("which says nothing of layers"));

  // What `study finish` says a trial costs is what the study does.
  const TrialPair pair = load_trial_pair(folder, trial.record.id);
  ASSERT_NE(pair.correction, nullptr);
  EXPECT_EQ(corrected(costs_of(setup.simulator()->run(pair.network, pair.accelerator)),
                      pair.correction->ratios({pair.network_choices, pair.hardware_choices})),
            trial.record.evaluation.costs);
}

TEST_F(CorrectedCostsInStudies, WhereItMakesNoSenseItIsAnError) {
  const auto with = [](const std::string& model) {
    return "cost: {model: " + model + ", correction: ./correction.h5}\n";
  };
  EXPECT_THAT(refusal(with("surrogate, surrogate: {file: ./tuned.h5}")),
              HasSubstr("model 'surrogate' does not simulate"));
  EXPECT_THAT(refusal(with("table, file: ./t.csv")), HasSubstr("model 'table' does not simulate"));
  EXPECT_THAT(refusal(with("command, command: [sh], timeout_s: 1")),
              HasSubstr("model 'command' does not simulate"));
  EXPECT_THAT(refusal(with("simulation, technology: 28nm")), HasSubstr("at technology '16nm'"));
  EXPECT_THAT(refusal("cost: {model: simulation, correction: ./none.h5}\n"), HasSubstr("none.h5"));
  EXPECT_THAT(refusal("cost: {model: simulation, correction: ./base.h5}\n"),
              AllOf(HasSubstr("base.h5"), HasSubstr("expected dovetail.correction/1")));
  const StudySetup swapped(files_.config(
      "cost: {model: surrogate_then_simulation, surrogate: {file: ./correction.h5}}\n"));
  EXPECT_THAT(message_of<InputError>([&] { run(swapped, options("other")); }),
              HasSubstr("has schema dovetail.correction/1, expected dovetail.surrogate/"));
  // Pairs of which it has no choices, or other ones.
  EXPECT_THAT(refusal(kCorrected + std::string("hardware: {space: nahas_edge}\n")),
              HasSubstr("correction.h5"));
  EXPECT_THAT(refusal(kCorrected + std::string("scope: network\nhardware: {space: ./hw.yaml, "
                                               "baseline: nahas_baseline}\n")),
              HasSubstr("on which the correction is trained"));
  EXPECT_THAT(
      refusal(kCorrected + std::string("scope: hardware\nnetwork: {fixed: mobilenetv2_0.35_96}\n"
                                       "accuracy: {source: none}\nobjective: {pareto: [latency_ms, "
                                       "area_mm2], reference: {latency_ms: 1, area_mm2: 99}}\n")),
      HasSubstr("a correction needs a network space"));
  std::string several = read_file(files_.write_study(
      "networks:\n  - {space: ./net.yaml}\n  - {network: mobilenetv2_0.35_96}\n" +
      std::string(kCorrected)));
  several.erase(several.find("network: "), several.find("hardware: ") - several.find("network: "));
  EXPECT_THAT(message_of<InputError>([&] {
                StudyConfig::from_yaml(YamlNode::parse(several, "s.yaml"), files_.path());
              }),
              AllOf(HasSubstr("correction"), HasSubstr("not about 'networks' or 'targets'")));
  // Another simulator is found out before anything is written.
  const StudySetup other(files_.config("cost: {model: simulation, correction: ./of_another.h5}\n"));
  EXPECT_THAT(message_of<InputError>([&] { run(other, options("other")); }),
              HasSubstr("corrects another simulator"));
  EXPECT_FALSE(std::filesystem::exists(files_.path() / "other"));
  EXPECT_THAT(message_of<InputError>([&] { AskTellStudy::require_usable(other); }),
              HasSubstr("corrects another simulator"));
  // What is written reads back to the same.
  const std::string text = files_.config(kCorrected).to_yaml();
  EXPECT_THAT(text, HasSubstr("correction.h5"));
  EXPECT_EQ(StudyConfig::from_yaml(YamlNode::parse(text, "e.yaml"), files_.path()).to_yaml(), text);
}

}  // namespace
}  // namespace dovetail
