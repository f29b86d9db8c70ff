// Studies on costs that somebody has measured: cost.model table.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/atomic_file.h"
#include "nas/analysis/export_pair.h"
#include "nas/analysis/overview_report.h"
#include "nas/analysis/study_overview.h"
#include "nas/analysis/study_report.h"
#include "nas/analysis/trial_pair.h"
#include "tests/nas/study/study_fixture.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// What the made-up devices take: the second is faster, but for long networks.
double made_up_ms(const Choices& choices, bool second) {
  const double work = 1 + choices[0] + 2 * choices[1] + choices[4] * (1 + choices[2] + choices[3]);
  return second ? 0.5 + 0.1 * work * work : work;
}

class MeasuredCostsInStudies : public StudyTest {
 protected:
  /// Two devices; of every fifth network nothing.
  void write_table(const std::string& file) const {
    const NetworkSpace space = NetworkSpace::load(files_.path() / "net.yaml");
    std::string csv = "k0,e0,k1,e1,d,latency_ms,energy_mj,ms on b,rate on a\n";
    int row = 0;
    for (std::uint64_t i = 0; i < *space.decisions().count(); ++i) {
      const Choices choices = space.decisions().from_index(i);
      if (choices != space.canonical(choices) || row++ % 5 == 0) continue;
      for (std::size_t d = 0; d < choices.size(); ++d) {
        csv += space.decisions()[d].choices[choices[d]] + ",";
      }
      const double ms = made_up_ms(choices, false);
      csv += fmt::format("{},{},{},{}\n", ms, 2 * ms, made_up_ms(choices, true), 1000 / ms);
    }
    files_.folder().write(file, csv);
  }

  /// One key a line, each of which `changes` may have instead.
  static constexpr const char* kStudy =
      "schema: dovetail.study/1\n"
      "name: measured\n"
      "scope: network\n"
      "network: {space: ./net.yaml}\n"
      "accuracy: {source: predictor, file: ./predictor.json}\n"
      "cost: {model: table, file: t.csv}\n"
      "objective: {pareto: [top1_percent, latency_ms], reference: {top1_percent: 60, latency_ms: "
      "20}}\n"
      "constraints: {energy_mj: 16}\n"
      "strategy: {name: random}\n"
      "evaluations: 63\n"
      "seeds: [1]\n";

  StudyConfig config(const std::string& changes = "") const {
    std::string text;
    for (const std::string& line : split(kStudy, '\n')) {
      const std::string key = line.substr(0, line.find(':') + 1);
      const bool changed =
          changes.starts_with(key) || changes.find("\n" + key) != std::string::npos;
      if (!line.empty() && !changed) text += line + "\n";
    }
    return StudyConfig::load(files_.folder().write("measured.yaml", text + changes));
  }
  std::string error(const std::string& changes) const {
    return message_of<InputError>([&] { const StudySetup setup(config(changes)); });
  }
};

