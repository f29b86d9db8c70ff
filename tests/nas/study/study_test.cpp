#include "nas/study/study.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <set>

#include <fmt/format.h>

#include "base/files/atomic_file.h"
#include "nas/analysis/study_report.h"
#include "nas/objective/hypervolume.h"
#include "nas/objective/pareto.h"
#include "tests/nas/study/study_fixture.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSurrogateStudy =
    "cost: {model: surrogate_then_simulation, surrogate: {labels: 100}, resimulate: 20}\n"
    "comparison: fixed_hardware\nseeds: [1, 2]\nevaluations: 64\n";

TEST_F(StudyTest, EveryFrontPointIsASimulatedTrialThatNothingDominates) {
  const StudySetup setup(files_.config("comparison: fixed_hardware\n"));
  const FoundStudy outcome = run(setup, options("out"));
  ASSERT_TRUE(outcome.complete);
  // There are only 63 networks, and no strategy asks for one a second time.
  EXPECT_EQ(outcome.trials, 96 + 63);
  const StudyStore store =
      StudyStore::open(files_.path() / "out/study.db", StudyStore::Access::kRead);
  for (std::size_t run = 0; run < 2; ++run) {
    const RunResult& result = outcome.results().runs[run];
    ASSERT_FALSE(result.front.empty());
    std::vector<Outcome> outcomes;
    std::vector<std::vector<double>> points;
    for (const TrialRecord& trial : store.trials(run, Stage::kSearch)) {
      outcomes.push_back(setup.objective().outcome(trial.evaluation));
    }
    for (const StoredTrial* member : result.front) {
      const Outcome mine = setup.objective().outcome(member->record.evaluation);
      points.push_back(mine.objectives);
      EXPECT_TRUE(member->record.evaluation.simulated);
      EXPECT_LE(member->record.evaluation.costs.area_mm2, setup.baseline_area_mm2());
      for (const Outcome& other : outcomes) EXPECT_FALSE(constrained_dominates(other, mine));
      const SearchSpace& space = setup.space(result.run.label);
      const SimulationResult again =
          setup.simulator()->run(space.build_network(member->record.choices),
                                 space.decode(member->record.choices).accelerator);
      EXPECT_EQ(again.latency_ms, member->record.evaluation.costs.latency_ms);
    }
    EXPECT_DOUBLE_EQ(result.hypervolume, hypervolume(points, {-60, 0.1}));
    EXPECT_EQ(outcome.results().convergence[run].back().hypervolume, result.hypervolume);
  }
}

TEST_F(StudyTest, ParetoCsvHasOneRowAPointWithEveryDecision) {
  const StudySetup setup(files_.config("comparison: fixed_hardware\n"));
  const FoundStudy outcome = run(setup, options("out"));
  auto lines = split(read_file(files_.path() / "out/pareto.csv"), '\n');
  EXPECT_EQ(lines[0], "# schema: dovetail.pareto/1");
  EXPECT_TRUE(lines[1].starts_with("# build: "));
  EXPECT_EQ(lines[2], "# maximised: top1_percent");
  EXPECT_EQ(lines[3], "# minimised: latency_ms");
  const auto units = std::ranges::find_if(
      lines, [](const std::string& line) { return line.starts_with("# units: "); });
  ASSERT_NE(units, lines.end());
  EXPECT_TRUE(units->starts_with("# units: top1_percent=%, latency_ms=ms, "));
  lines.erase(lines.begin(), units + 1);
  EXPECT_EQ(lines[0],
            "run,seed,trial,top1_percent,latency_ms,area_mm2,energy_mj,power_mw,edp_mj_ms,"
            "peak_local_memory_kib,area_over_baseline,cycles,extrapolated,net.k0,net.e0,net.k1,net."
            "e1,net.d,hw.pes_x,hw.pes_y,hw.simd_units,"
            "hw.local_memory_mib,hw.compute_lanes");
  std::size_t rows = 0;
  for (const auto& [label, front] : outcome.results().fronts) rows += front.size();
  ASSERT_EQ(lines.size(), rows + 2);  // header, and the end of the last line
  for (std::size_t i = 1; i <= rows; ++i) {
    const auto cells = split(lines[i], ',');
    ASSERT_EQ(cells.size(), 23u);
    const double latency_ms = std::stod(cells[4]), energy_mj = std::stod(cells[6]);
    const double power_mw = 1000 * energy_mj / latency_ms, edp_mj_ms = energy_mj * latency_ms;
    EXPECT_NEAR(std::stod(cells[7]), power_mw, 1e-6 * power_mw);  // of 7 digits each
    EXPECT_NEAR(std::stod(cells[8]), edp_mj_ms, 1e-6 * edp_mj_ms);
    EXPECT_EQ(cells[15].empty(), cells[17] == "1") << "kernel of a block that is left out";
    if (cells[0] != "fixed_hardware") continue;
    EXPECT_EQ(cells[18], "4");
    EXPECT_EQ(cells[10], "1");
  }
}

