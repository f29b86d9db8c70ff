// Studies whose process is killed, whose disk is full, whose folder is not theirs: nothing is lost.
#include <fcntl.h>
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <set>
#include <thread>

#include "base/files/atomic_file.h"
#include "base/files/sqlite.h"
#include "base/numbers/random.h"
#include "nas/analysis/stored_study.h"
#include "nas/analysis/trial_table.h"
#include "tests/base/files/faults.h"
#include "tests/cli/command_runner.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using testing::AllOf;
using testing::HasSubstr;

constexpr int kKills = 50;
constexpr int kMostAttempts = 40;  // to hit a process that may be over sooner than the one before

class StudySurvivalTest : public testing::Test {
 protected:
  StudySurvivalTest() {
    files_.write_study(
        "comparison: fixed_hardware\nseeds: [1, 2]\nevaluations: 96\nbatch: 4\n"
        "strategy: {name: nsga2, population: 16}\n");
  }

  std::vector<std::string> search(const std::string& folder) const {
    std::vector<std::string> args{"-q", "search", "./study.yaml", "-o", folder, "-w", "1"};
    if (fs::exists(path(folder) / "study.db")) args.emplace_back("--resume");
    return args;
  }
  fs::path path(const std::string& folder) const { return files_.path() / folder; }

  /// Rows of a study, one string each, without the times.
  std::vector<std::string> rows(const std::string& folder) const {
    if (!fs::exists(path(folder) / "study.db")) return {};
    StoredStudy study = StoredStudy::load(path(folder));
    study.timings.clear();
    return split(trials_csv(study, study.all_trials()), '\n');
  }
  /// All that a study leaves behind but times and the lock: rows and files.
  std::string content(const std::string& folder) const {
    std::string text = join(rows(folder), "\n");
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(path(folder))) {
      names.insert(entry.path().filename().string());
    }
    for (const char* other : {"study.db", "timings.csv", ".lock"}) names.erase(other);
    for (const std::string& name : names) text += name + ":\n" + read_file(path(folder) / name);
    return text;
  }
  /// What an interrupted study has is the beginning of the whole one, with a time each.
  void expect_beginning(const std::string& folder, const std::vector<std::string>& whole) const {
    if (!fs::exists(path(folder) / "study.db")) return;
    {
      SqliteDatabase database(path(folder) / "study.db", SqliteDatabase::Mode::kReadWrite);
      EXPECT_EQ(database.query_text("PRAGMA integrity_check"), "ok");
    }
    std::vector<std::string> found = rows(folder);
    found.pop_back();  // nothing, after the end of the last line
    ASSERT_LE(found.size(), whole.size());
    EXPECT_TRUE(std::equal(found.begin(), found.end(), whole.begin()));
    const StoredStudy study = StoredStudy::load(path(folder));
    for (const StoredTrial& trial : study.trials) {
      EXPECT_TRUE(study.timings.contains(trial.record.id));
    }
  }

  const test::CommandRunner command_;
  const TinyStudy files_{command_.folder()};
};

TEST_F(StudySurvivalTest, KilledAtFiftyMomentsNothingReportedIsLost) {
  const auto start = Clock::now();
  ASSERT_EQ(command_.run(search("whole")).status, 0);
  std::chrono::duration<double> duration = Clock::now() - start;
  const std::vector<std::string> whole = rows("whole");
  const std::string expected = content("whole");

  Rng rng(20261121);
  std::size_t before_first = 0, searching = 0, after_last = 0;
  for (int kill = 0; kill < kKills; ++kill) {
    const std::string folder = fmt::format("killed-{}", kill);
    const double part = rng.uniform();
    bool killed = false;
    std::size_t reported = 0;  // lines that a reader was shown before
    for (int attempt = 0; attempt < kMostAttempts && !killed; ++attempt) {
      fs::remove_all(path(folder));
      reported = 0;
      const auto moment =
          Clock::now() + std::chrono::duration_cast<Clock::duration>(part * duration);
      const pid_t pid = command_.start(search(folder));
      while (Clock::now() < moment) {
        reported = rows(folder).size();
        std::this_thread::sleep_until(
            std::min(moment, Clock::now() + std::chrono::milliseconds(20)));
      }
      ::kill(pid, SIGKILL);
      killed = command_.finish(pid).status == -SIGKILL;
      if (!killed) duration *= 0.9;  // this machine is faster now
    }
    ASSERT_TRUE(killed) << "over before it could be killed, at " << part;
    const std::size_t stored = rows(folder).size();
    EXPECT_GE(stored, reported);
    expect_beginning(folder, whole);
    ++(stored == 0 ? before_first : stored < whole.size() ? searching : after_last);

    const test::CommandResult resumed = command_.run(search(folder));
    EXPECT_EQ(resumed.status, 0) << resumed.err;
    EXPECT_EQ(content(folder), expected) << "killed at " << part << " of its time";
    fs::remove_all(path(folder));
  }
  RecordProperty("killed_before_the_study_was_stored", static_cast<int>(before_first));
  RecordProperty("killed_while_searching", static_cast<int>(searching));
  RecordProperty("killed_after_the_last_trial", static_cast<int>(after_last));
}

