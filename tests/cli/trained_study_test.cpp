// A study whose networks are trained, and the end of it: as a user meets them.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/numbers/random.h"
#include "base/text/text.h"
#include "nas/analysis/stored_study.h"
#include "nas/analysis/trial_table.h"
#include "tests/cli/command_runner.h"
#include "tests/models/training/made_images.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;
using test::CommandResult;
using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kSpace = R"(schema: dovetail.network_space/1
name: seen
input: {height: 8, width: 8, channels: 1}
defaults: act=relu
decisions:
  - {name: k, choices: [3, 5]}
  - {name: e, choices: [1, 2, 4]}
blocks:
  - conv k=3 s=2 c=8 name=stem
  - mb k=$k e=$e c=8
  - pool
  - fc c=4
)";
// About half of the pairs are slower than the limit. (An area that is too large is never asked
// for.)
constexpr const char* kStudy = R"(schema: dovetail.study/1
name: trained
network: {space: ./seen.yaml}
hardware: {space: ./small.yaml}
accuracy: {source: train, data: ./images, epochs: 3, batch: 24, validation: 40, parallel: 2}
cost: {model: simulation}
objective: {pareto: [top1_percent, latency_ms], reference: {top1_percent: 1, latency_ms: 1}}
constraints: {latency_ms: 0.0072}
strategy: {name: random}
evaluations: 16
seeds: [3]
)";
constexpr const char* kHardware = R"(schema: dovetail.design_space/1
name: small
base: tiny_edge_baseline
decisions:
  - {name: pes_x, choices: [1, 2]}
  - {name: simd_units, choices: [16, 32]}
)";

class TrainedStudyTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(fs::path(DOVETAIL_BINARY).parent_path() / "dovetail_trainer")) {
      GTEST_SKIP() << "this build cannot train";
    }
    const TemporaryFolder& folder = dovetail_.folder();
    folder.write("seen.yaml", kSpace);
    folder.write("small.yaml", kHardware);
    test::write_made_images(folder.path() / "images");
    folder.write("study.yaml", kStudy);
  }
  std::vector<std::string> search(const std::string& folder) const {
    std::vector<std::string> words{"-q", "search", "./study.yaml", "-o", folder, "-w", "1"};
    if (fs::exists(dovetail_.path(folder) + "/study.db")) words.emplace_back("--resume");
    return words;
  }
  /// Every trial with its figures, every curve.
  std::string content(const std::string& folder) const {
    StoredStudy study = StoredStudy::load(dovetail_.path(folder));
    study.timings.clear();
    std::string text = trials_csv(study, study.all_trials());
    const StudyStore store = StudyStore::open(study.file, StudyStore::Access::kRead);
    for (const auto& [network, answer] : store.accuracies()) {
      text += network + ": " + format_number(answer.estimate.top1_percent);
      for (const CurvePoint& p : answer.curve) {
        text += fmt::format(" {}/{}: {} {} {}", p.trial, p.epoch, p.train_loss, p.validation_loss,
                            p.validation_percent);
      }
      text += "\n";
    }
    return text;
  }

  test::CommandRunner dovetail_;
};

TEST_F(TrainedStudyTest, TrainsOnceWhatIsWithinTheLimits) {
  const CommandResult result = dovetail_.run(search("out"));
  ASSERT_EQ(result.status, 0) << result.err;
  const StoredStudy study = StoredStudy::load(dovetail_.path("out"));
  std::map<TrialStatus, int> by_status;
  for (const StoredTrial& trial : study.trials) {
    const Evaluation& evaluation = trial.record.evaluation;
    ++by_status[evaluation.status];
    EXPECT_EQ(evaluation.ok(), evaluation.costs.latency_ms <= 0.0072);
    if (evaluation.ok()) continue;
    EXPECT_EQ(evaluation.status, TrialStatus::kSkipped);
    EXPECT_THAT(evaluation.reason, HasSubstr("constraint: latency_ms "));
    EXPECT_GT(evaluation.costs.area_mm2, 0);
    const Outcome outcome = study.outcome(trial);
    EXPECT_FALSE(outcome.acceptable());
    EXPECT_NEAR(outcome.violation, evaluation.costs.latency_ms / 0.0072 - 1, 1e-9);
  }
  EXPECT_GT(by_status[TrialStatus::kOk], 2);
  EXPECT_GT(by_status[TrialStatus::kSkipped], 2);
  const StudyStore store = StudyStore::open(study.file, StudyStore::Access::kRead);
  EXPECT_LE(store.accuracies().size(), 6U);
  for (const auto& [network, answer] : store.accuracies()) EXPECT_EQ(answer.curve.size(), 3U);
  EXPECT_FALSE(fs::exists(dovetail_.path("out/unfinished")));
  EXPECT_THAT(dovetail_.run({"study", "show", "out"}).out, HasSubstr("skipped"));
  EXPECT_EQ(dovetail_.run({"study", "check", "out"}).status, 0);
}

