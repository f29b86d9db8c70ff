#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "nas/analysis/export_pair.h"
#include "nas/analysis/study_report.h"
#include "nas/study/study.h"
#include "tests/nas/study/found_study.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// A table of the tiny study's networks, without those that have `left_out` as first decision.
std::string tiny_table(const NetworkSpace& space, int left_out) {
  std::string csv = "k0,e0,k1,e1,d,top1\n";
  for (std::uint64_t i = 0; i < *space.decisions().count(); ++i) {
    const Choices choices = space.decisions().from_index(i);
    if (choices != space.canonical(choices) || choices[0] == left_out) continue;
    for (std::size_t d = 0; d < choices.size(); ++d) {
      csv += space.decisions()[d].choices[choices[d]] + ",";
    }
    csv += std::to_string(65 + choices[0] + choices[1] + 3 * choices[4] + choices[3]) + "\n";
  }
  return csv;
}

TEST(AccuracySourcesInStudies, NoneIsNeededWhereNothingIsAboutIt) {
  const TinyStudy files;
  const std::string costs_alone =
      "scope: hardware\nnetwork: {fixed: mobilenetv1_0.25_128}\naccuracy: {source: none}\n"
      "objective: {pareto: [latency_ms, area_mm2], reference: {latency_ms: 1, area_mm2: 100}, "
      "reward: {kind: nahas_soft, targets: {latency_ms: 0.1, area_mm2: baseline}}}\n"
      "evaluations: 20\n";
  const StudySetup setup(files.config(costs_alone));
  StudyOptions options;
  options.folder = files.path() / "out";
  options.progress = ProgressMode::kQuiet;
  const FoundStudy outcome = run_and_report(setup, options);
  ASSERT_TRUE(outcome.complete);
  for (const StoredTrial& trial : outcome.results().study.trials) {
    const Evaluation& evaluation = trial.record.evaluation;
    ASSERT_TRUE(evaluation.ok()) << evaluation.reason;
    EXPECT_FALSE(evaluation.has(find_metric("top1_percent")));
    EXPECT_GT(*trial.record.reward, 0);
  }
  EXPECT_THAT(results_text(setup, outcome.results()), testing::Not(HasSubstr("nan")));
  options.resume = true;  // what was stored is what is found
  EXPECT_TRUE(run_and_report(setup, options).complete);

  const auto refusal = [&](const std::string& changes) {
    return message_of<InputError>([&] { files.config("accuracy: {source: none}\n" + changes); });
  };
  EXPECT_THAT(refusal(""),
              AllOf(HasSubstr("objective.pareto"), HasSubstr("'accuracy' is missing")));
  EXPECT_THAT(refusal("objective: {pareto: [latency_ms], reference: {latency_ms: 1}, reward: "
                      "{kind: nahas_soft, targets: {latency_ms: 1}}}\n"),
              AllOf(HasSubstr("objective.reward.kind"), HasSubstr("'accuracy' is missing")));
}

TEST(AccuracySourcesInStudies, AStudyOnATableRefusesTheNetworksThatItLacks) {
  const TinyStudy files;
  const NetworkSpace space = NetworkSpace::load(files.path() / "net.yaml");
  files.folder().write("t.csv", tiny_table(space, 1));
  const StudySetup setup(files.config(
      "accuracy: {source: table, file: t.csv}\nstrategy: {name: random}\nevaluations: 60\n"));
  StudyOptions options;
  options.folder = files.path() / "out";
  options.progress = ProgressMode::kQuiet;
  ASSERT_TRUE(run_study(setup, options).complete);
  int refused = 0;
  auto store = std::make_unique<StudyStore>(
      StudyStore::open(options.folder / "study.db", StudyStore::Access::kRead));
  for (const TrialRecord& trial : store->trials(0, Stage::kSearch)) {
    const bool lacking = trial.choices[0] == 1;
    EXPECT_EQ(trial.evaluation.status == TrialStatus::kRefused, lacking);
    refused += lacking ? 1 : 0;
    if (lacking) {
      EXPECT_THAT(trial.evaluation.reason, HasSubstr("t.csv: has no network k0=5"));
    }
  }
  EXPECT_GT(refused, 5);
  EXPECT_TRUE(store->accuracies().empty()) << "a table is quick";
  store.reset();  // whoever reads keeps a writer out

  // Another table is another study.
  files.folder().write("t.csv", tiny_table(space, 2));
  const StudySetup other(files.config(
      "accuracy: {source: table, file: t.csv}\nstrategy: {name: random}\nevaluations: 60\n"));
  options.resume = true;
  EXPECT_THAT(message_of<InputError>([&] { run_study(other, options); }),
              HasSubstr("the file of the accuracy has changed"));
}

