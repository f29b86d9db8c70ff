#include "nas/study/moved_paths.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

std::string configuration(const std::string& folder, int evaluations = 5) {
  return fmt::format(
      "network:\n  space: {0}/net.yaml\nhardware: {{space: \"{0}/a b/hw.yaml\"}}\naccuracy:\n"
      "  command:\n    - sh\n  folder: {0}\nevaluations: {1}\n",
      folder, evaluations);
}

TEST(MovedPaths, AnotherFolderIsTheSameStudy) {
  EXPECT_EQ(with_folder_of(configuration("/some/a/p"), configuration("/b")), configuration("/b"));
  EXPECT_EQ(with_folder_of(configuration("/b"), configuration("/some/a/p")),
            configuration("/some/a/p"));
  EXPECT_EQ(with_folder_of(configuration("/b"), configuration("/b")), configuration("/b"));
}

TEST(MovedPaths, AnythingElseIsAnother) {
  const std::string before = configuration("/some/a");
  std::string renamed = configuration("/b");
  renamed.replace(renamed.find("net.yaml"), 8, "nex.yaml");
  EXPECT_EQ(with_folder_of(before, renamed), before);
  EXPECT_EQ(with_folder_of(before, configuration("/b", 6)), before);
  std::string one_moved = before;
  one_moved.replace(one_moved.find("/some/a"), 7, "/b");
  EXPECT_EQ(with_folder_of(before, one_moved), before);
}

TEST(MovedPaths, FilesThatAreGoneAreLookedForNearTheStudy) {
  const TemporaryFolder folder;
  const fs::path project = folder.path() / "moved";
  fs::create_directories(project / "out/st");
  fs::create_directories(project / "a b");
  const std::string here = configuration(project.string());
  EXPECT_EQ(with_files_near(configuration("/not/there"), project / "out/st"),
            configuration("/not/there"))
      << "nowhere to be found";
  folder.write("moved/net.yaml", "");
  folder.write("moved/a b/hw.yaml", "");
  EXPECT_EQ(with_files_near(configuration("/not/there"), project / "out/st"), here);
  EXPECT_EQ(with_files_near(here, project / "out/st"), here);
}

}  // namespace
}  // namespace dovetail