TEST_F(TrainedStudyTest, EpochsThatWereTrainedAndSavedAreSummed) {
  std::string ended = kStudy;
  ended.replace(ended.find("epochs: 3"), 9, "epochs: 3, stop_after: 1, stop_margin: 75");
  dovetail_.folder().write("study.yaml", ended);
  ASSERT_EQ(dovetail_.run(search("out")).status, 1) << "nothing is left to report";
  const StudyStore store =
      StudyStore::open(dovetail_.path("out") + "/study.db", StudyStore::Access::kRead);
  const std::size_t networks = store.accuracies().size();
  ASSERT_GT(networks, 1U);
  const auto shown =
      nlohmann::json::parse(dovetail_.run({"study", "show", "out", "--json", "-"}).out);
  const auto& trainings = shown.at("trainings");
  EXPECT_EQ(trainings.at("trainings"), networks);
  EXPECT_EQ(trainings.at("to_the_end"), 0);
  EXPECT_EQ(trainings.at("epochs_trained"), networks);
  EXPECT_EQ(trainings.at("epochs_saved"), 2 * networks);
  EXPECT_EQ(trainings.at("not_to_the_end").at(0).at("reason"), "diverged");
}

TEST_F(TrainedStudyTest, KilledAtAnyMomentItGoesOnToTheSame) {
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_EQ(dovetail_.run(search("whole")).status, 0);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  const std::string whole = content("whole");
  Rng moments(11);
  int kills = 0;
  for (int trial = 0; trial < 4; ++trial) {
    fs::remove_all(dovetail_.path("out"));
    const pid_t pid = dovetail_.start(search("out"));
    std::this_thread::sleep_for(seconds * moments.uniform());
    ::kill(pid, SIGKILL);
    kills += dovetail_.finish(pid).status == -SIGKILL ? 1 : 0;
    const CommandResult resumed = dovetail_.run(search("out"));
    ASSERT_EQ(resumed.status, 0) << resumed.err;
    EXPECT_EQ(content("out"), whole);
  }
  EXPECT_GE(kills, 1);
}

// Thirty points; what is trained at the least rates learns next to nothing.
constexpr const char* kRates = "  - {name: train.lr, choices: [0.0001, 0.001, 0.05, 0.2, 0.4]}\n";
constexpr const char* kGivingUp = R"(schema: dovetail.study/1
name: giving_up
scope: network
network: {space: ./rates.yaml}
hardware: {baseline: tiny_edge_baseline}
accuracy: {source: train, data: ./images, epochs: 3, batch: 24, validation: 40, learning_curve: true, parallel: 1}
cost: {model: simulation}
objective: {pareto: [top1_percent], reference: {top1_percent: 1}}
strategy: {name: random}
evaluations: 24
batch: 4
seeds: [3]
)";

class GivingUpTest : public TrainedStudyTest {
 protected:
  void SetUp() override {
    TrainedStudyTest::SetUp();
    std::string space = kSpace;
    space.insert(space.find("blocks:"), kRates);
    dovetail_.folder().write("rates.yaml", space);
    write_study(1);
  }
  void write_study(int parallel) const {
    std::string study = kGivingUp;
    study.replace(study.find("parallel: 1"), 11, fmt::format("parallel: {}", parallel));
    dovetail_.folder().write("study.yaml", study);
  }
  std::size_t answers(const std::string& folder) const {
    const fs::path file = dovetail_.path(folder) + "/study.db";
    if (!fs::exists(file)) return 0;
    return StudyStore::open(file, StudyStore::Access::kRead).accuracies().size();
  }
};

