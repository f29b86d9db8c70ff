#include "base/files/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "tests/base/files/faults.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(AtomicFileTest, WritesAndReplaces) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "result.csv";
  write_file_atomically(file, "first");
  EXPECT_EQ(folder.read("result.csv"), "first");
  const std::string bytes("second\0with a zero\n", 19);
  write_file_atomically(file, bytes);
  EXPECT_EQ(folder.read("result.csv"), bytes);
  EXPECT_EQ(read_file(file), bytes);
  EXPECT_EQ(folder.count(), 1U);
}

TEST(AtomicFileTest, WithoutCommitTheOldFileStays) {
  const TemporaryFolder folder;
  folder.write("model", "old");
  {
    const AtomicFile file(folder.path() / "model");
    std::ofstream(file.path()) << "half of the n";
    EXPECT_EQ(folder.count(), 2U);
  }
  EXPECT_EQ(folder.read("model"), "old");
  EXPECT_EQ(folder.count(), 1U);
}

TEST(AtomicFileTest, AnotherLibraryMayWriteIt) {
  const TemporaryFolder folder;
  AtomicFile file(folder.path() / "model");
  std::ofstream(file.path()) << "new";
  EXPECT_FALSE(fs::exists(folder.path() / "model"));
  file.commit();
  EXPECT_EQ(folder.read("model"), "new");
  EXPECT_EQ(folder.count(), 1U);
}

TEST(AtomicFileTest, WriteIsTheWholeContent) {
  const TemporaryFolder folder;
  AtomicFile file(folder.path() / "result");
  file.write("a longer text");
  file.write("text");
  file.commit();
  EXPECT_EQ(folder.read("result"), "text");
}

TEST(AtomicFileTest, KeepsThePermissionsOfTheOldFile) {
  const TemporaryFolder folder;
  const fs::path file = folder.write("result", "old");
  ::chmod(file.c_str(), 0640);
  write_file_atomically(file, "new");
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640U);
}

TEST(AtomicFileTest, ALinkStaysALink) {
  const TemporaryFolder folder;
  folder.write("real", "old");
  fs::create_symlink("real", folder.path() / "link");
  write_file_atomically(folder.path() / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder.path() / "link"));
  EXPECT_EQ(folder.read("real"), "new");
}

TEST(AtomicFileTest, BadPlacesAreInputErrors) {
  const TemporaryFolder folder;
  folder.write("file", "x");
  for (const fs::path& place :
       {folder.path() / "missing" / "result", folder.path() / "file" / "result", folder.path(),
        folder.path() / "", fs::path(""), folder.path() / std::string(300, 'n')}) {
    EXPECT_THROW(write_file_atomically(place, "x"), InputError) << place;
  }
  EXPECT_THAT(message_of<InputError>(
                  [&] { write_file_atomically(folder.path() / "missing" / "result", "x"); }),
              HasSubstr("No such file or directory"));
  EXPECT_EQ(folder.count(), 1U);
}

TEST(AtomicFileTest, AReadOnlyFolderIsAnInputError) {
  const TemporaryFolder folder;
  ::chmod(folder.write("open", "old").c_str(), 0666);
  ::chmod(folder.write("closed", "old").c_str(), 0444);
  ::chmod(folder.path().c_str(), 0555);
  {
    const Unprivileged somebody;
    if (!somebody.done()) GTEST_SKIP() << "root cannot become another user here";
    EXPECT_THROW(write_file_atomically(folder.path() / "open", "new"), InputError);
    EXPECT_THROW(require_writable_folder(folder.path()), InputError);
    EXPECT_THROW(require_writable_folder(folder.path() / "below"), InputError);
    EXPECT_THROW(require_writable_file(folder.path() / "open"), InputError);
  }
  ::chmod(folder.path().c_str(), 0777);
  {
    const Unprivileged somebody;
    EXPECT_THROW(write_file_atomically(folder.path() / "closed", "new"), InputError);
    EXPECT_THROW(require_writable_file(folder.path() / "closed"), InputError);
    EXPECT_NO_THROW(write_file_atomically(folder.path() / "other", "new"));
    EXPECT_NO_THROW(require_writable_file(folder.path() / "open"));
  }
  EXPECT_EQ(folder.read("open"), "old");
  EXPECT_EQ(folder.read("closed"), "old");
  EXPECT_EQ(folder.count(), 3U);
}

