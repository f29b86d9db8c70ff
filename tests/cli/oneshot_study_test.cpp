// Studies over shared weights: by any strategy, and by a policy that is trained with them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <set>
#include <sstream>
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
name: shared
input: {height: 8, width: 8, channels: 1}
defaults: act=relu
decisions:
  - {name: b, choices: [none, narrow, wide]}
  - {name: k, choices: [3, 5, 7]}
  - {name: e, choices: [1, 2, 4]}
blocks:
  - conv k=3 s=2 c=8 name=stem
  - mb k=3 e=2 c=8 when $b == narrow
  - mb k=5 e=4 c=8 when $b == wide
  - mb k=$k e=$e c=8
  - pool
  - fc c=4
)";
constexpr const char* kHardware = R"(schema: dovetail.design_space/1
name: small
base: tiny_edge_baseline
decisions:
  - {name: pes_x, choices: [1, 2, 4]}
  - {name: simd_units, choices: [4, 8, 16, 32]}
)";

class OneshotStudyTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(fs::path(DOVETAIL_BINARY).parent_path() / "dovetail_trainer")) {
      GTEST_SKIP() << "this build cannot train";
    }
    const TemporaryFolder& folder = dovetail_.folder();
    folder.write("shared.yaml", kSpace);
    folder.write("small.yaml", kHardware);
    test::write_made_images(folder.path() / "images");
  }
  void write_study(const std::string& strategy, const std::string& changes = "",
                   const std::string& accuracy = "") const {
    dovetail_.folder().write("study.yaml", R"(schema: dovetail.study/1
name: oneshot
network: {space: ./shared.yaml}
hardware: {space: ./small.yaml}
accuracy: {source: supernet, data: ./images, epochs: 20, batch: 20, lr: 0.1, validation: 40,
           recalibration: 200)" + accuracy + R"(}
cost: {model: simulation}
objective:
  pareto: [top1_percent, latency_ms]
  reference: {top1_percent: 1, latency_ms: 1}
  reward: {kind: tunas_absolute, targets: {latency_ms: 0.007}}
evaluations: 8
)" + (changes.empty() ? "seeds: [3]\n" : changes) +
                                               "strategy: " + strategy + "\n");
  }
  CommandResult search(const std::string& folder) const {
    std::vector<std::string> words{"-q", "search", "./study.yaml", "-o", folder, "-w", "1"};
    if (fs::exists(dovetail_.path(folder) + "/effective.yaml")) words.emplace_back("--resume");
    return dovetail_.run(words);
  }
  /// The rows of oneshot.csv.
  std::vector<std::vector<double>> epochs(const std::string& folder) const {
    std::vector<std::vector<double>> rows;
    std::istringstream csv(dovetail_.folder().read(folder + "/oneshot.csv"));
    for (std::string line; std::getline(csv, line);) {
      if (line.starts_with("#") || line.starts_with("epoch")) continue;
      std::vector<double>& row = rows.emplace_back();
      for (const std::string& cell : split(line, ',')) row.push_back(std::stod(cell));
    }
    return rows;
  }
  std::string content(const std::string& folder) const {
    StoredStudy study = StoredStudy::load(dovetail_.path(folder));
    study.timings.clear();
    return trials_csv(study, study.all_trials());
  }

  test::CommandRunner dovetail_;
};

TEST_F(OneshotStudyTest, AnyStrategySearchesOverASupernetWhichStays) {
  write_study("{name: random}", "", ", folder: ./kept");
  const CommandResult first = search("a");
  ASSERT_EQ(first.status, 0) << first.err;
  const std::string weights = dovetail_.folder().read("kept/supernet.safetensors");
  const StoredStudy study = StoredStudy::load(dovetail_.path("a"));
  double best = 0;
  for (const StoredTrial& trial : study.trials) {
    ASSERT_TRUE(trial.record.evaluation.ok()) << trial.record.evaluation.reason;
    best = std::max(best, trial.record.evaluation.accuracy.top1_percent);
  }
  EXPECT_GT(best, 70);  // of four classes
  write_study("{name: nsga2, population: 4}", "", ", folder: ./kept");
  ASSERT_EQ(search("b").status, 0);
  EXPECT_TRUE(weights == dovetail_.folder().read("kept/supernet.safetensors"));
  write_study("{name: random}", "", ", folder: ./kept, label_smoothing: 0.2");
  const CommandResult other = search("c");
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.err, HasSubstr("supernet.json: of another supernet"));
}