TEST_F(StudyTest, StoppedAnywhereAndResumedItEndsTheSame) {
  for (const char* changes : {"", kSurrogateStudy}) {
    const StudySetup setup(files_.config(changes));
    const std::string whole = fmt::format("whole{}", *changes != '\0');
    ASSERT_TRUE(run(setup, options(whole)).complete);
    const std::string expected = content(whole);
    for (const int stop_after : {0, 1, 40, 97, 120}) {
      const std::string folder = whole + fmt::format("-{}", stop_after);
      StudyOptions stopping = options(folder);
      int asked = 0;
      stopping.keep_going = [&] { return ++asked <= stop_after; };
      const StudyOutcome stopped = run(setup, stopping);
      EXPECT_FALSE(stopped.complete);
      StudyOptions resuming = options(folder);
      resuming.resume = true;
      ASSERT_TRUE(run(setup, resuming).complete);
      EXPECT_EQ(content(folder), expected) << "stopped after " << stop_after;
    }
  }
}

TEST_F(StudyTest, ResumingACompleteStudyChangesNothing) {
  const StudySetup setup(files_.config());
  run(setup, options("out"));
  const std::string expected = content("out");
  StudyOptions resuming = options("out");
  resuming.resume = true;
  EXPECT_TRUE(run(setup, resuming).complete);
  EXPECT_EQ(content("out"), expected);
}

