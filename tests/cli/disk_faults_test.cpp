// label and dataset on a full disk and in a folder that may not be written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "cost/surrogate/data/dataset.h"
#include "tests/cli/command_runner.h"

namespace dovetail::test {
namespace {

using testing::HasSubstr;
using Words = std::vector<std::string>;

/// No file may grow beyond so many bytes: what a full disk looks like to the one who writes.
Words with_room_for(std::size_t bytes) {
  return {"sh", "-c", "ulimit -f " + std::to_string(bytes / 512) + " && exec \"$@\"", "sh"};
}

class DiskFaults : public testing::Test {
 protected:
  /// With a save after each few rows.
  CommandResult label(const std::string& file, const std::string& rows, const Words& more = {},
                      const Words& launcher = {}) const {
    Words args = {"label", "-s", "nas_bench_macro",      "-c", rows, "--seed", "3", "-w", "1",
                  "-o",    file, "--checkpoint-seconds", "0"};
    args.insert(args.end(), more.begin(), more.end());
    return dovetail_.run(args, launcher);
  }
  void label_inputs() const {
    ASSERT_EQ(label("a.h5", "400").status, 0);
    ASSERT_EQ(dovetail_
                  .run({"label", "-s", "nas_bench_macro", "-c", "400", "--seed", "4", "-w", "1",
                        "-o", "b.h5"})
                  .status,
              0);
  }
  std::size_t rows_of(const std::string& file) const {
    return Dataset::load(dovetail_.path(file)).rows();
  }

  CommandRunner dovetail_;
};

TEST_F(DiskFaults, LabellingOnAFullDiskKeepsWhatWasSavedAndGoesOnWhenThereIsRoom) {
  ASSERT_EQ(label("whole.h5", "400").status, 0);
  const std::size_t all = std::filesystem::file_size(dovetail_.path("whole.h5"));
  const CommandResult full = label("l.h5", "400", {}, with_room_for(all - all / 8));
  EXPECT_EQ(full.status, 1) << full.err;
  EXPECT_THAT(full.err, HasSubstr("dovetail: l.h5: cannot write: disk full"));
  const std::size_t rows = rows_of("l.h5");
  EXPECT_GT(rows, 0U);
  EXPECT_LT(rows, 400U);
  EXPECT_THAT(full.err,
              HasSubstr("the " + std::to_string(rows) + " rows before it are saved in l.h5"));
  EXPECT_EQ(dovetail_.folder().count(), 2U);  // and nothing half-written
  EXPECT_EQ(label("l.h5", "400", {"--resume"}).status, 0);
  EXPECT_EQ(dovetail_.folder().read("l.h5"), dovetail_.folder().read("whole.h5"));
}

TEST_F(DiskFaults, WithNoRoomAtAllNothingIsSaved) {
  const CommandResult full = label("l.h5", "400", {}, with_room_for(1024));
  EXPECT_EQ(full.status, 1);
  EXPECT_THAT(full.err, testing::AllOf(HasSubstr("disk full"), HasSubstr("nothing was saved")));
  EXPECT_EQ(dovetail_.folder().count(), 0U);
}

TEST_F(DiskFaults, DatasetCommandsOnAFullDiskLeaveTheOldFile) {
  label_inputs();
  for (const Words& command : {Words{"merge", "a.h5", "b.h5", "-o", "old"},
                               {"split", "a.h5", "-o", "old", "other"},
                               {"export-csv", "a.h5", "-o", "old"}}) {
    dovetail_.folder().write("old", "old");
    Words args = {"dataset"};
    args.insert(args.end(), command.begin(), command.end());
    const CommandResult full = dovetail_.run(args, with_room_for(4096));
    EXPECT_EQ(full.status, 1) << full.err;
    EXPECT_THAT(full.err, testing::AllOf(HasSubstr("dovetail: old: "), HasSubstr("disk full")));
    EXPECT_EQ(dovetail_.folder().read("old"), "old");
    EXPECT_EQ(dovetail_.folder().count(), 3U);
    EXPECT_EQ(dovetail_.run(args).status, 0);  // with room it works
    std::filesystem::remove(dovetail_.path("other"));
  }
}

TEST_F(DiskFaults, AFolderThatMayNotBeWrittenIsFoundBeforeTheWork) {
  label_inputs();
  std::filesystem::create_directory(dovetail_.path("closed"));
  ::chmod(dovetail_.path("closed").c_str(), 0555);
  dovetail_.folder().write("kept.h5", "old");
  ::chmod(dovetail_.path("kept.h5").c_str(), 0444);
  ::chmod(dovetail_.folder().path().c_str(), 0777);
  // Root may write everywhere.
  const Words somebody = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
  const Words launcher = ::geteuid() == 0 ? somebody : Words{};
  if (dovetail_.run({"--version"}, launcher).status != 0) {
    GTEST_SKIP() << "cannot run the program as another user here";
  }
  for (const std::string file : {"closed/l.h5", "closed/new/l.h5", "kept.h5"}) {
    const CommandResult labelled = label(file, "400", {}, launcher);
    const CommandResult merged =
        dovetail_.run({"dataset", "merge", "a.h5", "b.h5", "-o", file}, launcher);
    for (const CommandResult& result : {labelled, merged}) {
      EXPECT_EQ(result.status, 2) << result.err;
      EXPECT_THAT(result.err, HasSubstr("Permission denied"));
      EXPECT_THAT(result.err, testing::Not(HasSubstr("labelling pairs")));
    }
  }
  EXPECT_EQ(dovetail_.folder().read("kept.h5"), "old");
  ::chmod(dovetail_.path("closed").c_str(), 0755);
}

}  // namespace
}  // namespace dovetail::test