TEST_F(OneshotStudyTest, APolicyIsTrainedWithTheWeightsAndAnswersFirst) {
  for (const char* step : {"0", "1"}) {
    write_study(std::string("{name: oneshot, networks: 2, learning_rate: 0.05, single_step: ") +
                step + "}");
    const std::string folder = std::string("step") + step;
    const CommandResult result = search(folder);
    ASSERT_EQ(result.status, 0) << result.err;
    const StoredStudy study = StoredStudy::load(dovetail_.path(folder));
    ASSERT_EQ(study.trials.size(), 8U);
    std::set<Choices> different;
    for (const StoredTrial& trial : study.trials) different.insert(trial.record.choices);
    EXPECT_EQ(different.size(), 8U);
    const std::vector<std::vector<double>> rows = epochs(folder);
    ASSERT_EQ(rows.size(), 20U);
    constexpr std::size_t kTop1 = 2, kReward = 3, kEntropy = 6;
    // Not moved while it is delayed; afterwards it knows what it wants, and draws better pairs.
    EXPECT_EQ(rows[0][kEntropy], rows[4][kEntropy]);
    EXPECT_LT(rows[19][kEntropy], rows[0][kEntropy] - 1);
    EXPECT_GT(rows[19][kReward], rows[5][kReward]);
    EXPECT_GT(rows[19][kTop1], 50);
  }
}

TEST_F(OneshotStudyTest, KilledAtAnyMomentItEndsAlike) {
  write_study("{name: oneshot}");
  ASSERT_EQ(search("whole").status, 0);
  const std::string expected = content("whole") + dovetail_.folder().read("whole/oneshot.csv") +
                               dovetail_.folder().read("whole/supernet/supernet.safetensors");
  Rng rng(9);
  int kills = 0;
  for (int tries = 0; tries < 40; ++tries) {
    std::vector<std::string> words{"-q", "search", "./study.yaml", "-o", "killed", "-w", "1"};
    if (fs::exists(dovetail_.path("killed") + "/effective.yaml")) words.emplace_back("--resume");
    const pid_t pid = dovetail_.start(words);
    std::this_thread::sleep_for(std::chrono::milliseconds(150 + rng.index(700)));
    ::kill(pid, SIGKILL);
    if (dovetail_.finish(pid).status != -SIGKILL) break;
    ++kills;
  }
  ASSERT_EQ(search("killed").status, 0);
  EXPECT_GE(kills, 2);
  EXPECT_TRUE(expected == content("killed") + dovetail_.folder().read("killed/oneshot.csv") +
                              dovetail_.folder().read("killed/supernet/supernet.safetensors"));
}

TEST_F(OneshotStudyTest, WhatDoesNotFitIsTold) {
  const auto refused = [&](const std::string& words) {
    const CommandResult result = search("refused");
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.err, HasSubstr(words));
    EXPECT_FALSE(fs::exists(dovetail_.path("refused")));
  };
  write_study("{name: oneshot}", "seeds: [1, 2]\n");
  refused("strategy 'oneshot': seeds: allowed is one");
  write_study("{name: oneshot}", "seeds: [1]\ncomparison: fixed_hardware\n");
  refused("strategy 'oneshot': comparison");
  write_study("{name: oneshot}", "", ", folder: ./kept");
  refused("strategy 'oneshot': accuracy.folder has no effect");
  write_study("{name: oneshot}", "", ", stop_after: 1");
  refused("source 'supernet' does not use it");
  write_study("{name: oneshot, networks: 0}");
  refused("strategy.networks");
}

}  // namespace
}  // namespace dovetail
