// Long commands while their processes are killed or interrupted: nothing is lost, nothing is twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <thread>

#include "tests/base/process/worker_processes.h"
#include "tests/cli/command_runner.h"

namespace dovetail::test {
namespace {

using Clock = std::chrono::steady_clock;
using testing::HasSubstr;

// 2,000 accelerators.
constexpr const char* kSpace =
    "schema: dovetail.design_space/1\n"
    "name: small\n"
    "base: nahas_baseline\n"
    "decisions:\n"
    "  - {name: pes_x, unit: PEs, choices: [1, 2, 4, 6, 8]}\n"
    "  - {name: pes_y, unit: PEs, choices: [1, 2, 4, 6, 8]}\n"
    "  - {name: compute_lanes, unit: lanes per PE, choices: [1, 2, 4, 8]}\n"
    "  - {name: register_file_kib, unit: KiB per lane, choices: [8, 16, 32, 64]}\n"
    "  - {name: io_bandwidth_gbps, unit: GB/s, choices: [5, 10, 15, 20, 25]}\n";

void sleep_ms(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

/// A command that works in parallel for a second or so.
struct LongCommand {
  std::string name;
  std::vector<std::string> args;  // "OUT" stands for the folder of the results
  std::string file;               // written there
  std::string piece;              // what a chunk of work is called
};

LongCommand explore_command() {
  return {"explore",
          {"explore", "-n", "mobilenet_v2", "-s", "./small.yaml", "-o", "OUT", "-w", "2"},
          "mobilenetv2_1.0_224.csv",
          "configurations "};
}
LongCommand label_command() {
  return {"label",
          {"label", "-s", "ofa_mbv3", "-c", "2000", "--seed", "3", "-o", "OUT/l.h5", "-w", "2"},
          "l.h5",
          "rows "};
}

class WorkerSurvivalTest : public testing::TestWithParam<LongCommand> {
 protected:
  void SetUp() override { dovetail_.folder().write("small.yaml", kSpace); }

  std::vector<std::string> args(const std::string& out, bool resume = false) const {
    std::vector<std::string> words = GetParam().args;
    for (std::string& word : words) {
      if (word.starts_with("OUT")) word.replace(0, 3, out);
    }
    if (resume) words.emplace_back("--resume");
    return words;
  }
  std::string content(const std::string& out) const {
    return dovetail_.folder().read(out + "/" + GetParam().file);
  }
  /// What the command writes if nothing happens to it; run once for all tests.
  const std::string& uninterrupted() const {
    static std::map<std::string, std::string> known;
    std::string& whole = known[GetParam().name];
    if (whole.empty()) {
      EXPECT_EQ(dovetail_.run(args("whole")).status, 0);
      whole = content("whole");
    }
    return whole;
  }
  /// Starts the command and waits until its workers are at work.
  pid_t start_working(const std::string& out) const {
    const pid_t pid = dovetail_.start(args(out));
    for (int i = 0; i < 1000 && running_children(pid).size() < 2; ++i) sleep_ms(2);
    EXPECT_EQ(running_children(pid).size(), 2U);
    sleep_ms(40);
    return pid;
  }

  CommandRunner dovetail_;
};

TEST_P(WorkerSurvivalTest, KilledWorkersAreReplacedAndTheFileIsTheSame) {
  const pid_t pid = start_working("killed");
  std::set<pid_t> seen = running_children(pid);
  for (int kills = 0; kills < 2; ++kills) {
    const std::set<pid_t> now = running_children(pid);
    ASSERT_EQ(now.size(), 2U) << "the command is no longer at work";
    ASSERT_EQ(::kill(*now.rbegin(), SIGKILL), 0);
    const auto replaced = [&] {
      for (const pid_t child : running_children(pid)) {
        if (seen.insert(child).second) return true;
      }
      return false;
    };
    bool found = false;
    for (int i = 0; i < 500 && !found; ++i) {
      sleep_ms(1);
      found = replaced();
    }
    EXPECT_TRUE(found);
  }
  const CommandResult result = dovetail_.finish(pid);
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(content("killed"), uninterrupted());
  EXPECT_FALSE(content("killed").empty());
}

TEST_P(WorkerSurvivalTest, CtrlCStopsAtOnceAndResumingEndsTheSame) {
  const pid_t pid = start_working("stopped");
  const auto at = Clock::now();
  // A terminal sends it to every process of the group.
  for (const pid_t worker : running_children(pid)) ::kill(worker, SIGINT);
  ::kill(pid, SIGINT);
  const CommandResult stopped = dovetail_.finish(pid);
  EXPECT_LT(Clock::now() - at, std::chrono::seconds(2));
  EXPECT_EQ(stopped.status, 1) << stopped.out << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("stopped; "));
  EXPECT_THAT(stopped.err, HasSubstr("To go on: dovetail " + GetParam().name + " "));
  EXPECT_THAT(stopped.err, HasSubstr(" --resume\n"));

  const CommandResult resumed = dovetail_.run(args("stopped", true));
  EXPECT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_EQ(content("stopped"), uninterrupted());
}

TEST_P(WorkerSurvivalTest, WorkThatKillsEveryWorkerIsNamedAndWhatWasDoneIsKept) {
  const pid_t pid = start_working("lost");
  while (true) {
    const std::set<pid_t> workers = running_children(pid);
    if (workers.empty() && running_children(::getpid()).count(pid) == 0) break;  // it gave up
    for (const pid_t worker : workers) ::kill(worker, SIGKILL);
    sleep_ms(3);
  }
  const CommandResult result = dovetail_.finish(pid);
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr(GetParam().piece));
  EXPECT_THAT(result.err, HasSubstr("3 workers ended on it; the last one was ended by signal 9"));
  const bool kept = std::filesystem::exists(dovetail_.path("lost/" + GetParam().file)) ||
                    std::filesystem::exists(dovetail_.path("lost/" + GetParam().file + ".part"));
  EXPECT_EQ(result.err.find("before it are saved in lost/") != std::string::npos, kept);
  EXPECT_EQ(dovetail_.run(args("lost", true)).status, 0);
  EXPECT_EQ(content("lost"), uninterrupted());
}

INSTANTIATE_TEST_SUITE_P(Commands, WorkerSurvivalTest,
                         testing::Values(explore_command(), label_command()),
                         [](const auto& command) { return command.param.name; });

}  // namespace
}  // namespace dovetail::test
