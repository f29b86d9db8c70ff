#include "base/process/child_processes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <set>

#include "base/files/scratch_folder.h"
#include "base/text/error.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

ChildCommand shell(const std::string& script, double timeout_s = 0) {
  return {{"/bin/sh", "-c", script}, {}, timeout_s};
}

ChildEnd run(const ChildCommand& command) {
  ChildEnd result;
  run_children(
      1, 1, [&](std::uint64_t, int) { return command; },
      [&](std::uint64_t, const ChildEnd& end) {
        result = end;
        return true;
      });
  return result;
}

/// Waits until a process is gone; the test ends it by its own time limit otherwise.
void wait_until_gone(pid_t pid) {
  while (::kill(pid, 0) == 0) ::usleep(5000);
}

TEST(ChildProcesses, TellHowAProgramEnded) {
  const ChildEnd good = run(shell("echo out; echo err >&2"));
  EXPECT_TRUE(good.ok());
  EXPECT_EQ(good.out, "out\n");
  EXPECT_EQ(good.err, "err\n");

  const ChildEnd bad = run(shell("exit 3"));
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.describe(), "exit status 3");

  const ChildEnd killed = run(shell("kill -9 $$"));
  EXPECT_EQ(killed.kind, ChildEnd::Kind::kSignalled);
  EXPECT_THAT(killed.describe(), HasSubstr("signal 9"));
}

TEST(ChildProcesses, ArgumentsAndFolderArriveAsTheyAre) {
  const TemporaryFolder folder;
  const std::string odd = "a b;$HOME'\"\n{x}*";
  const ChildEnd end =
      run({{"/bin/sh", "-c", "pwd; printf %s \"$1\"; cat", "sh", odd}, folder.path(), 0});
  EXPECT_EQ(end.out, std::filesystem::canonical(folder.path()).string() + "\n" + odd);
}

TEST(ChildProcesses, OnlyTheEndOfALongOutputIsKept) {
  const ChildEnd end = run(shell("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done"));
  EXPECT_EQ(end.out.size(), ChildEnd::kKeptBytes);
  EXPECT_TRUE(end.out.ends_with("line 19999\n"));
}

TEST(ChildProcesses, ALateProgramIsEndedWithAllThatItStarted) {
  const TemporaryFolder folder;
  ChildCommand command = shell("sleep 1000 & echo $! > pid; wait", 0.3);
  command.folder = folder.path();
  const ChildEnd end = run(command);
  EXPECT_EQ(end.kind, ChildEnd::Kind::kTimedOut);
  EXPECT_EQ(end.describe(), "no end within 0.3 s");
  wait_until_gone(std::atoi(folder.read("pid").c_str()));
}

TEST(ChildProcesses, OneThatDoesNotHeedSigtermIsKilled) {
  const ChildEnd end = run(shell("trap '' TERM; while true; do sleep 0.05; done", 0.2));
  EXPECT_EQ(end.kind, ChildEnd::Kind::kTimedOut);
  EXPECT_EQ(end.code, SIGKILL);
}

TEST(ChildProcesses, WhatAProgramLeavesBehindIsEnded) {
  const TemporaryFolder folder;
  ChildCommand command = shell("sleep 1000 & echo $! > pid");
  command.folder = folder.path();
  EXPECT_TRUE(run(command).ok());
  wait_until_gone(std::atoi(folder.read("pid").c_str()));
}

TEST(ChildProcesses, NoMoreThanAskedForRunAtATimeAndEachHasItsSlot) {
  std::set<int> busy;
  std::size_t most = 0;
  std::map<std::uint64_t, int> slot_of;
  std::set<std::uint64_t> done;
  run_children(
      12, 3,
      [&](std::uint64_t task, int slot) {
        EXPECT_TRUE(busy.insert(slot).second) << "two programs in one slot";
        EXPECT_LT(slot, 3);
        slot_of[task] = slot;
        most = std::max(most, busy.size());
        return shell("echo " + std::to_string(task));
      },
      [&](std::uint64_t task, const ChildEnd& end) {
        busy.erase(slot_of[task]);
        EXPECT_EQ(end.out, std::to_string(task) + "\n");
        EXPECT_TRUE(done.insert(task).second);
        return true;
      });
  EXPECT_EQ(done.size(), 12u);
  EXPECT_EQ(most, 3u);
}

