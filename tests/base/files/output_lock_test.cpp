#include "base/files/output_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <optional>
#include <stdexcept>
#include <string>

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

/// What is said to a process that comes while another writes the output and ends; empty if that
/// had ended before it came.
std::string said_beside_a_writer(const std::filesystem::path& output) {
  std::array<int, 2> locked{};
  if (::pipe(locked.data()) != 0) throw std::runtime_error("no pipe");
  const pid_t writer = ::fork();
  if (writer == 0) {
    {
      const OutputLock lock(output);
      const bool told = ::write(locked[1], "!", 1) == 1;
      ::usleep(100'000);
      if (told) write_file_atomically(output, "of the writer");
    }
    ::_exit(0);
  }
  char byte = 0;
  EXPECT_EQ(::read(locked[0], &byte, 1), 1);
  std::string said;
  try {
    const OutputLock lock(output);
  } catch (const InputError& e) {
    said = e.what();
  }
  ::waitpid(writer, nullptr, 0);
  for (const int end : locked) ::close(end);
  return said;
}

TEST(OutputLock, WhatAnotherWroteMeanwhileIsNotReplaced) {
  const TemporaryFolder folder;
  for (const char* name : {"new.h5", "there_before.h5"}) {
    const auto output = folder.path() / name;
    if (name[0] == 't') folder.write(name, "of an earlier run");
    std::string said;  // on a busy machine the writer may be gone, or stay too long
    for (int i = 0; i < 50 && said.find("meanwhile") == std::string::npos; ++i) {
      if (name[0] == 'n') std::filesystem::remove(output);
      said = said_beside_a_writer(output);
    }
    EXPECT_THAT(said, testing::HasSubstr("another process has written it meanwhile"));
    EXPECT_EQ(read_file(output), "of the writer");
    EXPECT_EQ(status_of_another(output), 0);
  }
  EXPECT_EQ(folder.count(), 2U);
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