TEST(AccuracySourcesInStudies, WithThePointsOfTheTableNoTrialIsRefused) {
  const TinyStudy files;
  const NetworkSpace space = NetworkSpace::load(files.path() / "net.yaml");
  files.folder().write("t.csv", tiny_table(space, 1));
  const std::string study =
      "network: {space: ./net.yaml, points: t.csv}\naccuracy: {source: table, file: t.csv}\n"
      "evaluations: 150\n";
  for (const std::string strategy : {"random", "nsga2", "moead"}) {
    const StudySetup setup(files.config(study + "strategy: {name: " + strategy + "}\n"));
    EXPECT_THAT(setup.description().facts.configuration,
                HasSubstr("points: " + (files.path() / "t.csv").string()));
    StudyOptions options;
    options.folder = files.path() / strategy;
    options.progress = ProgressMode::kQuiet;
    ASSERT_TRUE(run_study(setup, options).complete);
    std::set<Choices> asked;
    {
      const StudyStore store =
          StudyStore::open(options.folder / "study.db", StudyStore::Access::kRead);
      for (const TrialRecord& trial : store.trials(0, Stage::kSearch)) {
        EXPECT_NE(trial.choices[0], 1);
        EXPECT_NE(trial.evaluation.status, TrialStatus::kRefused) << trial.evaluation.reason;
        EXPECT_TRUE(asked.insert(trial.choices).second);
      }
    }
    EXPECT_EQ(asked.size(), 150U);
  }

  // Other points are another study, also where the accuracies are the same.
  files.folder().write("p.csv", tiny_table(space, 1));
  const std::string apart =
      "network: {space: ./net.yaml, points: {file: p.csv}}\n"
      "accuracy: {source: table, file: t.csv}\nevaluations: 20\n";
  StudyOptions options;
  options.folder = files.path() / "apart";
  options.progress = ProgressMode::kQuiet;
  ASSERT_TRUE(run_study(StudySetup(files.config(apart)), options).complete);
  options.resume = true;
  EXPECT_TRUE(run_study(StudySetup(files.config(apart)), options).complete);
  files.folder().write("p.csv", tiny_table(space, 2));
  EXPECT_THAT(message_of<InputError>([&] { run_study(StudySetup(files.config(apart)), options); }),
              HasSubstr("the file of the network points has changed"));
}

TEST(AccuracySourcesInStudies, WhereAllBreakALimitNoProgramIsRunUnlessAllAreWanted) {
  const TinyStudy files;
  files.folder().write("count.sh", "echo >> calls\necho '{\"top1_percent\": 70}'\n");
  // The strategy asks for all, although it could know their areas.
  const auto study = [&](const std::string& ask_all) {
    return files.config("accuracy: {source: command, command: [sh, ./count.sh, '{json}'], " +
                        ask_all +
                        "timeout_s: 1000}\nconstraints: {area_mm2: 0.001}\n"
                        "strategy: {name: exhaustive}\nevaluations: 12\n");
  };
  StudyOptions options;
  options.progress = ProgressMode::kQuiet;
  const auto statuses = [&](const StudyConfig& config, const std::string& folder) {
    options.folder = files.path() / folder;
    EXPECT_TRUE(run_study(StudySetup(config), options).complete);
    std::map<TrialStatus, int> counts;
    const StudyStore store =
        StudyStore::open(options.folder / "study.db", StudyStore::Access::kRead);
    for (const TrialRecord& trial : store.trials(0, Stage::kSearch)) {
      ++counts[trial.evaluation.status];
    }
    return counts;
  };
  const std::map<TrialStatus, int> none = statuses(study(""), "none");
  EXPECT_EQ(none, (std::map<TrialStatus, int>{{TrialStatus::kSkipped, 12}}));
  EXPECT_FALSE(std::filesystem::exists(files.path() / "calls"));
  const StudyConfig all = study("ask_all: true, ");
  EXPECT_THAT(all.to_yaml(), HasSubstr("ask_all: true"));
  EXPECT_EQ(statuses(all, "all"), (std::map<TrialStatus, int>{{TrialStatus::kOk, 12}}));
  EXPECT_GT(read_file(files.path() / "calls").size(), 0U);
  // It is a word of sources that take long.
  EXPECT_THAT(
      message_of<InputError>([&] {
        files.config("accuracy: {source: predictor, file: ./predictor.json, ask_all: true}\n");
      }),
      AllOf(HasSubstr("ask_all"), HasSubstr("does not use it")));
}

