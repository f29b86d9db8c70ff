#include "base/files/sqlite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace dovetail {
namespace {

// The start of a process's own memory is a place that no read reaches: the system says EIO.
TEST(SqliteTest, AFailureOfTheSystemIsToldWithWhatWasTriedAndWhatTheSystemSaid) {
  const std::filesystem::path unreadable = "/proc/self/mem";
  if (!std::filesystem::exists(unreadable)) GTEST_SKIP() << "no " << unreadable;
  try {
    SqliteDatabase database(unreadable, SqliteDatabase::Mode::kReadOnly);
    database.query_int("SELECT count(*) FROM sqlite_schema");
    FAIL() << "it was read";
  } catch (const DatabaseIoError& error) {
    EXPECT_THAT(error.what(),
                testing::AllOf(testing::StartsWith("/proc/self/mem: SQLite failed at reading it"),
                               testing::HasSubstr("the system says: Input/output error")));
  }
}

}  // namespace
}  // namespace dovetail