TEST_F(MeasuredCostsInStudies, AStudyNeedsNoAcceleratorAndRefusesWhatIsNotMeasured) {
  write_table("t.csv");
  const StudySetup setup(config());
  const FoundStudy found = run(setup, options("out"));
  ASSERT_TRUE(found.complete);
  int refused = 0, over = 0;
  for (const StoredTrial& trial : found.results().study.trials) {
    const Evaluation& evaluation = trial.record.evaluation;
    if (evaluation.status == TrialStatus::kRefused) {
      EXPECT_THAT(evaluation.reason, HasSubstr("t.csv: has no network k0="));
      ++refused;
      continue;
    }
    ASSERT_TRUE(evaluation.ok()) << evaluation.reason;
    const double ms = made_up_ms(trial.record.choices, false);
    EXPECT_NEAR(evaluation.value(find_metric("latency_ms")), ms, 1e-9 * ms);
    EXPECT_NEAR(evaluation.value(find_metric("power_mw")), 2000, 1e-6);
    EXPECT_FALSE(evaluation.has(find_metric("area_mm2")));
    over += found.results().study.outcome(trial).acceptable() ? 0 : 1;
  }
  EXPECT_EQ(refused, 13);  // of 63 networks
  EXPECT_GT(over, 0);

  // What is said of it says that nothing was simulated, and that there is no accelerator.
  const StudyResults& results = found.results();
  EXPECT_THAT(results_text(setup, results),
              AllOf(HasSubstr("Best pairs (measured)"), HasSubstr("none"), Not(HasSubstr("nan")),
                    Not(HasSubstr("simulated"))));
  const std::filesystem::path folder = options("out").folder;
  const std::string shown = overview_text(results.study, StudyState::of(folder / "study.db"),
                                          study_overview(results.study));
  EXPECT_THAT(shown, AllOf(HasSubstr("measured"), Not(HasSubstr("simulated")), HasSubstr("t.csv")));
  const std::int64_t best = results.fronts.at("fixed_hardware").front()->record.id;
  export_pair(folder, best, files_.path() / "pair", {});
  EXPECT_FALSE(std::filesystem::exists(files_.path() / "pair/accelerator.yaml"));
  EXPECT_TRUE(std::filesystem::exists(files_.path() / "pair/network.yaml"));
  EXPECT_THAT(read_file(files_.path() / "pair/pair.yaml"),
              AllOf(HasSubstr("costs_from: table"), HasSubstr("There is no accelerator")));
  EXPECT_THAT(message_of<InputError>([&] { load_trial_pair(folder, best); }),
              AllOf(HasSubstr("no accelerator"), HasSubstr("t.csv")));

  // It goes on only with the same file.
  StudyOptions again = options("out");
  again.resume = true;
  EXPECT_TRUE(run(StudySetup(config()), again).complete);
  files_.folder().write("t.csv", read_file(files_.path() / "t.csv") + "3,2,3,2,1,9,9,9,9\n");
  EXPECT_THAT(message_of<InputError>([&] { run(StudySetup(config()), again); }),
              HasSubstr("the file of the costs has changed"));
}

TEST_F(MeasuredCostsInStudies, WithThePointsOfTheFileNothingIsRefused) {
  write_table("t.csv");
  const std::string study =
      "network: {space: ./net.yaml, points: t.csv}\nstrategy: {name: nsga2}\n";
  const FoundStudy found = run(StudySetup(config(study)), options("out"));
  ASSERT_TRUE(found.complete);
  EXPECT_EQ(found.trials, 50);  // and then there is nothing left to ask
  for (const StoredTrial& trial : found.results().study.trials) {
    EXPECT_TRUE(trial.record.evaluation.ok()) << trial.record.evaluation.reason;
  }
}

TEST_F(MeasuredCostsInStudies, TargetsAreNamesOfWhatWasMeasured) {
  write_table("t.csv");
  const std::string study =
      "targets:\n  - {name: a, latency_ms: 8}\n  - {name: b, latency_ms: 6}\n"
      "network: {space: ./net.yaml, points: t.csv}\n"
      "cost: {model: table, file: t.csv, columns: {inferences_per_s@a: rate on a, latency_ms@b: ms "
      "on b}}\n"
      "objective: {pareto: [top1_percent, latency_ratio_max], reference: {top1_percent: 60, "
      "latency_ratio_max: 3}}\nconstraints: {latency_ms@b: 5.5}\nevaluations: 60\n";
  const StudySetup setup(config(study));
  const FoundStudy found = run(setup, options("out"));
  ASSERT_TRUE(found.complete);
  EXPECT_EQ(found.trials, 50);
  int within = 0;
  for (const StoredTrial& trial : found.results().study.trials) {
    ASSERT_TRUE(trial.record.evaluation.ok()) << trial.record.evaluation.reason;
    const double a = made_up_ms(trial.record.choices, false),
                 b = made_up_ms(trial.record.choices, true);
    const auto value = [&](const std::string& key) {
      return trial.record.evaluation.value(find_metric(key));
    };
    EXPECT_NEAR(value("latency_ms@a"), a, 1e-9 * a);
    EXPECT_NEAR(value("latency_ratio_max"), std::max(a / 8, b / 6), 1e-9 * a);
    EXPECT_NEAR(value("latency_ms"), std::max(a, b), 1e-9 * (a + b));
    const bool holds = a <= 8 && b <= 5.5;
    EXPECT_EQ(found.results().study.outcome(trial).acceptable(), holds);
    within += holds ? 1 : 0;
  }
  EXPECT_GT(within, 0);
  EXPECT_LT(within, 50);
  EXPECT_THAT(results_text(setup, found.results()), Not(HasSubstr("nan")));
  // What is written reads back to the same.
  const std::string text = setup.config().to_yaml();
  EXPECT_EQ(StudyConfig::from_yaml(YamlNode::parse(text, "e.yaml"), files_.path()).to_yaml(), text);
}