TEST(AccuracySourcesInStudies, WhatIsNotAmongThePointsIsRefusedWhereItIsNamed) {
  const TinyStudy files;
  const NetworkSpace space = NetworkSpace::load(files.path() / "net.yaml");
  files.folder().write("t.csv", tiny_table(space, 1));
  const auto error = [&](const std::string& changes) {
    return message_of<InputError>([&] { const StudySetup setup(files.config(changes)); });
  };
  const std::string points = "network: {space: ./net.yaml, points: t.csv";
  EXPECT_THAT(error(points + "}\nstrategy: {start: [{network: 'tiny:k0=5,e0=2,d=1', accelerator: "
                             "nahas_baseline_streamed}]}\n"),
              AllOf(HasSubstr("strategy.start, candidate 1"), HasSubstr("has no network k0=5")));
  EXPECT_THAT(
      error("scope: hardware\n" + points + ", fixed: {k0: 3, e0: 2, k1: 3, e1: 2, d: 1}}\n"),
      AllOf(HasSubstr("points"), HasSubstr("searches no network")));
  EXPECT_THAT(error(points + "s}\n"), HasSubstr("t.csvs"));
  EXPECT_THAT(error("network: {space: ./net.yaml, points: {files: t.csv}}\n"),
              AllOf(HasSubstr("files"), HasSubstr("file")));
  EXPECT_THAT(error("network: {space: ./net.yaml, points: {file: t.csv, digits_column: k0}}\n"),
              HasSubstr("digits"));
  EXPECT_THAT(
      error("scope: phase\n" + points +
            ", fixed: {k0: 5, e0: 2, k1: 3, e1: 2, d: 1}}\nobjective: {pareto: [top1_percent, "
            "latency_ms], reference: {top1_percent: 60, latency_ms: 0.1}, reward: {kind: "
            "nahas_soft, targets: {latency_ms: 0.1}}}\n"),
      HasSubstr("has no network k0=5"));
}

TEST(AccuracySourcesInStudies, NasBenchMacroIsSearchedOnItsTable) {
  if (data_folder().empty()) GTEST_SKIP() << "no calibration data (DOVETAIL_DATA)";
  const TinyStudy files;
  const std::string data =
      (data_folder() / "nas-bench-macro/nas-bench-macro_cifar10.json").string();
  const StudySetup setup(
      files.config("network: {space: nas_bench_macro}\naccuracy: {source: table, "
                   "file: '" +
                   data +
                   "'}\nevaluations: 200\nconstraints: "
                   "{area_mm2: 1000}\n"));
  StudyOptions options;
  options.folder = files.path() / "out";
  options.progress = ProgressMode::kQuiet;
  const FoundStudy outcome = run_and_report(setup, options);
  ASSERT_TRUE(outcome.complete);
  for (const StoredTrial* member : outcome.results().fronts.at("joint")) {
    EXPECT_GT(member->record.evaluation.accuracy.top1_percent, 45.36);
    EXPECT_LT(member->record.evaluation.accuracy.top1_percent, 93.128);
    EXPECT_FALSE(member->record.evaluation.accuracy.extrapolated);
  }
}

TEST(AccuracySourcesInStudies, TheExampleOfACommandRuns) {
  const TemporaryFolder folder;
  const StudySetup setup(StudyConfig::load(resolve_config("studies", "command")));
  StudyOptions options;
  options.folder = folder.path() / "out";
  options.progress = ProgressMode::kQuiet;
  ASSERT_TRUE(run_study(setup, options).complete);
  const StudyStore store = StudyStore::open(options.folder / "study.db", StudyStore::Access::kRead);
  std::set<std::string> asked;
  for (const TrialRecord& trial : store.trials(0, Stage::kSearch)) {
    EXPECT_NE(trial.evaluation.status, TrialStatus::kFailed) << trial.evaluation.reason;
    if (trial.evaluation.ok()) {
      asked.insert(
          setup.network().space->canonical_key(setup.space("joint").decode(trial.choices).network));
    }
  }
  EXPECT_GT(asked.size(), 5u);
  EXPECT_EQ(store.accuracies().size(), asked.size()) << "each network is asked about once";
}

TEST(AccuracySourcesInStudies, ATransferIsFlaggedWhereverItsFiguresStand) {
  const TinyStudy files;
  for (const char* space : {"nahas_s1", "nahas_s2"}) {
    const StudySetup setup(files.config(
        std::string("network: {space: ") + space +
        "}\naccuracy: {source: transfer, file: mbconv_transfer}\nevaluations: 40\nconstraints: "
        "{area_mm2: 1000}\nobjective: {pareto: [top1_percent, latency_ms], reference: "
        "{top1_percent: 60, latency_ms: 100}}\n"));
    StudyOptions options;
    options.folder = files.path() / space;
    options.progress = ProgressMode::kQuiet;
    const FoundStudy outcome = run_and_report(setup, options);
    ASSERT_TRUE(outcome.complete);
    const auto& front = outcome.results().fronts.at("joint");
    for (const StoredTrial* member : front)
      EXPECT_TRUE(member->record.evaluation.accuracy.extrapolated);
    EXPECT_THAT(results_text(setup, outcome.results()),
                AllOf(HasSubstr("leave-one-out RMSE"),
                      HasSubstr(fmt::format("Of {0} points of the fronts {0} have an extrapolated",
                                            front.size()))));
    const auto pair = files.path() / (std::string(space) + "-pair");
    export_pair(options.folder, front.front()->record.id, pair);
    EXPECT_THAT(read_file(pair / "pair.yaml"), HasSubstr("accuracy_extrapolated: true"));
  }
}

}  // namespace
}  // namespace dovetail
