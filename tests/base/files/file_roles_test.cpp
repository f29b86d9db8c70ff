#include "base/files/file_roles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/atomic_file.h"
#include "base/files/line_log.h"
#include "base/files/paths.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class FileRolesTest : public testing::Test {
 protected:
  fs::path path(const std::string& name) const { return folder_.path() / name; }
  TemporaryFolder folder_;
};

TEST_F(FileRolesTest, AnInputIsNotReplacedUnderAnyOfItsNames) {
  const fs::path input = folder_.write("in.yaml", "precious");
  fs::create_symlink(input, path("link.yaml"));
  fs::create_directory_symlink(folder_.path(), path("here"));
  const FileRoles roles;
  note_input(input);
  for (const char* name : {"in.yaml", "link.yaml", "here/in.yaml", "./in.yaml"}) {
    EXPECT_THAT(message_of<InputError>([&] { write_file_atomically(path(name), "x"); }),
                HasSubstr("is read by this command"))
        << name;
    EXPECT_THROW(require_writable_file(path(name)), InputError) << name;
    EXPECT_THROW(LineLog{path(name)}, InputError) << name;
    EXPECT_THROW(claim_output(path(name), "--csv"), InputError) << name;
  }
  EXPECT_EQ(folder_.read("in.yaml"), "precious");
  write_file_atomically(path("out.yaml"), "x");
}

TEST_F(FileRolesTest, WhatALinkToAnInputIsNotedAsProtectsWhereItLeads) {
  folder_.write("in.yaml", "precious");
  fs::create_symlink(path("in.yaml"), path("link.yaml"));
  const FileRoles roles;
  note_input(path("link.yaml"));
  EXPECT_THROW(write_file_atomically(path("in.yaml"), "x"), InputError);
}

TEST_F(FileRolesTest, AConfigurationThatWasResolvedIsAnInput) {
  const fs::path file = folder_.write("a.yaml", "precious");
  const FileRoles roles;
  resolve_config("accelerators", file.string());
  EXPECT_THROW(write_file_atomically(file, "x"), InputError);
}

TEST_F(FileRolesTest, ALinkToWhatIsNotThereYetIsItsTarget) {
  fs::create_symlink("out.csv", path("link.csv"));
  fs::create_symlink("link.csv", path("chain.csv"));
  const FileRoles roles;
  claim_output(path("out.csv"), "--csv");
  for (const char* link : {"link.csv", "chain.csv"}) {
    EXPECT_THAT(message_of<InputError>([&] { claim_output(path(link), "--json"); }),
                HasSubstr("is written as --csv and as --json"));
  }
  write_file_atomically(path("chain.csv"), "x");
  EXPECT_EQ(folder_.read("out.csv"), "x");
  EXPECT_TRUE(fs::is_symlink(path("chain.csv")));
  EXPECT_TRUE(fs::is_symlink(path("link.csv")));
}

TEST_F(FileRolesTest, TwoOutputsHaveTwoNames) {
  fs::create_directory_symlink(folder_.path(), path("here"));
  const FileRoles roles;
  claim_output(path("a.csv"), "--csv");
  EXPECT_THAT(message_of<InputError>([&] { claim_output(path("here/a.csv"), "--json"); }),
              HasSubstr("is written as --csv and as --json"));
  claim_output(path("b.csv"), "--json");
  claim_output("/dev/null", "--csv");
  claim_output("/dev/null", "--json");  // several may go to a device
}

TEST_F(FileRolesTest, AFileThatTakesTheNumberOfAnInputIsNoInput) {
  folder_.write("in.yaml", "1");
  const FileRoles roles;
  note_input(path("in.yaml"));
  fs::rename(path("in.yaml"), path("elsewhere.yaml"));  // as editors do when they save
  write_file_atomically(path("elsewhere.yaml"), "2");
  EXPECT_EQ(folder_.read("elsewhere.yaml"), "2");
}

TEST_F(FileRolesTest, NothingIsNotedOutsideOfACommand) {
  const fs::path file = folder_.write("in.yaml", "old");
  {
    const FileRoles roles;
    note_input(file);
  }
  note_input(file);
  write_file_atomically(file, "new");
  EXPECT_EQ(folder_.read("in.yaml"), "new");
}

}  // namespace
}  // namespace dovetail
