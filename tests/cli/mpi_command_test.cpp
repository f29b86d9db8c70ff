// dovetail label under mpirun.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/numbers/random.h"
#include "cost/surrogate/data/dataset.h"
#include "tests/base/process/worker_processes.h"
#include "tests/cli/command_runner.h"

namespace dovetail::test {
namespace {

using testing::HasSubstr;
using Words = std::vector<std::string>;

Words operator+(Words left, const Words& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

/// mpirun for so many ranks: as root too, with more ranks than cores, without a network, and in
/// containers that forbid a process to read the memory of another.
Words mpirun(int ranks) {
  return Words{"env", "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
               "OMPI_MCA_btl=self,vader", "OMPI_MCA_btl_vader_single_copy_mechanism=none",
               // MPI keeps memory to its end
               "ASAN_OPTIONS=detect_leaks=0", DOVETAIL_MPIRUN, "--oversubscribe", "--bind-to",
               "none", "-n", std::to_string(ranks)};
}

Words label_args(const std::string& file, const std::string& rows = "800") {
  return {"label", "-s", "nas_bench_macro", "-c", rows, "--seed", "3", "-o", file};
}

/// Whether mpirun can start anything at all here: it cannot without a network interface that is up,
/// be it the loopback.
bool mpirun_starts_programs() {
  std::string command;
  for (const std::string& word : mpirun(1)) command += "'" + word + "' ";
  return std::system((command + "true >/dev/null 2>&1").c_str()) == 0;
}

class MpiCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    static const bool works = mpirun_starts_programs();
    if (!works) GTEST_SKIP() << "mpirun itself does not run here: try 'mpirun -n 1 true'";
  }
  std::string whole() const {
    EXPECT_EQ(dovetail_.run(label_args("whole.h5") + Words{"-w", "1"}).status, 0);
    return dovetail_.folder().read("whole.h5");
  }
  std::size_t rows_of(const std::string& file) const {
    const std::filesystem::path path = dovetail_.path(file);
    return std::filesystem::exists(path) ? Dataset::load(path).rows() : 0;
  }
  /// Starts two ranks that save often, and returns when so many rows are saved. False if the job
  /// was faster.
  bool start_and_wait(std::size_t rows, pid_t& mpirun_pid, const std::string& count = "800") const {
    std::filesystem::remove(dovetail_.path("l.h5"));
    mpirun_pid =
        dovetail_.start(label_args("l.h5", count) + Words{"--checkpoint-seconds", "0"}, mpirun(2));
    while (rows_of("l.h5") < rows && dovetail_.running(mpirun_pid)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return running_children(mpirun_pid).size() == 2;
  }

  CommandRunner dovetail_;
};

/// The process of a rank, by what mpirun told it.
pid_t process_of_rank(pid_t mpirun_pid, int rank) {
  const std::string wanted = "OMPI_COMM_WORLD_RANK=" + std::to_string(rank);
  for (const pid_t pid : running_children(mpirun_pid)) {
    std::ifstream stream("/proc/" + std::to_string(pid) + "/environ", std::ios::binary);
    for (std::string entry; std::getline(stream, entry, '\0');) {
      if (entry == wanted) return pid;
    }
  }
  return -1;
}

TEST_F(MpiCommandTest, AnyNumberOfRanksGivesTheBytesOfALocalRun) {
  const std::string local = whole();
  for (const int ranks : {1, 2, 3}) {
    const CommandResult result = dovetail_.run(label_args("l.h5"), mpirun(ranks));
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(dovetail_.folder().read("l.h5"), local) << ranks;
    EXPECT_THAT(result.out, HasSubstr("l.h5: 800 pairs of nas_bench_macro x nahas_edge"));
    EXPECT_EQ(result.out.find("l.h5: "), result.out.rfind("l.h5: "));  // one rank says it
    std::filesystem::remove(dovetail_.path("l.h5"));
  }
}

TEST_F(MpiCommandTest, AKilledRankLosesNothingAndAnyNumberOfRanksGoesOn) {
  const std::string local = whole();
  Rng moments(7);
  const Words restarts[] = {{}, mpirun(3)};
  int kills = 0;
  for (int trial = 0; kills < 4; ++trial) {
    ASSERT_LT(trial, 60) << "only " << kills << " kills came before the end";
    pid_t mpirun_pid = -1;
    const bool running = start_and_wait(25 + moments.index(500), mpirun_pid);
    const pid_t victim = running ? process_of_rank(mpirun_pid, kills % 2) : -1;
    const bool killed = victim > 0 && ::kill(victim, SIGKILL) == 0;
    const std::size_t rows = rows_of("l.h5");
    const CommandResult result = dovetail_.finish(mpirun_pid);
    if (!killed || result.status == 0) continue;  // it came too late
    EXPECT_GE(rows_of("l.h5"), rows);
    const Words& restart = restarts[kills / 2];
    const CommandResult resumed = dovetail_.run(label_args("l.h5") + Words{"--resume"}, restart);
    EXPECT_EQ(resumed.status, 0) << resumed.err;
    EXPECT_EQ(dovetail_.folder().read("l.h5"), local) << "kill " << kills;
    ++kills;
  }
}

TEST_F(MpiCommandTest, RankZeroStopsForASignalSavesAndSaysHowToGoOn) {
  for (int trial = 0; trial < 60; ++trial) {
    pid_t mpirun_pid = -1;
    const bool running = start_and_wait(50, mpirun_pid, "4000");
    const pid_t rank = running ? process_of_rank(mpirun_pid, 0) : -1;
    if (rank > 0) ::kill(rank, SIGTERM);
    const CommandResult result = dovetail_.finish(mpirun_pid);
    if (result.status == 0) continue;  // it came too late
    EXPECT_EQ(result.status, 1) << result.err;
    EXPECT_LT(rows_of("l.h5"), 4000U);
    EXPECT_THAT(result.err,
                HasSubstr(fmt::format("dovetail: stopped; {} of 4000 pairs are saved in "
                                      "l.h5. To go on: dovetail label ",
                                      rows_of("l.h5"))));
    return;
  }
  FAIL() << "every job was done before the signal";
}

TEST_F(MpiCommandTest, ErrorsAreThoseOfALocalRunAndSaidOnce) {
  const auto expect_error = [&](const Words& args, const std::string& message) {
    const CommandResult result = dovetail_.run(args, mpirun(2));
    EXPECT_EQ(result.status, 2) << result.err;
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_EQ(result.err.find("dovetail: "), result.err.rfind("dovetail: ")) << result.err;
  };
  expect_error({"label", "-s", "nas_bench_macr", "-c", "10", "-o", "l.h5"}, "nas_bench_macro");
  ASSERT_EQ(dovetail_.run(label_args("l.h5", "30")).status, 0);
  expect_error({"label", "-s", "nas_bench_macro", "-c", "60", "--resume", "-o", "l.h5"},
               "its seed is 3, this run's is 0");
  EXPECT_EQ(rows_of("l.h5"), 30U);
}

TEST_F(MpiCommandTest, ARankWithAnotherJobIsNamed) {
  Words other = label_args("l.h5");
  *(std::find(other.begin(), other.end(), "--seed") + 1) = "4";
  const CommandResult result =
      dovetail_.run(label_args("l.h5") + Words{":", "-n", "1", DOVETAIL_BINARY} + other, mpirun(1));
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("dovetail: rank 1 on "));
  EXPECT_THAT(result.err, HasSubstr("its seed is 3, this run's is 4"));
}

/// As if mpirun had started it: what needs no other rank.
const Words kAsOneOfTwo = {"env", "OMPI_COMM_WORLD_SIZE=2"};

TEST_F(MpiCommandTest, WorkersOfARankAreRefused) {
  const CommandResult result = dovetail_.run(label_args("l.h5") + Words{"-w", "2"}, kAsOneOfTwo);
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("--workers: this is one of 2 processes started together"));
}

TEST_F(MpiCommandTest, ABuildWithoutMpiSaysHowToGetIt) {
  const std::string alone = dovetail_.path("dovetail");
  std::filesystem::copy_file(DOVETAIL_BINARY, alone);
  const CommandResult result = dovetail_.run(
      label_args("l.h5"), kAsOneOfTwo + Words{"sh", "-c", "shift && exec ./dovetail \"$@\"", "sh"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err,
              testing::AllOf(HasSubstr("MPI: this build has none"), HasSubstr("libboost-mpi-dev")));
}

TEST_F(MpiCommandTest, OnlyRanksLoadMpi) {
  const CommandResult result = dovetail_.run({"--version"}, {"env", "LD_TRACE_LOADED_OBJECTS=1"});
  EXPECT_THAT(result.out, testing::AllOf(HasSubstr("libc.so"), testing::Not(HasSubstr("libmpi"))));
}

}  // namespace
}  // namespace dovetail::test
