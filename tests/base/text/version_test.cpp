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

}  // namespace
}  // namespace dovetail
