#include "base/files/folder_kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

TEST(FolderKindTest, AFolderIsOfOneKind) {
  const std::vector<std::tuple<std::string, std::string, FolderKind>> files{
      {"study.db", "SQLite", FolderKind::kStudy},
      {"pareto.csv", "# schema: dovetail.exploration_front/1\n", FolderKind::kExploration},
      {"any.csv", "# schema: dovetail.exploration/1\n", FolderKind::kExploration},
      {"networks.csv", "# schema: dovetail.network_samples/1\n", FolderKind::kSamples},
      {"regret_runs.csv", "# schema: dovetail.regret_runs/1\n", FolderKind::kRegret},
      {"claims.csv", "# schema: dovetail.claims/1\n", FolderKind::kClaims},
      {"targets.csv", "# schema: dovetail.targets/1\n", FolderKind::kTargets}};
  for (const auto& [name, content, kind] : files) {
    const TemporaryFolder folder;
    folder.write(name, content);
    for (const FolderKind other :
         {FolderKind::kStudy, FolderKind::kExploration, FolderKind::kSamples, FolderKind::kRegret,
          FolderKind::kClaims, FolderKind::kTargets}) {
      if (other == kind) {
        EXPECT_NO_THROW(require_folder_of(other, folder.path())) << name;
        continue;
      }
      EXPECT_THAT(message_of<InputError>([&] { require_folder_of(other, folder.path()); }),
                  HasSubstr("found " + name + " there, of "));
    }
  }
}

TEST(FolderKindTest, WhatIsOfNoKindIsNoHindrance) {
  const TemporaryFolder folder;
  folder.write("pareto.csv", "a,b\n");
  folder.write("trials.csv", "# schema: dovetail.trials/1\n");
  folder.write("empty.csv", "");
  EXPECT_NO_THROW(require_folder_of(FolderKind::kExploration, folder.path()));
  EXPECT_NO_THROW(require_folder_of(FolderKind::kStudy, folder.path() / "none"));
}

}  // namespace
}  // namespace dovetail
