// Studies of schema 3, which had a column for each figure of its time, and of schema 4, which had
// no checksums, made by the last programs that wrote them; the texts beside them in assets/ are
// what those programs said of them.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/files/atomic_file.h"
#include "nas/analysis/best_trials.h"
#include "nas/analysis/overview_report.h"
#include "nas/analysis/trial_table.h"
#include "tests/base/files/test_files.h"
#include "tests/base/text/csv_rows.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

const fs::path kAssets = fs::path(DOVETAIL_SOURCE_DIR) / "tests/nas/study/assets";

std::string said(const std::string& name) {
  return read_file(kAssets / name);
}

/// The same but for comments, and for digits behind the seventh, which the old program wrote too.
void expect_same_table(const std::string& now, const std::string& before) {
  const auto rows = csv_rows(now), old_rows = csv_rows(before);
  ASSERT_EQ(rows.size(), old_rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    ASSERT_EQ(rows[r].size(), old_rows[r].size());
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      if (rows[r][c] == old_rows[r][c]) continue;
      const auto number = number_of_cell(old_rows[r][c]);
      ASSERT_TRUE(number) << rows[r][c] << " was " << old_rows[r][c];
      EXPECT_EQ(rows[r][c], fmt::format("{:.7g}", *number));
    }
  }
}

/// Compares all that the old program wrote of a study.
void expect_the_same(const fs::path& file, const std::string& name) {
  StoredStudy study = StoredStudy::load(file);
  study.file = "study.db";  // as it was called then
  const StudyState stopped;
  const StudyOverview overview = study_overview(study);
  EXPECT_EQ(overview_text(study, stopped, overview), said(name + "_show.txt"));
  EXPECT_EQ(overview_json(study, stopped, overview), said(name + "_show.json"));
  expect_same_table(trials_csv(study, study.all_trials()), said(name + "_trials.csv"));
  EXPECT_EQ(best_text(study, {}, best_trials(study, {}), 20), said(name + "_best.txt"));
  if (name != "predicted") {
    BestQuery by_reward;
    by_reward.by = "reward";
    EXPECT_EQ(trials_json(study, study.all_trials()), said(name + "_trials.json"));
    EXPECT_EQ(best_text(study, by_reward, best_trials(study, by_reward), 20),
              said(name + "_best_by_reward.txt"));
  } else {
    BestQuery by_latency;
    by_latency.by = "latency_ms";
    by_latency.predicted = true;
    by_latency.limits = {Limit::parse("area_mm2=60", true, "--max")};
    EXPECT_EQ(best_text(study, by_latency, best_trials(study, by_latency), 20),
              said("best_by_latency.txt"));
  }
}

class OldStudy : public testing::TestWithParam<const char*> {
 protected:
  std::string name() const { return GetParam(); }
  fs::path asset() const { return kAssets / (name() + ".db"); }
  TemporaryFolder folder_;
};

TEST_P(OldStudy, IsReadWithoutBeingTouched) {
  const std::string bytes = read_file(asset());
  const fs::path file = folder_.write("study.db", bytes);
  expect_the_same(file, name());
  EXPECT_EQ(folder_.read("study.db"), bytes);
  EXPECT_EQ(folder_.count(), 1U);
}

TEST_P(OldStudy, IsUpgradedWhenItIsOpenedToBeWritten) {
  const fs::path file = folder_.write("study.db", read_file(asset()));
  std::vector<StoredTrial> before, after;
  {
    const StudyStore store = StudyStore::open(file, StudyStore::Access::kRead);
    before = store.all();
  }
  {
    StudyStore store = StudyStore::open(file, StudyStore::Access::kWrite);
    EXPECT_EQ(store.count(), static_cast<std::int64_t>(before.size()));
  }
  EXPECT_EQ(folder_.read("study.db")[63], 5) << "user_version";
  expect_the_same(file, name());
  const StoreContents contents = StudyStore::open(file, StudyStore::Access::kRead).check();
  EXPECT_TRUE(contents.checksums);
  EXPECT_EQ(contents.trials, static_cast<std::int64_t>(before.size()));
  {
    StudyStore store = StudyStore::open(file, StudyStore::Access::kWrite);
    after = store.all();
    std::vector<TrialRecord> more{before.front().record};
    more[0].number = 1000;
    store.append(0, Stage::kSearch, more);
    EXPECT_EQ(more[0].id, static_cast<std::int64_t>(before.size()) + 1);
    EXPECT_EQ(store.trial(more[0].id).first.evaluation, before.front().record.evaluation);
  }
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(after[i].record.evaluation, before[i].record.evaluation) << i;
    EXPECT_EQ(after[i].record.choices, before[i].record.choices) << i;
    EXPECT_EQ(after[i].record.reward, before[i].record.reward) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Schema3, OldStudy, testing::Values("predicted", "rewarded"));
INSTANTIATE_TEST_SUITE_P(Schema4, OldStudy, testing::Values("unsealed"));

}  // namespace
}  // namespace dovetail