TEST(ChildProcesses, ATaskIsRunAgainUntilItIsDone) {
  std::map<std::uint64_t, int> runs;
  run_children(
      3, 2,
      [&](std::uint64_t task, int) {
        return shell("exit " + std::to_string(task == 1 && runs[1] < 2 ? 1 : 0));
      },
      [&](std::uint64_t task, const ChildEnd& end) {
        ++runs[task];
        return end.ok();
      });
  EXPECT_EQ(runs, (std::map<std::uint64_t, int>{{0, 1}, {1, 3}, {2, 1}}));
}

TEST(ChildProcesses, StoppedItEndsThemAndTellsNothing) {
  const TemporaryFolder folder;
  int told = 0;
  const auto running = [&] { return std::filesystem::exists(folder.path() / "pid1"); };
  run_children(
      4, 2,
      [&](std::uint64_t task, int) {
        const std::string file = "pid" + std::to_string(task);
        ChildCommand command =
            shell("echo $$ > tmp" + file + "; mv tmp" + file + " " + file + "; sleep 1000");
        command.folder = folder.path();
        return command;
      },
      [&](std::uint64_t, const ChildEnd&) {
        ++told;
        return true;
      },
      [&] { return !(running() && std::filesystem::exists(folder.path() / "pid0")); });
  EXPECT_EQ(told, 0);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "pid2"));
  for (const char* file : {"pid0", "pid1"}) {
    EXPECT_NE(::kill(std::atoi(folder.read(file).c_str()), 0), 0) << "it has been reaped";
  }
}

TEST(ChildProcesses, AProgramThatCannotRunIsAnError) {
  EXPECT_THAT(message_of<RunError>([] {
                run({{"./no-such-program"}, "/", 0});
              }),
              HasSubstr("cannot run './no-such-program' in /"));
  EXPECT_THROW(run({{"true"}, "/no/such/folder", 0}), RunError);
  EXPECT_THROW(run_children(
                   1, 0, [](std::uint64_t, int) { return shell(""); },
                   [](std::uint64_t, const ChildEnd&) { return true; }),
               InputError);
  EXPECT_NO_THROW(require_program("sh", ""));
  EXPECT_NO_THROW(require_program("bin/sh", "/"));
  EXPECT_THAT(message_of<InputError>([] { require_program("no-such-program", ""); }),
              HasSubstr("no program in PATH"));
  EXPECT_THAT(message_of<InputError>([] { require_program("./etc/passwd", "/"); }),
              HasSubstr("looked for /etc/passwd"));
  EXPECT_THROW(require_program("", "/"), InputError);
}

TEST(ChildProcesses, AnExceptionEndsTheOthers) {
  const TemporaryFolder folder;
  EXPECT_THROW(run_children(
                   2, 2,
                   [&](std::uint64_t task, int) -> ChildCommand {
                     if (task == 1) throw RunError("disk full");
                     return {{"/bin/sh", "-c", "sleep 1000"}, folder.path(), 0};
                   },
                   [](std::uint64_t, const ChildEnd&) { return true; }),
               RunError);
}

TEST(ScratchFolder, IsNewAndGoneAfterwards) {
  std::filesystem::path path;
  {
    const ScratchFolder one, other;
    path = one.path();
    EXPECT_TRUE(std::filesystem::is_directory(path));
    EXPECT_NE(path, other.path());
    std::filesystem::create_directory(path / "sub");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace dovetail