TEST_F(GivingUpTest, TheSameInParallelAndAfterAKill) {
  ASSERT_EQ(dovetail_.run(search("one")).status, 0);
  const std::string one = content("one");
  const StoredStudy study = StoredStudy::load(dovetail_.path("one"));
  std::size_t given_up = 0;
  for (const StoredTrial& trial : study.trials) {
    const bool behind = trial.record.evaluation.reason.starts_with("learning curve: after ");
    EXPECT_EQ(trial.record.evaluation.ok(), !behind);
    EXPECT_EQ(study.outcome(trial).valid, !behind) << "its strategy knows that it failed";
    EXPECT_TRUE(trial.record.number >= 20 || !behind) << "twenty end before anything is forecast";
    given_up += behind ? 1 : 0;
  }
  EXPECT_GT(given_up, 0U);

  // In the middle of the batch that is judged.
  write_study(3);
  const pid_t pid = dovetail_.start(search("killed"));
  while (answers("killed") < 21) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ::kill(pid, SIGKILL);
  dovetail_.finish(pid);
  const CommandResult resumed = dovetail_.run(search("killed"));
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_EQ(content("killed"), one);
  EXPECT_EQ(dovetail_.run({"study", "check", "killed"}).status, 0);
}

TEST_F(GivingUpTest, HalvingIsTheSameInParallelAndAfterAKill) {
  std::string study = kGivingUp;
  study.replace(study.find("learning_curve: true"), 20, "successive_halving: 3");
  study.replace(study.find("evaluations: 24"), 15, "evaluations: 12");
  dovetail_.folder().write("study.yaml", study);
  ASSERT_EQ(dovetail_.run(search("one")).status, 0);
  const StoredStudy stored = StoredStudy::load(dovetail_.path("one"));
  std::size_t given_up = 0;
  for (const StoredTrial& trial : stored.trials) {
    const bool behind = trial.record.evaluation.reason.starts_with("successive halving: ");
    EXPECT_EQ(trial.record.evaluation.ok(), !behind);
    EXPECT_TRUE(trial.record.number >= 4 || !behind) << "the first batch knows of no other";
    given_up += behind ? 1 : 0;
  }
  EXPECT_GT(given_up, 0U);

  study.replace(study.find("parallel: 1"), 11, "parallel: 3");
  dovetail_.folder().write("study.yaml", study);
  const pid_t pid = dovetail_.start(search("killed"));
  while (answers("killed") < 9) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ::kill(pid, SIGKILL);
  dovetail_.finish(pid);
  const CommandResult resumed = dovetail_.run(search("killed"));
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_EQ(content("killed"), content("one"));
}

TEST_F(GivingUpTest, SuchAStudyDoesNotGrow) {
  std::string study = kGivingUp;
  study.replace(study.find("evaluations: 24"), 15, "evaluations: 2");
  dovetail_.folder().write("study.yaml", study);
  ASSERT_EQ(dovetail_.run(search("out")).status, 0);
  study.replace(study.find("evaluations: 2"), 14, "evaluations: 3");
  dovetail_.folder().write("study.yaml", study);
  const CommandResult result = dovetail_.run(search("out"));
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("accuracy.learning_curve: such a study takes no more"));
  EXPECT_EQ(answers("out"), 2U);
}

TEST_F(GivingUpTest, ATrialIsFinishedByItsOwnRate) {
  std::string study = kGivingUp;
  study.replace(study.find("evaluations: 24"), 15, "evaluations: 3");
  dovetail_.folder().write("study.yaml", study);
  ASSERT_EQ(dovetail_.run(search("out")).status, 0);
  const StoredStudy stored = StoredStudy::load(dovetail_.path("out"));
  const StoredTrial& trial = stored.trials.back();
  const std::string rate = stored.description.decisions.at("fixed_hardware")
                               .decode(trial.record.choices)
                               .at("net.train.lr");
  ASSERT_EQ(dovetail_
                .run({"study", "finish", "out", "-t", std::to_string(trial.record.id), "-o", "end",
                      "--epochs", "1", "--warmup-epochs", "0"})
                .status,
            0);
  const auto job = nlohmann::json::parse(dovetail_.folder().read("end/job.json"));
  EXPECT_EQ(job.at("recipe").at("lr"), rate);
}

