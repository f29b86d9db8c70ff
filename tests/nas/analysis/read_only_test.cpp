// Folders that may be read and not written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "nas/analysis/stored_study.h"
#include "tests/base/files/faults.h"
#include "tests/nas/study/study_fixture.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

/// A folder that everybody may read and nobody write, for the time of this object.
class ReadOnly {
 public:
  explicit ReadOnly(const fs::path& folder) : folder_(folder) {
    fs::permissions(folder.parent_path(), fs::perms(0755));
    fs::permissions(folder, fs::perms(0555));
  }
  ~ReadOnly() { fs::permissions(folder_, fs::perms(0755)); }
  ReadOnly(const ReadOnly&) = delete;
  ReadOnly& operator=(const ReadOnly&) = delete;

 private:
  fs::path folder_;
};

class ReadOnlyTest : public StudyTest {
 protected:
  void run_and_kill(const StudySetup& setup) {
    const pid_t pid = fork();
    ASSERT_GE(pid, 0);
    if (pid == 0) {
      StudyOptions dying = options("out");
      int asked = 0;
      dying.keep_going = [&] {
        if (++asked > 60) kill(getpid(), SIGKILL);
        return true;
      };
      run(setup, dying);
      _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    ASSERT_TRUE(WIFSIGNALED(status));
  }
  fs::path out() const { return files_.path() / "out"; }
};

TEST_F(ReadOnlyTest, NoStudyIsBegunThereAndTheMessageSaysWhy) {
  const StudySetup setup(files_.config());
  fs::create_directory(out());
  const ReadOnly folder(out());
  const Unprivileged user;
  if (!user.done()) GTEST_SKIP() << "root, and cannot become anybody else";
  StudyOptions blocked = options("out");
  int asked = 0;
  blocked.keep_going = [&] { return ++asked > 0; };
  EXPECT_THAT(message_of<InputError>([&] { run(setup, blocked); }),
              AllOf(HasSubstr(out().string()), HasSubstr("Permission denied")));
  EXPECT_EQ(asked, 0);
  EXPECT_TRUE(fs::is_empty(out()));
}

TEST_F(ReadOnlyTest, AStoppedStudyIsNotGoneOnWithAndCanBeRead) {
  const StudySetup setup(files_.config());
  StudyOptions stopping = options("out");
  int asked = 0;
  stopping.keep_going = [&] { return ++asked <= 40; };
  run(setup, stopping);
  const std::string before = content("out");
  const std::size_t trials = StoredStudy::load(out()).trials.size();
  {
    const ReadOnly folder(out());
    const Unprivileged user;
    if (!user.done()) GTEST_SKIP() << "root, and cannot become anybody else";
    StudyOptions resuming = options("out");
    resuming.resume = true;
    EXPECT_THAT(message_of<InputError>([&] { run(setup, resuming); }),
                AllOf(HasSubstr(out().string()), HasSubstr("Permission denied")));
    EXPECT_EQ(StoredStudy::load(out()).trials.size(), trials);
  }
  EXPECT_EQ(content("out"), before);
}

TEST_F(ReadOnlyTest, AKilledStudyCanBeReadWithItsLogAndWithout) {
  run_and_kill(StudySetup(files_.config()));
  ASSERT_TRUE(fs::exists(out() / "study.db-wal"));
  const auto readable = [&] {
    for (const auto& entry : fs::directory_iterator(out())) {
      fs::permissions(entry.path(), fs::perms(0444));
    }
    const ReadOnly folder(out());
    const Unprivileged user;
    return user.done() ? static_cast<std::int64_t>(StoredStudy::load(out()).trials.size()) : -1;
  };
  const std::int64_t trials = readable();
  if (trials < 0) GTEST_SKIP() << "root, and cannot become anybody else";
  EXPECT_GT(trials, 0);
  // Copied without the log beside it: what had not been moved from there is missing, no more.
  fs::remove(out() / "study.db-wal");
  fs::remove(out() / "study.db-shm");
  EXPECT_GE(readable(), 0);
}

}  // namespace
}  // namespace dovetail
