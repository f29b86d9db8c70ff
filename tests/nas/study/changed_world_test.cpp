// A study goes on, and gives its pairs away, only in the world that it was begun in: everything
// that an answer depends on is looked at again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/paths.h"
#include "hw_space/accelerator_config.h"
#include "models/network/onnx/onnx.h"
#include "models/network/zoo.h"
#include "nas/analysis/export_pair.h"
#include "sim/simulator.h"
#include "tests/nas/study/study_fixture.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kFixed =
    "scope: hardware\nnetwork: {fixed: ./fixed.yaml}\naccuracy: {source: published}\n"
    "evaluations: 6\nstrategy: {name: random}\n";
constexpr const char* kNetwork =
    "schema: dovetail.network/1\nname: small\npublished: {top1_percent: 70, source: x}\n"
    "input: {height: 32, width: 32, channels: 3}\nblocks:\n  - conv k=3 s=2 c=16 act=relu\n"
    "  - pool\n  - fc c=10\n";

class ChangedWorldTest : public StudyTest {
 protected:
  void write(const std::string& name, const std::string& text) const {
    files_.folder().write(name, text);
  }
  void replace(const std::string& name, const std::string& from, const std::string& to) const {
    std::string text = files_.folder().read(name);
    ASSERT_NE(text.find(from), std::string::npos);
    write(name, text.replace(text.find(from), from.size(), to));
  }
  /// Begins a study, changes something, and returns what its going on and its export say.
  std::vector<std::string> refusals(const std::string& changes,
                                    const std::function<void()>& change) const {
    run(StudySetup(files_.config(changes)), options("out"));
    change();
    StudyOptions resuming = options("out");
    resuming.resume = true;
    return {message_of<InputError>([&] { run(StudySetup(files_.config(changes)), resuming); }),
            message_of<InputError>(
                [&] { export_pair(files_.path() / "out", 1, files_.path() / "pair"); })};
  }
};

TEST_F(ChangedWorldTest, AnotherNetworkInTheSameFile) {
  write("fixed.yaml", kNetwork);
  for (const std::string& message :
       refusals(kFixed, [&] { replace("fixed.yaml", "c=16", "c=64"); })) {
    EXPECT_THAT(message, HasSubstr("file of the network has changed"));
  }
}

TEST_F(ChangedWorldTest, AnotherPublishedAccuracy) {
  write("fixed.yaml", kNetwork);
  for (const std::string& message :
       refusals(kFixed, [&] { replace("fixed.yaml", "percent: 70", "percent: 71"); })) {
    EXPECT_THAT(message, HasSubstr("file of the network has changed"));
  }
}

TEST_F(ChangedWorldTest, AnotherAcceleratorThatTheSpaceStartsFrom) {
  write("base.yaml", read_file(resolve_config("accelerators", "nahas_baseline_streamed")));
  replace("hw.yaml", "base: nahas_baseline_streamed", "base: ./base.yaml");
  for (const std::string& message :
       refusals("", [&] { replace("base.yaml", "clock_ghz: 0.8", "clock_ghz: 1.6"); })) {
    EXPECT_THAT(message, HasSubstr("file of the base accelerator has changed"));
  }
}

TEST_F(ChangedWorldTest, AnotherTechnology) {
  write("technology.yaml", read_file(resolve_config("technology", "16nm")));
  const std::string changes = "cost: {model: simulation, technology: ./technology.yaml}\n";
  for (const std::string& message : refusals(changes, [&] {
         write("technology.yaml", files_.folder().read("technology.yaml") + "# edited\n");
       })) {
    EXPECT_THAT(message, HasSubstr("file of the technology has changed"));
  }
}

TEST_F(ChangedWorldTest, WhatOnlyLooksOtherwiseIsTheSame) {
  write("fixed.yaml", kNetwork);
  const StudySetup before(files_.config(kFixed));
  run(before, options("out"));
  replace("fixed.yaml", "blocks:", "# a comment\nblocks:");
  StudyOptions resuming = options("out");
  resuming.resume = true;
  EXPECT_TRUE(run(StudySetup(files_.config(kFixed)), resuming).complete);
}

TEST_F(ChangedWorldTest, AProjectThatWasMovedGoesOnAndGivesItsPairs) {
  const TemporaryFolder elsewhere;
  const fs::path old_home = elsewhere.path() / "a/project", home = elsewhere.path() / "b";
  fs::create_directories(old_home.parent_path());
  fs::copy(files_.path(), old_home);
  const auto setup_in = [&](const fs::path& folder) {
    return StudySetup(StudyConfig::load(folder / "study.yaml"));
  };
  StudyOptions there = options("");
  there.folder = old_home / "out/st";
  run(setup_in(old_home), there);
  fs::rename(old_home, home);
  there.folder = home / "out/st";
  there.resume = true;
  EXPECT_TRUE(run(setup_in(home), there).complete);
  export_pair(home / "out/st", 1, home / "pair");
  EXPECT_TRUE(fs::exists(home / "pair/accelerator.yaml"));
}

TEST_F(ChangedWorldTest, AStudyThatWasKilledBeforeItsFirstFileGoesOn) {
  const StudySetup setup(files_.config());
  run(setup, options("whole"));
  fs::create_directory(files_.path() / "out");
  fs::copy_file(files_.path() / "whole/effective.yaml", files_.path() / "out/effective.yaml");
  StudyOptions resuming = options("out");
  resuming.resume = true;
  EXPECT_TRUE(run(setup, resuming).complete);
  EXPECT_EQ(content("out"), content("whole"));
}

TEST_F(ChangedWorldTest, ThePairOfAnOnnxNetworkIsOnnx) {
  write("fixed.yaml", kNetwork);
  save_onnx(load_network(files_.path() / "fixed.yaml"), files_.path() / "fixed.onnx", {});
  const StudySetup setup(files_.config(
      "scope: hardware\nnetwork: {fixed: ./fixed.onnx}\naccuracy: {source: command, command: [sh, "
      "-c, \"echo '{\\\"top1_percent\\\": 70}'\"], timeout_s: 5}\nevaluations: 3\n"
      "strategy: {name: random}\n"));
  const FoundStudy outcome = run(setup, options("out"));
  const TrialRecord& trial = outcome.results().runs[0].front.front()->record;
  const fs::path pair = files_.path() / "pair";
  fs::create_directory(pair);
  write("pair/network.yaml", "of another pair");
  write("pair/pair.yaml", "of another pair");
  export_pair(files_.path() / "out", trial.id, pair);
  EXPECT_FALSE(fs::exists(pair / "network.yaml"));
  EXPECT_THAT(read_file(pair / "pair.yaml"), HasSubstr("network: network.onnx\n"));
  const SimulationResult again =
      setup.simulator()->run(find_network((pair / "network.onnx").string()),
                             AcceleratorConfig::load(pair / "accelerator.yaml"));
  EXPECT_EQ(again.latency_ms, trial.evaluation.costs.latency_ms);
}

}  // namespace
}  // namespace dovetail
