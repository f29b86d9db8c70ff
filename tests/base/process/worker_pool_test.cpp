#include "base/process/worker_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <stdexcept>
#include <thread>

#include "base/numbers/random.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::HasSubstr;
using Bytes = std::string;

// All answers in the order of delivery.
Bytes gather(std::uint64_t tasks, int workers, const std::function<Bytes(std::uint64_t)>& work) {
  Bytes all;
  std::uint64_t expected = 0;
  const std::uint64_t delivered =
      run_in_workers(tasks, workers, work, [&](std::uint64_t task, const Bytes& bytes) {
        EXPECT_EQ(task, expected++);
        all += std::to_string(task) + ":" + bytes + ";";
      });
  EXPECT_EQ(delivered, tasks);
  return all;
}

// No process that was started here may be left, not even a zombie.
void expect_no_children() {
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

void sleep_ms(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

TEST(WorkerPoolTest, SameBytesForAnyNumberOfWorkers) {
  const auto work = [](std::uint64_t task) {
    Rng rng(1, task);
    Bytes bytes(rng.index(100000), '\0');
    for (char& c : bytes) c = static_cast<char>(rng.bits());
    return bytes;
  };
  const Bytes serial = gather(60, 1, work);
  EXPECT_EQ(gather(60, 2, work), serial);
  EXPECT_EQ(gather(60, 4, work), serial);
  EXPECT_EQ(gather(3, 16, work), gather(3, 1, work));
  EXPECT_EQ(gather(0, 4, work), "");
  expect_no_children();
}

TEST(WorkerPoolTest, DeliversInOrderWhoeverIsFaster) {
  const auto work = [](std::uint64_t task) {
    sleep_ms(task % 4 == 0 ? 15 : 0);
    return std::to_string(task);
  };
  EXPECT_EQ(gather(24, 3, work), gather(24, 1, work));
}

TEST(WorkerPoolTest, WorkIsDoneInSeveralOtherProcesses) {
  std::set<std::string> processes;
  run_in_workers(
      20, 2,
      [](std::uint64_t) {
        sleep_ms(2);
        return std::to_string(::getpid());
      },
      [&](std::uint64_t, const Bytes& pid) { processes.insert(pid); });
  EXPECT_EQ(processes.size(), 2U);
  EXPECT_FALSE(processes.contains(std::to_string(::getpid())));
}

TEST(WorkerPoolTest, OneWorkerIsThisProcess) {
  EXPECT_EQ(gather(1, 1, [](std::uint64_t) { return std::to_string(::getpid()); }),
            "0:" + std::to_string(::getpid()) + ";");
}

TEST(WorkerPoolTest, MemoryStaysBoundedBehindASlowTask) {
  const TemporaryFolder folder;
  const auto work = [&](std::uint64_t task) {
    folder.write(std::to_string(task), "");
    if (task == 0) sleep_ms(200);
    return Bytes();
  };
  bool first = true;
  run_in_workers(1000, 2, work, [&](std::uint64_t, const Bytes&) {
    if (std::exchange(first, false)) {
      EXPECT_LE(folder.count(), 8U);
    }
  });
  EXPECT_EQ(folder.count(), 1000U);
}

TEST(WorkerPoolTest, ATaskWhoseWorkerDiesIsTriedAgain) {
  const TemporaryFolder folder;
  const auto work = [&](std::uint64_t task) {
    const std::string marker = "tried-" + std::to_string(task);
    if (task % 5 == 3 && !std::filesystem::exists(folder.path() / marker)) {
      folder.write(marker, "");
      std::raise(SIGKILL);
    }
    return std::to_string(task * task);
  };
  const Bytes parallel = gather(30, 3, work);
  EXPECT_EQ(folder.count(), 6U);  // so many were killed
  EXPECT_EQ(parallel, gather(30, 1, work));
  expect_no_children();
}

TEST(WorkerPoolTest, ATaskOnWhichThreeWorkersDieIsARunErrorThatNamesIt) {
  for (const bool named : {false, true}) {
    const TemporaryFolder folder;
    Bytes delivered;
    const std::function<std::string(std::uint64_t)> name_of = [](std::uint64_t task) {
      return "rows " + std::to_string(10 * task);
    };
    const std::string message = message_of<RunError>([&] {
      run_in_workers(
          20, 3,
          [&](std::uint64_t task) {
            if (task == 7) {
              std::ofstream(folder.path() / "tries", std::ios::app) << "x";
              ::kill(::getpid(), SIGTERM);
              sleep_ms(1000);
            }
            return std::to_string(task);
          },
          [&](std::uint64_t, const Bytes& bytes) { delivered += bytes + " "; }, {},
          named ? name_of : nullptr);
    });
    EXPECT_EQ(message, std::string(named ? "rows 70" : "task 7") +
                           ": 3 workers ended on it; the last one was ended by signal 15 "
                           "(Terminated)");
    EXPECT_EQ(folder.read("tries"), "xxx");
    EXPECT_EQ(delivered, "0 1 2 3 4 5 6 ");  // what came before it is not lost
    expect_no_children();
  }
}

TEST(WorkerPoolTest, WorkersKilledFromOutsideLoseNothing) {
  const TemporaryFolder folder;
  const auto work = [&](std::uint64_t task) {
    folder.write("pid-" + std::to_string(::getpid()), "");
    sleep_ms(2);
    return std::to_string(task);
  };
  std::set<int> killed;
  Bytes all;
  run_in_workers(60, 3, work, [&](std::uint64_t task, const Bytes& bytes) {
    all += std::to_string(task) + ":" + bytes + ";";
    if (task % 15 != 7) return;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      const int pid = std::atoi(entry.path().filename().c_str() + 4);
      if (!killed.insert(pid).second) continue;
      EXPECT_EQ(::kill(pid, SIGKILL), 0);
      break;  // one at a time, whatever it is doing
    }
  });
  EXPECT_EQ(killed.size(), 4U);
  EXPECT_EQ(all, gather(60, 1, [](std::uint64_t task) { return std::to_string(task); }));
  expect_no_children();
}

TEST(WorkerPoolTest, AWorkerThatExitsIsNamedByItsStatus) {
  EXPECT_THAT(message_of<RunError>([] {
                run_in_workers(
                    2, 2, [](std::uint64_t) -> Bytes { ::_exit(3); },
                    [](std::uint64_t, const Bytes&) {});
              }),
              HasSubstr("the last one exited with status 3"));
}

TEST(WorkerPoolTest, ExceptionsKeepTheirKindAndPlaceInTheOrder) {
  for (const int workers : {1, 2, 4}) {
    for (const bool input : {true, false}) {
      Bytes delivered;
      const auto work = [&](std::uint64_t task) -> Bytes {
        sleep_ms(task < 5 ? 3 : 0);  // the failure is there before the answers ahead of it
        if (task == 5 && input) throw InputError("f.yaml:1:2: bad");
        if (task == 5) throw RunError("disk full");
        return std::to_string(task);
      };
      const auto run = [&] {
        run_in_workers(50, workers, work,
                       [&](std::uint64_t, const Bytes& bytes) { delivered += bytes; });
      };
      if (input) {
        EXPECT_EQ(message_of<InputError>(run), "f.yaml:1:2: bad");
      } else {
        EXPECT_EQ(message_of<RunError>(run), "disk full");
      }
      EXPECT_EQ(delivered, "01234");
      expect_no_children();
    }
  }
}

TEST(WorkerPoolTest, OtherExceptionsOfAWorkerAreRunErrors) {
  const auto work = [](std::uint64_t) -> Bytes { throw std::out_of_range("index 9"); };
  EXPECT_EQ(
      message_of<RunError>([&] { run_in_workers(1, 2, work, [](std::uint64_t, const Bytes&) {}); }),
      "index 9");
}

TEST(WorkerPoolTest, StopsWhenToldTo) {
  for (const int workers : {1, 3}) {
    int count = 0;
    const std::uint64_t delivered = run_in_workers(
        1000000, workers, [](std::uint64_t) { return Bytes(); },
        [&](std::uint64_t, const Bytes&) { ++count; }, [&] { return count < 10; });
    EXPECT_EQ(delivered, 10U);
    EXPECT_EQ(count, 10);
    expect_no_children();
  }
}

TEST(WorkerPoolTest, StopsWhileATaskTakesLong) {
  const auto start = std::chrono::steady_clock::now();
  const auto keep_going = [&] {
    return std::chrono::steady_clock::now() - start < std::chrono::milliseconds(100);
  };
  const auto slow = [](std::uint64_t) {
    sleep_ms(60000);
    return Bytes();
  };
  EXPECT_EQ(run_in_workers(
                5, 2, slow, [](std::uint64_t, const Bytes&) {}, keep_going),
            0U);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  expect_no_children();
}

TEST(WorkerPoolTest, AFailingDeliveryEndsTheWorkers) {
  EXPECT_THROW(run_in_workers(
                   100, 3, [](std::uint64_t) { return Bytes(); },
                   [](std::uint64_t task, const Bytes&) {
                     if (task == 4) throw RunError("disk full");
                   }),
               RunError);
  expect_no_children();
}

TEST(WorkerPoolTest, BuffersAndDestructorsOfTheParentRunOnce) {
  const TemporaryFolder folder;
  struct AtEnd {
    std::filesystem::path file;
    ~AtEnd() { std::ofstream(file, std::ios::app) << "x"; }
  };
  const std::filesystem::path printed = folder.path() / "printed";
  std::FILE* file = std::fopen(printed.c_str(), "w");
  {
    const AtEnd at_end{folder.path() / "destroyed"};
    std::fputs("buffered", file);
    gather(10, 3, [](std::uint64_t task) { return std::to_string(task); });
  }
  std::fclose(file);
  EXPECT_EQ(folder.read("printed"), "buffered");
  EXPECT_EQ(folder.read("destroyed"), "x");
}

TEST(WorkerPoolTest, WorkersIgnoreCtrlC) {
  const auto work = [](std::uint64_t task) {
    std::raise(SIGINT);
    return std::to_string(task);
  };
  EXPECT_EQ(gather(3, 2, work), "0:0;1:1;2:2;");
}

TEST(WorkerPoolTest, WorkersDieWithTheirParent) {
  const TemporaryFolder folder;
  const pid_t parent = ::fork();
  if (parent == 0) {
    run_in_workers(
        2, 2,
        [&](std::uint64_t task) {
          folder.write("pid-" + std::to_string(task), std::to_string(::getpid()));
          sleep_ms(60000);
          return Bytes();
        },
        [](std::uint64_t, const Bytes&) {});
    ::_exit(0);
  }
  const auto worker_pid = [&] { return std::atoi(folder.read("pid-0").c_str()); };
  for (int i = 0; i < 500 && worker_pid() == 0; ++i) sleep_ms(10);
  const pid_t worker = worker_pid();
  ASSERT_GT(worker, 0);
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  // Nobody may have collected it yet; what counts is that it no longer runs.
  const auto runs = [&] {
    std::ifstream status("/proc/" + std::to_string(worker) + "/stat");
    std::string pid;
    std::string name;
    std::string state;
    return (status >> pid >> name >> state) && state != "Z" && state != "X";
  };
  for (int i = 0; i < 500 && runs(); ++i) sleep_ms(10);
  EXPECT_FALSE(runs());
}

TEST(WorkerPoolTest, RefusesNoWorkers) {
  EXPECT_THROW(gather(1, 0, [](std::uint64_t) { return Bytes(); }), InputError);
}

/// Says which process answered, and what it was told.
Work who_answers() {
  return [](const std::string& request) {
    sleep_ms(2);
    return std::to_string(::getpid()) + " " + request;
  };
}

std::set<std::string> processes_of_run(WorkerPool& pool, std::uint64_t count,
                                       const std::string& job = "job") {
  std::set<std::string> processes;
  Tasks tasks;
  tasks.count = count;
  tasks.job = job;
  tasks.request = [](std::uint64_t task) { return std::to_string(task); };
  tasks.deliver = [&](std::uint64_t task, const std::string& bytes) {
    const std::size_t blank = bytes.find(' ');
    EXPECT_EQ(bytes.substr(blank + 1), std::to_string(task));
    processes.insert(bytes.substr(0, blank));
  };
  EXPECT_EQ(pool.run(tasks), count);
  return processes;
}

TEST(WorkerPoolTest, WorkersStayFromRunToRun) {
  WorkerPool pool(2, fork_worker(who_answers()));
  expect_no_children();  // nothing is started before there is work
  EXPECT_EQ(processes_of_run(pool, 1).size(), 1U);
  const std::set<std::string> first = processes_of_run(pool, 12);
  EXPECT_EQ(first.size(), 2U);
  for (int run = 0; run < 5; ++run) EXPECT_EQ(processes_of_run(pool, 8), first);
  EXPECT_EQ(processes_of_run(pool, 8, "another job"), first);
}

TEST(WorkerPoolTest, AWorkerThatDiesBetweenRunsIsReplaced) {
  WorkerPool pool(2, fork_worker(who_answers()));
  const std::set<std::string> first = processes_of_run(pool, 12);
  for (const std::string& pid : first) EXPECT_EQ(::kill(std::stoi(pid), SIGKILL), 0);
  sleep_ms(20);
  const std::set<std::string> second = processes_of_run(pool, 12);
  EXPECT_EQ(second.size(), 2U);
  for (const std::string& pid : first) EXPECT_FALSE(second.contains(pid));
}

TEST(WorkerPoolTest, AfterAStopOrAFailureTheNextRunIsWhole) {
  WorkerPool pool(2, fork_worker([](const std::string& request) -> Bytes {
                    if (request == "3") throw InputError("three");
                    sleep_ms(5);
                    return request;
                  }));
  Bytes delivered;
  bool going = true;
  Tasks tasks;
  tasks.count = 9;
  tasks.request = [](std::uint64_t task) { return std::to_string(task); };
  tasks.deliver = [&](std::uint64_t, const Bytes& bytes) {
    delivered += bytes;
    going = false;
  };
  tasks.keep_going = [&] { return going; };
  EXPECT_EQ(pool.run(tasks), 1U);
  tasks.keep_going = {};
  EXPECT_EQ(message_of<InputError>([&] { pool.run(tasks); }), "three");
  EXPECT_EQ(delivered, "0012");
  tasks.request = [](std::uint64_t task) { return std::to_string(task + 4); };
  EXPECT_EQ(pool.run(tasks), 9U);
  EXPECT_EQ(delivered, "0012456789101112");
}

TEST(AvailableProcessorsTest, IsAtLeastOne) {
  EXPECT_GE(available_processors(), 1);
}

}  // namespace
}  // namespace dovetail