TEST_F(TrainedStudyTest, ATrialIsFinished) {
  ASSERT_EQ(dovetail_.run(search("out")).status, 0);
  const StoredStudy study = StoredStudy::load(dovetail_.path("out"));
  std::string best;
  for (const StoredTrial& trial : study.trials) {
    if (trial.record.evaluation.ok()) best = std::to_string(trial.record.id);
  }
  const CommandResult result = dovetail_.run(
      {"study", "finish", "out", "-t", best, "-o", "end", "--epochs", "8", "--augment", "false"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("test "), HasSubstr("in int8")));
  const auto json = nlohmann::json::parse(dovetail_.folder().read("end/finished.json"));
  EXPECT_EQ(json.at("epochs"), 8);
  EXPECT_EQ(json.at("int8").at("test_images"), 80);
  EXPECT_EQ(json.at("int8").at("images_on_the_accelerator"), 5);
  EXPECT_GT(json.at("test_percent"), 80.0);
  // The reference sums otherwise than libtorch: an image on the edge may fall to either side.
  EXPECT_NEAR(json.at("int8").at("float_percent"), json.at("test_percent"), 1.3);
  EXPECT_NEAR(json.at("int8").at("int8_percent"), json.at("int8").at("float_percent"), 4);
  EXPECT_GT(json.at("costs").at("latency_ms"), 0.0);
  for (const char* file : {"network.yaml", "network.onnx", "accelerator.yaml", "pair.yaml",
                           "curve.csv", "weights.safetensors"}) {
    EXPECT_TRUE(fs::exists(dovetail_.path("end") + "/" + file)) << file;
  }
  EXPECT_EQ(
      dovetail_.run({"simulate", "-n", "end/network.onnx", "-a", "end/accelerator.yaml"}).status,
      0);
  EXPECT_EQ(dovetail_.run({"study", "finish", "out", "-t", "99", "-o", "other"}).status, 2);
  EXPECT_EQ(json.at("costs_from"), "simulation");
}

TEST_F(TrainedStudyTest, ATrialOfACorrectedStudyIsFinishedAtTheCostsOfTheStudy) {
  std::string measured = "network.k,network.e,hardware.pes_x,hardware.simd_units,latency_ms\n";
  for (const char* network : {"3,1", "3,2", "3,4", "5,1", "5,2", "5,4"}) {
    for (const char* hardware : {"1,16", "1,32", "2,16", "2,32"}) {
      measured += fmt::format("{},{},0.05\n", network, hardware);
    }
  }
  dovetail_.folder().write("measured.csv", measured);
  std::string study = kStudy;
  study.replace(study.find("{latency_ms: 0.0072}"), 20, "{area_mm2: 99}");
  study.replace(study.find("evaluations: 16"), 15, "evaluations: 1");
  study.replace(study.find("{model: simulation}"), 19, "{model: simulation, correction: ./c.h5}");
  dovetail_.folder().write("study.yaml", study);
  const std::vector<std::string> spaces{"-s", "./seen.yaml", "--hardware", "./small.yaml"};
  std::vector<std::string> label{"label", "-q", "-c", "60", "-o", "l.h5"},
      correct{"train", "-q", "--correct", "measured.csv", "-m", "m.h5", "-o", "c.h5"};
  for (auto* words : {&label, &correct}) words->insert(words->end(), spaces.begin(), spaces.end());
  ASSERT_EQ(dovetail_.run(label).status, 0);
  ASSERT_EQ(dovetail_.run({"train", "-q", "-d", "l.h5", "--epochs", "3", "-o", "m.h5"}).status, 0);
  ASSERT_EQ(dovetail_.run(correct).status, 0);
  ASSERT_EQ(dovetail_.run(search("out")).status, 0);
  const CommandResult result =
      dovetail_.run({"study", "finish", "out", "-t", "1", "-o", "end", "--epochs", "1"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("(corrected by what was measured)"));
  const auto json = nlohmann::json::parse(dovetail_.folder().read("end/finished.json"));
  EXPECT_EQ(json.at("costs_from"), "simulation, corrected");
  const double latency_ms = json.at("costs").at("latency_ms");
  EXPECT_NEAR(latency_ms, 0.05, 0.01);
  EXPECT_EQ(
      latency_ms,
      StoredStudy::load(dovetail_.path("out")).trials.front().record.evaluation.costs.latency_ms);
}

}  // namespace
}  // namespace dovetail
