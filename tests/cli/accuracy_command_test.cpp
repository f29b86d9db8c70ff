// A study that asks a program for its accuracies, stopped while the program runs.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <set>

#include "base/files/atomic_file.h"
#include "base/text/text.h"
#include "nas/study/study_store.h"
#include "tests/cli/command_runner.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Answers with a number made of the network's size. Notes who has been answered. Without a file
// `go`, only about the first five are; the others wait for ever, and what they start waits, too.
constexpr const char* kProgram = R"sh(
name=$(sed -n 's/.*"network": "\(.*\)",/\1/p' $1)
macs=$(sed -n 's/.*"macs": \([0-9]*\),/\1/p' $1)
echo >> calls
if test ! -e go && test $(wc -l < calls) -gt 5; then
  sleep 1000 &
  echo $$ $! >> waiting
  wait
fi
echo $name >> answered
echo "{\"top1_percent\": $((60 + macs % 17)).5}"
)sh";

constexpr const char* kAccuracy =
    "accuracy: {{source: command, command: [sh, ./program.sh, '{{json}}'], timeout_s: 1000, "
    "parallel: {}}}\nevaluations: 24\nstrategy: {{name: nsga2, population: 8}}\n";

class AccuracyCommandTest : public testing::Test {
 protected:
  AccuracyCommandTest() {
    command_.folder().write("program.sh", kProgram);
    // A command that is killed cannot clean up.
    ::setenv("TMPDIR", scratch_.path().c_str(), 1);
  }
  ~AccuracyCommandTest() override { ::unsetenv("TMPDIR"); }

  test::CommandResult search(const std::vector<std::string>& more) const {
    std::vector<std::string> words{"-q", "search", "./study.yaml", "--trust"};
    words.insert(words.end(), more.begin(), more.end());
    return command_.run(words);
  }
  std::vector<std::string> lines(const std::string& file) const {
    std::vector<std::string> all = split(command_.folder().read(file), '\n');
    if (!all.empty() && all.back().empty()) all.pop_back();
    return all;
  }
  void set_parallel(int parallel) const { files_.write_study(fmt::format(kAccuracy, parallel)); }

  const TemporaryFolder scratch_;
  const test::CommandRunner command_;
  const TinyStudy files_{command_.folder()};
};

TEST_F(AccuracyCommandTest, AStudyInTheCurrentFolderNeedsNoSlashBeforeItsName) {
  set_parallel(1);
  command_.folder().write("go", "");
  const auto result = command_.run({"-q", "search", "study.yaml", "--trust", "-o", "bare"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(fs::exists(command_.folder().path() / "bare" / "pareto.csv"));
}

bool is_running(pid_t pid) {
  const fs::path stat = fs::path("/proc") / std::to_string(pid) / "stat";
  std::ifstream file(stat);
  std::string text;
  std::getline(file, text);
  const std::size_t after_name = text.rfind(')');
  return after_name != std::string::npos && text.size() > after_name + 2 &&
         text[after_name + 2] != 'Z' && text[after_name + 2] != 'X';
}

class StoppedCommandTest : public AccuracyCommandTest, public testing::WithParamInterface<int> {};

TEST_P(StoppedCommandTest, StoppedWhileProgramsRunNoAnswerIsLostOrAskedForAgain) {
  const int signal = GetParam();
  set_parallel(2);
  const pid_t pid = command_.start({"search", "./study.yaml", "--trust", "-o", "stopped"});
  while (lines("waiting").size() < 2) ::usleep(5000);
  ::kill(pid, signal);
  const test::CommandResult stopped = command_.finish(pid);
  EXPECT_EQ(stopped.status, signal == SIGKILL ? -SIGKILL : 1);
  if (signal == SIGINT) {
    EXPECT_THAT(stopped.err, HasSubstr("are saved in stopped. To go on"));
  }
  for (const std::string& line : lines("waiting")) {
    const auto pids = split(line, ' ');
    while (is_running(std::stoi(pids.at(0)))) ::usleep(5000);
    if (signal == SIGINT) {
      while (is_running(std::stoi(pids.at(1)))) ::usleep(5000);
    } else {
      ::kill(std::stoi(pids.at(1)), SIGKILL);  // the kernel ends only the program itself
    }
  }
  EXPECT_GE(lines("answered").size(), 4u);  // one that counts late waits, too

  command_.folder().write("go", "");
  set_parallel(3);
  EXPECT_EQ(search({"-o", "stopped", "--resume"}).status, 0);
  const auto answered = lines("answered");
  EXPECT_EQ(std::set<std::string>(answered.begin(), answered.end()).size(), answered.size())
      << "a network was asked about twice";
  EXPECT_GT(answered.size(), 8u);

  set_parallel(1);
  EXPECT_EQ(search({"-o", "whole"}).status, 0);
  for (const char* file : {"pareto.csv", "hypervolume.csv", "convergence.csv", "effective.yaml"}) {
    EXPECT_EQ(read_file(files_.path() / "stopped" / file),
              read_file(files_.path() / "whole" / file))
        << file;
  }
}
INSTANTIATE_TEST_SUITE_P(Signals, StoppedCommandTest, testing::Values(SIGINT, SIGKILL));

TEST_F(AccuracyCommandTest, AnotherProgramIsAnotherStudy) {
  command_.folder().write("go", "");
  set_parallel(1);
  ASSERT_EQ(search({"-o", "out"}).status, 0);
  command_.folder().write("program.sh", std::string(kProgram) + "# changed\n");
  const test::CommandResult changed = search({"-o", "out", "--resume"});
  EXPECT_EQ(changed.status, 2);
  EXPECT_THAT(changed.err, HasSubstr("./program.sh, of the accuracy command, has changed"));
  fs::remove(files_.path() / "program.sh");
  const test::CommandResult gone = search({"-o", "out", "--resume"});
  EXPECT_EQ(gone.status, 2);
  EXPECT_EQ(command_.run({"export", "--study", "out", "-t", "1", "-o", "pair"}).status, 0)
      << "what was found can be taken away without the program";
  EXPECT_THAT(gone.err, HasSubstr("./program.sh, of the accuracy command, is gone"));
}

TEST_F(AccuracyCommandTest, AProgramThatFailsFailsTrialsAndNotTheStudy) {
  command_.folder().write("program.sh",
                          "grep -q '\"k0\": 5' $1 && { echo no kernel of 5 >&2; exit 7; }\necho "
                          "'{\"top1_percent\": 70}'");
  set_parallel(2);
  EXPECT_EQ(search({"-o", "out"}).status, 0);
  const StudyStore store =
      StudyStore::open(files_.path() / "out/study.db", StudyStore::Access::kRead);
  int failed = 0;
  for (const TrialRecord& trial : store.trials(0, Stage::kSearch)) {
    if (trial.evaluation.status != TrialStatus::kFailed) continue;
    ++failed;
    EXPECT_EQ(trial.choices[0], 1);
    EXPECT_EQ(trial.evaluation.reason,
              "command: exit status 7 (attempt 2); stderr: no kernel of 5");
  }
  EXPECT_GT(failed, 0);
}

TEST_F(AccuracyCommandTest, WhatCannotWorkIsToldBeforeAnythingIsWritten) {
  files_.write_study("accuracy: {source: command, command: [no-such-program], timeout_s: 5}\n");
  const test::CommandResult result = search({"-o", "out"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("'no-such-program' is no program in PATH"));
  EXPECT_FALSE(fs::exists(files_.path() / "out"));
}

}  // namespace
}  // namespace dovetail
