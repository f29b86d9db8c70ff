#include "hw_space/parameter_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/atomic_file.h"

namespace dovetail {
namespace {

TEST(ParameterTable, IsWhatThePageHas) {
  const auto page = read_file(std::filesystem::path(DOVETAIL_SOURCE_DIR) / "docs/parameters.md");
  const std::string table = parameter_table().markdown();
  EXPECT_NE(page.find("\n" + table), std::string::npos)
      << "docs/parameters.md should have this table:\n"
      << table;
}

}  // namespace
}  // namespace dovetail