TEST(AtomicFileTest, AFullDiskLeavesTheOldFileAndNoOther) {
  const TemporaryFolder folder;
  const fs::path file = folder.write("result", "old");
  const std::string large(1 << 20, 'x');
  std::string message;
  {
    const FileSizeLimit limit(4096);
    message = message_of<RunError>([&] { write_file_atomically(file, large); });
  }
  EXPECT_THAT(message, HasSubstr("disk full"));
  EXPECT_THAT(message, HasSubstr(file.string()));
  EXPECT_EQ(folder.read("result"), "old");
  EXPECT_EQ(folder.count(), 1U);
}

TEST(AtomicFileTest, ADeviceIsWrittenToAndNotReplaced) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  write_file_atomically("/dev/null", "x");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_THAT(message_of<RunError>([] { write_file_atomically("/dev/full", "x"); }),
              HasSubstr("disk full"));
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
  EXPECT_THROW(AtomicFile("/dev/null"), InputError);
}

TEST(AtomicFileTest, WhatKilledProcessesLeftBehindIsRemoved) {
  const TemporaryFolder folder;
  const AtomicFile ours(folder.path() / "ours");
  const pid_t pid = ::fork();
  if (pid == 0) {
    const AtomicFile file(folder.path() / "theirs");
    ::kill(::getpid(), SIGKILL);
  }
  siginfo_t end{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(pid), &end, WEXITED | WNOWAIT), 0);
  ASSERT_EQ(end.si_code, CLD_KILLED);
  folder.write(".dovetail.yaml", "not a temporary");
  folder.write(".dovetail-else-1-99999999-0.tmp", "of another machine");
  EXPECT_EQ(folder.count(), 4U);
  remove_abandoned_files(folder.path());
  EXPECT_EQ(folder.count(), 3U) << "nobody has waited for its end yet";
  ASSERT_EQ(::waitpid(pid, nullptr, 0), pid);
  EXPECT_TRUE(fs::exists(ours.path())) << "its process runs";
  remove_abandoned_files(folder.path() / "none");
}

TEST(WritableFolderTest, IsCreatedAndLeftEmpty) {
  const TemporaryFolder folder;
  require_writable_folder(folder.path() / "a" / "b");
  EXPECT_TRUE(fs::is_empty(folder.path() / "a" / "b"));
  require_writable_folder(folder.path() / "a" / "b");
  folder.write("file", "x");
  EXPECT_THROW(require_writable_folder(folder.path() / "file"), InputError);
  EXPECT_THROW(require_writable_folder(folder.path() / "file" / "b"), InputError);
}

TEST(ReadFileTest, MissingFilesAndFoldersAreInputErrors) {
  const TemporaryFolder folder;
  EXPECT_THAT(message_of<InputError>([&] { read_file(folder.path() / "none"); }),
              HasSubstr("none: cannot open: No such file"));
  EXPECT_THAT(message_of<InputError>([&] { read_file(folder.path()); }),
              HasSubstr("Is a directory"));
  EXPECT_EQ(read_file(folder.write("empty", "")), "");
  const std::string large(200000, 'y');
  EXPECT_EQ(read_file(folder.write("large", large)), large);
}

TEST(ReadFile, APipeThatNobodyWritesToIsEmptyAndADeviceWithoutEndIsRefused) {
  const TemporaryFolder folder;
  const auto pipe = folder.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(read_file(pipe), "");
  EXPECT_NE(message_of<InputError>([] { read_file("/dev/zero"); }).find("more than 64 MiB"),
            std::string::npos);
}

TEST(ReadFile, WhatAnotherProcessStillWritesToAPipeIsWaitedFor) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::close(ends[0]);
    for (const char* part : {"one ", "two"}) {
      ::usleep(50'000);
      if (::write(ends[1], part, std::strlen(part)) < 0) ::_exit(1);
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  EXPECT_EQ(read_file("/dev/fd/" + std::to_string(ends[0])), "one two");
  ::close(ends[0]);
  ::waitpid(pid, nullptr, 0);
}

}  // namespace
}  // namespace dovetail