TEST_F(StudyTest, KilledAndResumedItEndsTheSame) {
  const StudySetup setup(files_.config());
  StudyOptions counting = options("whole");
  int asks = 0;
  counting.keep_going = [&] { return ++asks > 0; };
  ASSERT_TRUE(run(setup, counting).complete);
  ASSERT_GT(asks, 12);
  for (const int killed_after : {3, asks / 3, asks * 2 / 3}) {
    const std::string folder = fmt::format("killed-{}", killed_after);
    const pid_t pid = fork();
    ASSERT_GE(pid, 0);
    if (pid == 0) {
      StudyOptions dying = options(folder);
      int asked = 0;
      dying.keep_going = [&] {
        if (++asked > killed_after) kill(getpid(), SIGKILL);
        return true;
      };
      run(setup, dying);
      _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    StudyOptions resuming = options(folder);
    resuming.resume = true;
    ASSERT_TRUE(run(setup, resuming).complete);
    EXPECT_EQ(content(folder), content("whole"));
  }
}

TEST_F(StudyTest, WorkersChangeNothing) {
  const StudySetup setup(files_.config());
  run(setup, options("one", 1));
  run(setup, options("two", 2));
  EXPECT_EQ(content("one"), content("two"));
}

TEST_F(StudyTest, EverySearchOnPredictionsEndsInSimulations) {
  const StudySetup setup(files_.config(kSurrogateStudy));
  const FoundStudy outcome = run(setup, options("out"));
  ASSERT_EQ(outcome.results().runs.size(), 4u);
  for (std::size_t run = 0; run < 4; ++run) {
    const RunResult& result = outcome.results().runs[run];
    EXPECT_EQ(result.searched.size(), result.run.label == "joint" ? 64U : 63U);
    EXPECT_EQ(result.simulated(), 20U);
    ASSERT_TRUE(result.latency_error_percent.has_value());
    EXPECT_GT(*result.latency_error_percent, 1.9);
    EXPECT_LT(*result.latency_error_percent, 3.1);
    ASSERT_TRUE(result.energy_error_percent.has_value());
    EXPECT_NEAR(*result.energy_error_percent, 5, 1e-6);
    EXPECT_FALSE(outcome.results().convergence[run].back().simulated);
    for (const StoredTrial* member : result.front) {
      EXPECT_TRUE(member->record.evaluation.simulated);
      EXPECT_GT(member->record.evaluation.costs.cycles, 0);
    }
  }
}

constexpr const char* kTrainingStudy =
    "cost: {model: surrogate_then_simulation, surrogate: {labels: 600, epochs: 30}, resimulate: "
    "24}\ncomparison: fixed_hardware\n";

TEST_F(StudyTest, LabelsAndTrainsItsOwnSurrogate) {
  const StudySetup setup(files_.config(kTrainingStudy));
  const FoundStudy outcome = run_and_report(setup, options("out"));
  for (const char* file : {"labels.h5", "model.h5", "report.json"}) {
    EXPECT_TRUE(fs::exists(files_.path() / "out/surrogate" / file)) << file;
  }
  for (const RunResult& result : outcome.results().runs) {
    ASSERT_TRUE(result.latency_error_percent.has_value());
    EXPECT_LT(*result.latency_error_percent, 10) << "of the proposed candidates";
    ASSERT_TRUE(result.energy_error_percent.has_value());
    EXPECT_LT(*result.energy_error_percent, 10) << "of the proposed candidates";
    for (const StoredTrial* member : result.front) EXPECT_TRUE(member->record.evaluation.simulated);
  }
  // The model may be used by another study, and predicts the same there.
  const StudySetup again(files_.config(
      "cost: {model: surrogate_then_simulation, surrogate: {file: ./out/surrogate/model.h5}, "
      "resimulate: 24}\ncomparison: fixed_hardware\n"));
  run_and_report(again, options("again", 2));
  EXPECT_EQ(read_file(files_.path() / "again/pareto.csv"),
            read_file(files_.path() / "out/pareto.csv"));
}

TEST_F(StudyTest, StoppedWhileLabellingOrTrainingAndResumedItEndsTheSame) {
  const StudySetup setup(files_.config(kTrainingStudy));
  ASSERT_TRUE(run_study(setup, options("whole")).complete);
  for (const int stop_after : {0, 2, 12}) {
    const std::string folder = fmt::format("stopped-{}", stop_after);
    StudyOptions stopping = options(folder);
    int asked = 0;
    stopping.keep_going = [&] { return ++asked <= stop_after; };
    EXPECT_FALSE(run_study(setup, stopping).complete);
    EXPECT_FALSE(fs::exists(files_.path() / folder / "surrogate/model.h5"));
    StudyOptions resuming = options(folder, 2);
    resuming.resume = true;
    ASSERT_TRUE(run_study(setup, resuming).complete);
    EXPECT_EQ(content(folder), content("whole")) << "stopped after " << stop_after;
  }
}

TEST_F(StudyTest, ASurrogateOfOtherSpacesIsRefusedBeforeAnythingIsWritten) {
  run_study(StudySetup(files_.config(kTrainingStudy)), options("out"));
  const StudySetup other(files_.config(
      "hardware: {space: nahas_edge}\n"
      "cost: {model: surrogate_then_simulation, surrogate: {file: ./out/surrogate/model.h5}}\n"));
  EXPECT_THROW(run_study(other, options("other")), InputError);
  EXPECT_FALSE(fs::exists(files_.path() / "other"));
}

TEST_F(StudyTest, ScalarStrategiesReportTheLargestReward) {
  const StudySetup setup(files_.config(
      "strategy: {name: regularized_evolution, population: 20, tournament: 5}\n"
      "objective: {pareto: [top1_percent, latency_ms], reference: {top1_percent: 60, latency_ms: "
      "0.1}, reward: {kind: one_sided, targets: {latency_ms: 0.005}, weights: {latency_ms: "
      "-1}}}\n"));
  const FoundStudy outcome = run(setup, options("out"));
  const RunResult& result = outcome.results().runs[0];
  ASSERT_NE(result.best_reward, nullptr);
  const StudyStore store =
      StudyStore::open(files_.path() / "out/study.db", StudyStore::Access::kRead);
  for (const TrialRecord& trial : store.trials(0, Stage::kSearch)) {
    if (!setup.objective().outcome(trial.evaluation).acceptable()) continue;
    EXPECT_LE(*trial.reward, *result.best_reward->record.reward);
  }
  EXPECT_NE(results_text(setup, outcome.results()).find("Largest reward"), std::string::npos);
}

TEST_F(StudyTest, EnergyAndPowerAreObjectiveAndConstraint) {
  const char* kEnergy =
      "objective: {pareto: [top1_percent, energy_mj, latency_ms], reference: {top1_percent: 60, "
      "energy_mj: 0.01, latency_ms: 0.1}}\nconstraints: {power_mw: 400}\ncomparison: "
      "fixed_hardware\n";
  const StudySetup setup(files_.config(kEnergy));
  const FoundStudy outcome = run(setup, options("out"));
  const auto& front = outcome.results().fronts.at("joint");
  ASSERT_GT(front.size(), 2u);
  const StudyStore store =
      StudyStore::open(files_.path() / "out/study.db", StudyStore::Access::kRead);
  int over = 0;
  for (const TrialRecord& trial : store.trials(0, Stage::kSearch)) {
    const Costs& m = trial.evaluation.costs;
    over += 1000 * m.energy_mj / m.latency_ms > 400;
  }
  EXPECT_GT(over, 0) << "the limit must matter";
  for (const StoredTrial* member : front) {
    const Costs& m = member->record.evaluation.costs;
    EXPECT_LE(1000 * m.energy_mj / m.latency_ms, 400);
    const SearchSpace& space = setup.space("joint");
    const SimulationResult again =
        setup.simulator()->run(space.build_network(member->record.choices),
                               space.decode(member->record.choices).accelerator);
    EXPECT_EQ(again.energy.total(), m.energy_mj);
  }
  EXPECT_EQ(outcome.results().comparisons.size(), 2u);
  const std::string text = results_text(setup, outcome.results());
  for (const char* part : {"energy [mJ]", "at no more energy", "at no more latency"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
}

TEST_F(StudyTest, HardwareScopeSearchesAcceleratorsForAZooNetwork) {
  const StudySetup setup(files_.config(
      "scope: hardware\nnetwork: {fixed: mobilenetv2_1.0_224}\naccuracy: {source: published}\n"
      "evaluations: 20\nobjective: {pareto: [latency_ms, area_mm2], reference: {latency_ms: 5, "
      "area_mm2: 100}}\n"));
  const FoundStudy outcome = run(setup, options("out"));
  EXPECT_EQ(outcome.results().runs[0].run.label, "fixed_network");
  EXPECT_FALSE(outcome.results().runs[0].front.empty());
}

TEST_F(StudyTest, AnExistingStudyIsNeverOverwritten) {
  const StudySetup setup(files_.config());
  run(setup, options("out"));
  const std::string before = content("out");
  const std::string message = message_of<InputError>([&] { run(setup, options("out")); });
  EXPECT_NE(message.find("--resume"), std::string::npos) << message;
  EXPECT_EQ(content("out"), before);
}

TEST_F(StudyTest, ResumingAnotherConfigurationIsRefusedAndSaysWhatDiffers) {
  run(StudySetup(files_.config()), options("out"));
  StudyOptions resuming = options("out");
  resuming.resume = true;
  const StudySetup other(files_.config("evaluations: 97\n"));
  const std::string message = message_of<InputError>([&] { run(other, resuming); });
  EXPECT_NE(message.find("found 'evaluations: 97', begun with 'evaluations: 96'"),
            std::string::npos)
      << message;
}

TEST_F(StudyTest, ResumingAfterAnInputFileChangedIsRefused) {
  run(StudySetup(files_.config()), options("out"));
  std::string space = read_file(files_.path() / "net.yaml");
  files_.folder().write("net.yaml", space + "# edited\n");
  StudyOptions resuming = options("out");
  resuming.resume = true;
  const StudySetup setup(files_.config());
  const std::string message = message_of<InputError>([&] { run(setup, resuming); });
  EXPECT_NE(message.find("network space has changed"), std::string::npos) << message;
}

TEST_F(StudyTest, ResumingWithoutAStudyIsRefused) {
  const StudySetup setup(files_.config());
  StudyOptions resuming = options("nothing");
  resuming.resume = true;
  EXPECT_THROW(run(setup, resuming), InputError);
  EXPECT_FALSE(fs::exists(files_.path() / "nothing"));
}

TEST_F(StudyTest, AFolderThatCannotBeWrittenIsRefusedBeforeAnyWork) {
  const StudySetup setup(files_.config());
  files_.folder().write("file", "");
  StudyOptions blocked = options("file/out");
  int asked = 0;
  blocked.keep_going = [&] { return ++asked > 0; };
  EXPECT_THROW(run(setup, blocked), InputError);
  EXPECT_EQ(asked, 0);
}

TEST_F(StudyTest, AStrategyThatCannotSearchTheSpaceIsRefusedBeforeAnythingIsWritten) {
  const StudySetup setup(files_.config("strategy: {name: exhaustive, max_points: 100}\n"));
  const std::string message = message_of<InputError>([&] { run(setup, options("out")); });
  EXPECT_NE(message.find("allowed 100 (max_points)"), std::string::npos) << message;
  EXPECT_FALSE(fs::exists(files_.path() / "out"));
}

TEST_F(StudyTest, ASecondProcessIsKeptOut) {
  const StudySetup setup(files_.config());
  StudyOptions first = options("out");
  int refused = -1;
  first.keep_going = [&] {
    if (refused >= 0) return true;
    const pid_t pid = fork();
    if (pid == 0) {
      StudyOptions second = options("out");
      second.resume = true;
      try {
        run(setup, second);
      } catch (const InputError& e) {
        _exit(std::string(e.what()).find("another process") != std::string::npos ? 0 : 2);
      }
      _exit(1);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    refused = WIFEXITED(status) ? WEXITSTATUS(status) : 3;
    return true;
  };
  EXPECT_TRUE(run(setup, first).complete);
  EXPECT_EQ(refused, 0);
}

TEST_F(StudyTest, UnusableSettingsAreInputErrors) {
  const auto refusal = [&](const std::string& changes) {
    return message_of<InputError>([&] { StudySetup setup(files_.config(changes)); });
  };
  EXPECT_NE(refusal("network: {space: ofa_mbv4}\n").find("'ofa_mbv3'"), std::string::npos);
  EXPECT_NE(refusal("hardware: {space: ./none.yaml}\n").find("none.yaml"), std::string::npos);
  EXPECT_NE(refusal("cost: {model: simulation, technology: 17nm}\n").find("16nm"),
            std::string::npos);
  EXPECT_NE(refusal("hardware: {space: ./hw.yaml, baseline: coral_edge_tpu}\ncost: {model: "
                    "surrogate_then_simulation, surrogate: {labels: 100}}\ncomparison: "
                    "fixed_hardware\n")
                .find("is not a point of 'tiny_edge'"),
            std::string::npos);
  EXPECT_NE(refusal("accuracy: {source: published}\n").find("published"), std::string::npos);
  EXPECT_NE(refusal("scope: hardware\nnetwork: {space: ./net.yaml, fixed: {k0: 4, e0: 2, k1: 3, "
                    "e1: 2, d: 1}}\n")
                .find("k0: found '4', allowed 3, 5, 7"),
            std::string::npos);
}

}  // namespace
}  // namespace dovetail
