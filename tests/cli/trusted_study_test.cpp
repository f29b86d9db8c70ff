// What a study from elsewhere may do without being asked about.
#include "cli/trusted_study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/command_runner.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class TrustedStudyTest : public testing::Test {
 protected:
  bool exists(const std::string& name) const { return fs::exists(files_.path() / name); }
  const CommandRunner command_;
  const TinyStudy files_{command_.folder()};
};

TEST_F(TrustedStudyTest, AProgramRunsWhenItIsTrusted) {
  files_.write_study(
      "accuracy: {source: command, command: [sh, -c, 'touch ran; echo {}'], timeout_s: 5, "
      "retries: 0}\nevaluations: 16\n");
  const CommandResult refused = command_.run({"search", "./study.yaml", "-o", "out"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("it runs a program"));
  EXPECT_THAT(refused.err, HasSubstr("touch ran"));
  EXPECT_THAT(refused.err, HasSubstr("--trust"));
  EXPECT_FALSE(exists("ran"));
  EXPECT_FALSE(exists("out"));
  for (const char* bench : {"claims", "targets"}) {
    EXPECT_EQ(command_.run({"bench", bench, "./study.yaml", "--targets", "1"}).status, 2);
  }
  EXPECT_FALSE(exists("ran"));
  command_.run({"-q", "search", "./study.yaml", "-o", "out", "--trust"});
  EXPECT_TRUE(exists("ran"));
}

TEST_F(TrustedStudyTest, AProgramThatSaysCostsRunsWhenItIsTrusted) {
  command_.folder().write("cost.sh", "touch ran; echo '{\"latency_ms\": 0.05}'");
  files_.write_study(
      "cost: {model: command, command: [sh, ./cost.sh], timeout_s: 60}\nevaluations: 4\n"
      "constraints: {latency_ms: 1}\nstrategy: {name: random}\n");
  const CommandResult refused = command_.run({"search", "./study.yaml", "-o", "out"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("it runs a program, for each candidate"));
  EXPECT_THAT(refused.err, HasSubstr("sh ./cost.sh"));
  EXPECT_FALSE(exists("ran"));
  EXPECT_FALSE(exists("out"));
  const CommandResult trusted =
      command_.run({"-q", "search", "./study.yaml", "-o", "out", "--trust"});
  EXPECT_EQ(trusted.status, 0) << trusted.err;
  EXPECT_TRUE(exists("ran"));
  const CommandResult trials = command_.run({"study", "export", "out", "--csv", "-"});
  EXPECT_THAT(trials.out, HasSubstr(",0.05,"));
}

TEST_F(TrustedStudyTest, WithoutAFolderBeforeItsNameTheProgramRunsBesideTheStudy) {
  command_.folder().write("answer.sh", "echo '{\"top1_percent\": 70}'");
  files_.write_study(
      "accuracy: {source: command, command: [sh, ./answer.sh], timeout_s: 5}\nevaluations: 4\n"
      "strategy: {name: random}\n");
  const CommandResult result = command_.run({"-q", "search", "study.yaml", "-o", "out", "--trust"});
  EXPECT_EQ(result.status, 0) << result.err;
}

TEST_F(TrustedStudyTest, ResultsStayInTheCurrentFolder) {
  fs::create_directory(files_.path() / "outside");
  fs::create_directory(files_.path() / "in");
  fs::create_directory_symlink("../outside", files_.path() / "in/link");
  const std::string study = "../study.yaml";
  const std::vector<std::string> in{"env", "-C", (files_.path() / "in").string()};
  for (const std::string output : {"../outside/a", "link/a", "/tmp/dovetail-no/a", "b/../../a"}) {
    files_.write_study("output: " + output + "\nevaluations: 4\nstrategy: {name: random}\n");
    const CommandResult result = command_.run({"search", study}, in);
    EXPECT_EQ(result.status, 2) << output;
    EXPECT_THAT(result.err, HasSubstr("outside the current folder")) << output;
  }
  EXPECT_TRUE(fs::is_empty(files_.path() / "outside"));
  files_.write_study("output: ../outside/a\nevaluations: 4\nstrategy: {name: random}\n");
  EXPECT_EQ(command_.run({"-q", "search", study, "--trust"}, in).status, 0);
  EXPECT_TRUE(exists("outside/a/study.db"));
  files_.write_study("output: ../outside/b\nevaluations: 4\nstrategy: {name: random}\n");
  EXPECT_EQ(command_.run({"-q", "search", study, "-o", "own"}, in).status, 0);
  EXPECT_TRUE(exists("in/own/study.db"));
}

TEST_F(TrustedStudyTest, ANameIsThatOfAFolderInOut) {
  for (const char* name : {"'..'", "'.'", "a/b", "''"}) {
    files_.write_study(std::string("name: ") + name + "\n");
    const CommandResult result = command_.run({"search", "./study.yaml"});
    EXPECT_EQ(result.status, 2) << name;
    EXPECT_THAT(result.err, HasSubstr("allowed a name that a folder can have")) << name;
  }
}

TEST_F(TrustedStudyTest, NothingInTheCurrentFolderIsRunByAPlot) {
  command_.folder().write("pareto.csv",
                          "run,seed,trial,top1_percent,latency_ms,area_mm2,area_over_baseline\n"
                          "joint,0,1,70,0.5,60,0.9\n");
  for (const char* module : {"matplotlib.py", "argparse.py", "sitecustomize.py", "paper.py"}) {
    command_.folder().write(module, "open('ran', 'w')");
  }
  EXPECT_EQ(command_.run({"plot", "pareto", "pareto.csv", "-o", "a.png"}).status, 0);
  EXPECT_FALSE(exists("ran"));
}

TEST_F(TrustedStudyTest, ConfigurationsFromElsewhereBringNoPrograms) {
  fs::create_directories(files_.path() / "x/plots");
  fs::create_directory_symlink(fs::path(DOVETAIL_SOURCE_DIR) / "configs",
                               files_.path() / "x/configs");
  command_.folder().write("x/plots/pareto.py", "open('ran', 'w')");
  command_.folder().write("pareto.csv",
                          "run,seed,trial,top1_percent,latency_ms,area_mm2,area_over_baseline\n"
                          "joint,0,1,70,0.5,60,0.9\n");
  const CommandResult result =
      command_.run({"plot", "pareto", "pareto.csv", "-o", "a.png"},
                   {"env", "DOVETAIL_CONFIGS=" + command_.path("x/configs")});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_FALSE(exists("ran"));
}

}  // namespace
}  // namespace dovetail::test
