#include "base/files/line_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/base/files/faults.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

TEST(LineLogTest, GrowsByWholeLines) {
  const TemporaryFolder folder;
  {
    LineLog log(folder.path() / "log");
    EXPECT_TRUE(log.empty());
    log.append("a\nb\n");
    EXPECT_FALSE(log.empty());
    EXPECT_EQ(folder.read("log"), "a\nb\n") << "what was added is there at once";
  }
  LineLog(folder.path() / "log").append("c\n");
  EXPECT_EQ(folder.read("log"), "a\nb\nc\n");
}

TEST(LineLogTest, HalfALineIsCutOffWhereverItBegins) {
  const TemporaryFolder folder;
  const std::string half(10'000, 'x');  // longer than what is read at once
  for (const std::string& whole : {std::string(), std::string("a\n"), std::string(5000, 'y') + "\n",
                                   std::string(4095, 'y') + "\n"}) {
    folder.write("log", whole + half);
    LineLog(folder.path() / "log").append("new\n");
    EXPECT_EQ(folder.read("log"), whole + "new\n");
  }
}

TEST(LineLogTest, AFullDiskIsARunErrorAndLeavesNoPart) {
  const TemporaryFolder folder;
  LineLog log(folder.path() / "log");
  log.append("a\n");
  std::string message;
  {
    const FileSizeLimit limit(100);
    message = message_of<RunError>([&] { log.append(std::string(200, 'x') + "\n"); });
  }
  EXPECT_THAT(message, HasSubstr("disk full"));
  EXPECT_THAT(message, HasSubstr("log: cannot write"));
  EXPECT_EQ(folder.read("log"), "a\n");
  log.append("b\n");
  EXPECT_EQ(folder.read("log"), "a\nb\n");
}

TEST(LineLogTest, APlaceThatCannotBeWrittenIsAnInputError) {
  const TemporaryFolder folder;
  EXPECT_THROW(LineLog(folder.path() / "none" / "log"), InputError);
  EXPECT_THROW(LineLog log(folder.path()), InputError);
}

}  // namespace
}  // namespace dovetail
