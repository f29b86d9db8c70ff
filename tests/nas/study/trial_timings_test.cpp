#include "nas/study/trial_timings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using Entry = TrialTimings::Entry;

TEST(TrialTimingsTest, ReadBackWithTheMomentInUtc) {
  const TemporaryFolder folder;
  const auto file = TrialTimings::beside(folder.path() / "study.db");
  EXPECT_TRUE(TrialTimings::read(file).empty());
  TrialTimings(file).append(std::vector<Entry>{{1, 0.0125}, {2, 3600}});
  TrialTimings(file).append(std::vector<Entry>{{3, 0}});
  const auto timings = TrialTimings::read(file);
  ASSERT_EQ(timings.size(), 3U);
  EXPECT_EQ(timings.at(1).evaluation_ms, 12.5);
  EXPECT_EQ(timings.at(2).evaluation_ms, 3.6e6);
  EXPECT_EQ(timings.at(3).evaluation_ms, 0);
  EXPECT_THAT(timings.at(1).stored_at, testing::MatchesRegex("20..-..-..T..:..:..[.]...Z"));
  EXPECT_LE(timings.at(1).stored_at, timings.at(3).stored_at);
}

TEST(TrialTimingsTest, TheLastLineOfATrialCountsAndHalfALineDoesNot) {
  const TemporaryFolder folder;
  const auto file = TrialTimings::beside(folder.path() / "study.db");
  TrialTimings(file).append(std::vector<Entry>{{7, 1}, {8, 1}});
  TrialTimings(file).append(std::vector<Entry>{{7, 2}});
  folder.write("timings.csv", folder.read("timings.csv") + "9,12");
  const auto timings = TrialTimings::read(file);
  EXPECT_EQ(timings.size(), 2U);
  EXPECT_EQ(timings.at(7).evaluation_ms, 2000);
  TrialTimings(file).append(std::vector<Entry>{{9, 3}});
  EXPECT_EQ(TrialTimings::read(file).at(9).evaluation_ms, 3000);
}

}  // namespace
}  // namespace dovetail
