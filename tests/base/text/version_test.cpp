#include "base/text/version.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/atomic_file.h"

namespace dovetail {
namespace {

TEST(VersionTest, IsTheOneOfTheProject) {
  const std::string project = read_file(DOVETAIL_SOURCE_DIR "/CMakeLists.txt");
  EXPECT_THAT(project, testing::HasSubstr("project(dovetail VERSION " + version() + " "));
}

TEST(VersionTest, DescriptionNamesCompilerAndProcessor) {
  EXPECT_THAT(build_description(), testing::StartsWith(version() + " ("));
  EXPECT_THAT(build_description(), testing::ContainsRegex("g\\+\\+|clang"));
  EXPECT_THAT(build_description(), testing::ContainsRegex("portable|-march="));
}

TEST(VersionTest, DescriptionNamesTheCommitOfTheSources) {
  EXPECT_THAT(build_description(),
              testing::ContainsRegex("; commit ([0-9a-f]{12}(, modified)?|unknown)\\)$"));
}

TEST(VersionTest, BuildsOfOtherCommitsAreTheSame) {
  const std::string build = "0.1.0 (g++ 12.2.0, Release, portable";
  EXPECT_TRUE(same_build(build + "; commit 6f9c060c41ab)", build + "; commit df45592, modified)"));
  EXPECT_TRUE(same_build(build_description(), build_description()));
  EXPECT_FALSE(same_build(build + "; commit 6f9c060c41ab)",
                          "0.2.0 (g++ 12.2.0, Release, portable; commit 6f9c060c41ab)"));
  EXPECT_FALSE(same_build("a", "b"));
}

}  // namespace
}  // namespace dovetail
