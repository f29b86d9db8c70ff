// dovetail train-network as a user meets it. What trains is tested in tests/models/training/engine.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <map>
#include <thread>

#include "base/numbers/random.h"
#include "models/network/zoo.h"
#include "tests/cli/command_runner.h"
#include "tests/models/training/made_images.h"

namespace dovetail::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

using Clock = std::chrono::steady_clock;

constexpr const char* kSpace = R"(schema: dovetail.network_space/1
name: seen
input: {height: 8, width: 8, channels: 1}
defaults: act=relu
decisions:
  - {name: k, choices: [3, 5]}
blocks:
  - conv k=3 s=2 c=8 name=stem
  - mb k=$k e=2 c=8
  - pool
  - fc c=4
)";

class TrainNetworkCommandTest : public testing::Test {
 protected:
  TrainNetworkCommandTest() {
    if (!fs::exists(fs::path(DOVETAIL_BINARY).parent_path() / "dovetail_trainer")) {
      can_train_ = false;
      return;
    }
    dovetail_.folder().write("seen.yaml", kSpace);
    write_made_images(dovetail_.folder().path() / "images");
  }

  static std::vector<std::string> words(const std::string& output,
                                        const std::vector<std::string>& more = {}) {
    std::vector<std::string> all = {"train-network",
                                    "-s",
                                    "./seen.yaml",
                                    "--choices",
                                    "k=5",
                                    "-d",
                                    "images",
                                    "-o",
                                    output,
                                    "--batch",
                                    "24",
                                    "--validation",
                                    "40",
                                    "--epochs",
                                    "12",
                                    "--warmup-epochs",
                                    "1"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  /// All that a training left, but for the seconds that it took.
  std::map<std::string, std::string> results(const std::string& folder) const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(dovetail_.path(folder))) {
      const std::string name = entry.path().filename();
      if (name != "timings.csv" && name.front() != '.')
        files[name] = dovetail_.folder().read(folder + "/" + name);
    }
    return files;
  }
  /// Compares file by file: weights are no text to be printed.
  static void expect_same(const std::map<std::string, std::string>& found,
                          const std::map<std::string, std::string>& expected) {
    EXPECT_EQ(found.size(), expected.size());
    for (const auto& [name, content] : expected) {
      const auto file = found.find(name);
      EXPECT_TRUE(file != found.end() && file->second == content) << name;
    }
  }
  void expect_refused(const std::vector<std::string>& all, const std::string& says) const {
    const CommandResult result = dovetail_.run(all);
    EXPECT_EQ(result.status, 2) << result.out << result.err;
    EXPECT_THAT(result.err, HasSubstr(says));
  }

  CommandRunner dovetail_;
  bool can_train_ = true;
};

TEST_F(TrainNetworkCommandTest, ABuildWithoutLibtorchSaysSo) {
  if (can_train_) GTEST_SKIP() << "this build can train";
  expect_refused({"train-network", "-n", "mobilenet_v2", "-d", "x", "-o", "y"},
                 "this build cannot train (dovetail_trainer is missing); install libtorch-dev");
}

TEST_F(TrainNetworkCommandTest, LeavesWeightsCurveAndAnOnnxFile) {
  if (!can_train_) GTEST_SKIP() << "this build cannot train";
  const CommandResult result = dovetail_.run(words("out"));
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("12 epochs, training loss"), HasSubstr("test ")));
  const auto files = results("out");
  std::vector<std::string> names;
  for (const auto& [name, content] : files) names.push_back(name);
  EXPECT_THAT(names, testing::ElementsAre("curve.csv", "job.json", "network.onnx", "result.json",
                                          "weights.safetensors"));
  EXPECT_THAT(dovetail_.folder().read("out/timings.csv"), HasSubstr("\n12,"));
  EXPECT_THAT(files.at("curve.csv"), HasSubstr("\n12,"));
  const Network read = find_network(dovetail_.path("out/network.onnx"));
  EXPECT_EQ(read.layers().size(), 7U);
  // Trained weights are not those that an export draws.
  const std::vector<std::string> draw{
      "export", "-n", "out/network.onnx", "--onnx", "drawn.onnx", "--weights", "random"};
  ASSERT_EQ(dovetail_.run(draw).status, 0);
  EXPECT_TRUE(dovetail_.folder().read("drawn.onnx") != files.at("network.onnx"));
}