TEST_F(MeasuredCostsInStudies, WhereHardwareIsSearchedItHasColumns) {
  std::string csv =
      "k0,e0,k1,e1,d,hw.pes_x,hw.pes_y,hw.simd_units,hw.local_memory_mib,"
      "hw.compute_lanes,latency_ms,area_mm2\n";
  for (const int pes : {1, 2, 4}) {
    csv += fmt::format("3,2,3,2,1,{0},2,16,2,2,{1},{0}\n7,6,3,2,1,{0},2,16,2,2,{2},{0}\n", pes,
                       8.0 / pes, 24.0 / pes);
  }
  files_.folder().write("t.csv", csv);
  const StudySetup setup(config(
      "scope: joint\nnetwork: {space: ./net.yaml, points: t.csv}\nhardware: {space: ./hw.yaml}\n"
      "constraints: {area_mm2: 3}\nevaluations: 96\n"));
  const FoundStudy found = run(setup, options("out"));
  ASSERT_TRUE(found.complete);
  ASSERT_EQ(found.trials, 96);
  int known = 0;
  for (const StoredTrial& trial : found.results().study.trials) {
    const Evaluation& evaluation = trial.record.evaluation;
    if (!evaluation.ok()) {
      EXPECT_EQ(evaluation.status, TrialStatus::kRefused);
      continue;
    }
    ++known;
    const double pes = std::vector<double>{1, 2, 4}[trial.record.choices[5]];
    EXPECT_EQ(evaluation.value(find_metric("area_mm2")), pes);
    EXPECT_EQ(found.results().study.outcome(trial).acceptable(), pes <= 3);
  }
  EXPECT_EQ(known, 6);  // an area over the limit is no reason not to ask: it is not known before
}

TEST_F(MeasuredCostsInStudies, WhatDoesNotFitIsAnErrorThatSaysWhy) {
  write_table("t.csv");
  EXPECT_THAT(error("constraints: {area_mm2: 30}\n"),
              AllOf(HasSubstr("t.csv"), HasSubstr("'area_mm2'")));
  EXPECT_THAT(error("constraints: {area_mm2: baseline}\n"), HasSubstr("needs an accelerator"));
  EXPECT_THAT(error("constraints: {peak_local_memory_kib: 3}\n"),
              HasSubstr("'peak_local_memory_kib'"));
  EXPECT_THAT(error("network: {fixed: mobilenetv1_0.25_128}\nscope: hardware\nhardware: "
                    "{space: ./hw.yaml}\n"),
              HasSubstr("'network.space' is missing"));
  EXPECT_THAT(error("cost: {model: table}\n"), HasSubstr("file"));
  EXPECT_THAT(error("cost: {model: table, file: none.csv}\n"), HasSubstr("none.csv"));
  EXPECT_THAT(error("cost: {model: table, file: t.csv, technology: 16nm}\n"),
              HasSubstr("no accelerator"));
  EXPECT_THAT(error("cost: {model: table, file: t.csv, predicted_limits: 9}\n"),
              HasSubstr("does not simulate"));
  EXPECT_THAT(
      error("hardware: {baseline: nahas_baseline}\ncost: {model: simulation, file: t.csv}\n"),
      HasSubstr("reads no file of costs"));
  EXPECT_THAT(error("targets: [{name: a, accelerator: nahas_baseline}]\n"),
              HasSubstr("by their names"));
  EXPECT_THAT(error("targets: [{latency_ms: 3}]\n"), HasSubstr("name"));
  EXPECT_THAT(error("targets: [{name: a}]\n"), HasSubstr("'latency_ms'"));
  std::string of_set = kStudy;
  const std::string network = "network: {space: ./net.yaml}";
  of_set.replace(of_set.find(network), network.size(), "networks: [{space: ./net.yaml}]");
  EXPECT_THAT(
      message_of<InputError>([&] { StudyConfig::load(files_.folder().write("set.yaml", of_set)); }),
      HasSubstr("found 'table', allowed with 'networks' or 'targets': simulation"));
}

}  // namespace
}  // namespace dovetail
