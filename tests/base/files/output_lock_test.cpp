#include "base/files/output_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <optional>

#include "base/files/atomic_file.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

/// Exit status of a process that tries to lock: 0 if it could.
int status_of_another(const std::filesystem::path& output, bool end_by_kill = false) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    try {
      const OutputLock lock(output);
      if (end_by_kill) ::raise(SIGKILL);
    } catch (const InputError& e) {
      ::_exit(std::string(e.what()).find("is writing it") != std::string::npos ? 1 : 2);
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(OutputLock, OneProcessAtATimeAndNothingIsLeft) {
  const TemporaryFolder folder;
  const auto output = folder.write("x.h5", "of an earlier run");
  std::filesystem::create_symlink(output, folder.path() / "link.h5");
  {
    const OutputLock lock(output);
    EXPECT_EQ(status_of_another(output), 1);
    EXPECT_EQ(status_of_another(folder.path() / "link.h5"), 1);
    EXPECT_EQ(status_of_another(folder.path() / "y.h5"), 0);
  }
  EXPECT_EQ(folder.count(), 2U) << "the file and the link";
  EXPECT_EQ(status_of_another(output), 0);
}

TEST(OutputLock, EndsWithItsProcessHoweverThatEnds) {
  const TemporaryFolder folder;
  const auto output = folder.path() / "x.h5";
  EXPECT_EQ(status_of_another(output, true), -1);
  EXPECT_EQ(status_of_another(output), 0);
  EXPECT_EQ(folder.count(), 0U);
}

TEST(OutputLock, WhatAKilledProcessLeftIsGoneAfterTheNextOutputOfTheFolder) {
  const TemporaryFolder folder;
  EXPECT_EQ(status_of_another(folder.path() / "x.h5", true), -1);
  EXPECT_EQ(folder.count(), 1U);
  const OutputLock mine(folder.path() / "mine.h5");
  require_writable_file(folder.path() / "y.h5");
  EXPECT_EQ(folder.count(), 1U) << "the lock that this process has";
  EXPECT_EQ(status_of_another(folder.path() / "mine.h5"), 1) << "and it has it still";
}

}  // namespace
}  // namespace dovetail