TEST_F(TrainNetworkCommandTest, KilledAtAnyMomentItGoesOnToTheSameBytes) {
  if (!can_train_) GTEST_SKIP() << "this build cannot train";
  const auto begin = Clock::now();
  ASSERT_EQ(dovetail_.run(words("whole")).status, 0);
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const auto whole = results("whole");
  Rng moments(5);
  int kills = 0;
  for (int trial = 0; trial < 6; ++trial) {
    fs::remove_all(dovetail_.path("out"));
    fs::create_directory(dovetail_.path("out"));
    const pid_t pid = dovetail_.start(words("out"));
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds * moments.uniform()));
    ::kill(pid, SIGKILL);
    kills += dovetail_.finish(pid).status == -SIGKILL ? 1 : 0;
    const CommandResult resumed = dovetail_.run(words("out", {"--resume"}));
    ASSERT_EQ(resumed.status, 0) << resumed.err;
    expect_same(results("out"), whole);
  }
  EXPECT_GE(kills, 1);
}

TEST_F(TrainNetworkCommandTest, AFolderHasOneTraining) {
  if (!can_train_) GTEST_SKIP() << "this build cannot train";
  expect_refused(words("out", {"--resume"}), "no training is stored there");
  ASSERT_EQ(dovetail_.run(words("out")).status, 0);
  const auto before = results("out");
  expect_refused(words("out"), "out holds a training already; go on with it by --resume");
  expect_refused(words("out", {"--resume", "--lr", "0.5"}), "job.json: of another training");
  EXPECT_EQ(dovetail_.run(words("out", {"--resume"})).status, 0);  // nothing is left to do
  expect_same(results("out"), before);
  expect_refused({"sample", "-s", "./seen.yaml", "-c", "1", "-o", "out"}, "of a training");
}

TEST_F(TrainNetworkCommandTest, WhatIsWrongIsToldAndNothingIsWritten) {
  if (!can_train_) GTEST_SKIP() << "this build cannot train";
  expect_refused(words("out", {"--lr", "fast"}),
                 "lr: found 'fast', allowed a number from 0 to 100");
  expect_refused(words("out", {"--optimizer", "adam"}),
                 "optimizer: found 'adam', allowed rmsprop, sgd");
  expect_refused({"train-network", "-d", "images", "-o", "out"},
                 "allowed is -n NETWORK, or -s SPACE");
  expect_refused(
      {"train-network", "-s", "./seen.yaml", "--choices", "k", "-d", "images", "-o", "out"},
      "--choices: found 'k', allowed DECISION=CHOICE");
  expect_refused(
      {"train-network", "-s", "./seen.yaml", "--choices", "k=4", "-d", "images", "-o", "out"},
      "allowed 3, 5");
  EXPECT_FALSE(fs::exists(dovetail_.path("out")));
  // Told by the images.
  expect_refused({"train-network", "-n", "mobilenetv2_0.35_96", "-d", "images", "-o", "wide"},
                 "to validate; allowed 1 to 239");
  expect_refused({"train-network", "-n", "mobilenetv2_0.35_96", "-d", "images", "-o", "wide",
                  "--validation", "40", "--resume"},
                 "of another training");
  dovetail_.folder().write("large.yaml",
                           "schema: dovetail.network/1\nname: large\n"
                           "input: {height: 9, width: 9, channels: 1}\n"
                           "blocks: [conv c=8 act=relu, pool, fc c=4]\n");
  expect_refused(
      {"train-network", "-n", "./large.yaml", "-d", "images", "-o", "wide2", "--validation", "40"},
      "large reads 9x9x1, the images are 8x8x1");
  expect_refused({"train-network", "-n", "mobilenetv2_0.35_96", "-d", "nowhere", "-o", "wide3"},
                 "nowhere: there is no such folder of images");
  EXPECT_FALSE(fs::exists(dovetail_.path("wide3")));
}

}  // namespace
}  // namespace dovetail::test