TEST_F(StudySurvivalTest, AFullDiskIsToldAndWhatWasThereIsKept) {
  ASSERT_EQ(command_.run(search("whole")).status, 0);
  const std::vector<std::string> whole = rows("whole");
  const std::string expected = content("whole");
  bool before_first = false, after_some = false;
  for (const rlim_t limit_bytes : {2'000, 20'000, 60'000, 150'000, 300'000, 400'000}) {
    const std::string folder = fmt::format("full-{}", limit_bytes);
    test::CommandResult result;
    {
      const FileSizeLimit limit(limit_bytes);  // of the command too
      result = command_.run(search(folder));
    }
    ASSERT_EQ(result.status, 1) << result.err;
    EXPECT_THAT(result.err, AllOf(HasSubstr(folder), HasSubstr("disk full")));
    const bool stored = fs::exists(path(folder) / "study.db");
    if (stored) {
      const std::size_t trials = StoredStudy::load(path(folder)).trials.size();
      EXPECT_THAT(result.err,
                  HasSubstr(fmt::format("{} trials are saved in {}; when there is room, "
                                        "--resume goes on",
                                        trials, folder)));
      after_some = after_some || trials > 0;
    }
    before_first = before_first || !stored;
    expect_beginning(folder, whole);
    EXPECT_EQ(command_.run(search(folder)).status, 0);
    EXPECT_EQ(content(folder), expected);
  }
  EXPECT_TRUE(before_first && after_some) << "the limits must meet different stages";
}

/// A file system of so many KiB; not there if it cannot be mounted.
class SmallDisk {
 public:
  SmallDisk(fs::path folder, int kib) : folder_(std::move(folder)) {
    fs::create_directories(folder_);
    const std::string size = fmt::format("size={}k", kib);
    mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, size.c_str()) == 0;
    if (!mounted_) why_ = std::strerror(errno);
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool grow(int kib) const {
    const std::string size = fmt::format("size={}k", kib);
    return ::mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT, size.c_str()) == 0;
  }
  bool mounted() const { return mounted_; }
  const std::string& why() const { return why_; }

 private:
  fs::path folder_;
  bool mounted_ = false;
  std::string why_;
};

TEST_F(StudySurvivalTest, ASmallDiskThatGrowsIsGoneOnWith) {
  ASSERT_EQ(command_.run(search("whole")).status, 0);
  for (const int kib : {60, 160, 260, 340}) {
    const SmallDisk disk(path("disk"), kib);
    if (!disk.mounted()) GTEST_SKIP() << "no tmpfs can be mounted here: " << disk.why();
    const test::CommandResult result = command_.run(search("disk/study"));
    ASSERT_EQ(result.status, 1) << kib << " KiB: " << result.err;
    EXPECT_THAT(result.err, AllOf(HasSubstr("disk/study"), HasSubstr("disk full")));
    // Whoever reads a study that was not closed wants room for the index of its log, 32 KiB.
    ASSERT_TRUE(disk.grow(kib + 64));
    expect_beginning("disk/study", rows("whole"));
    ASSERT_TRUE(disk.grow(10'000));
    const test::CommandResult resumed = command_.run(search("disk/study"));
    EXPECT_EQ(resumed.status, 0) << resumed.err;
    EXPECT_EQ(content("disk/study"), content("whole"));
  }
}

TEST_F(StudySurvivalTest, ARunningStudyIsShownAndNobodyElseMayRunIt) {
  // Random search ends where a space does: this one has millions of pairs.
  files_.write_study(
      "hardware: {space: nahas_edge}\nstrategy: {name: random}\nevaluations: 4000000\n");
  const pid_t pid = command_.start({"search", "./study.yaml", "-o", "out", "-w", "1"});
  while (rows("out").size() < 100) std::this_thread::sleep_for(std::chrono::milliseconds(5));

  const test::CommandRunner other;
  const std::string folder = path("out").string();
  const test::CommandResult shown = other.run({"study", "show", folder});
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_THAT(shown.out, AllOf(HasSubstr(fmt::format("running (process {})", pid)),
                               HasSubstr("4000000"), HasSubstr("Best so far")));
  EXPECT_EQ(other.run({"study", "best", folder, "--csv", "best.csv"}).status, 0);
  EXPECT_EQ(other.run({"study", "export", folder, "-t", "1", "-o", "pair"}).status, 0);

  const std::string study = (files_.path() / "study.yaml").string();
  const test::CommandResult second = other.run({"search", study, "-o", folder, "--resume"});
  EXPECT_EQ(second.status, 2);
  EXPECT_THAT(second.err,
              HasSubstr(fmt::format("another process ({}) is working on this study", pid)));

  ::kill(pid, SIGINT);
  EXPECT_EQ(command_.finish(pid).status, 1);
  EXPECT_THAT(other.run({"study", "show", folder}).out,
              AllOf(HasSubstr("stopped"), HasSubstr("effective.yaml --resume -o " + folder)));
}

}  // namespace
}  // namespace dovetail
