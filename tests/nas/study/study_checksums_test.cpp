#include "nas/study/study_checksums.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/atomic_file.h"
#include "base/files/sqlite.h"
#include "tests/base/files/test_files.h"
#include "tests/nas/objective/given_figures.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A small study file, and what happens to it when someone changes it.
class StudyChecksumsTest : public testing::Test {
 protected:
  StudyChecksumsTest() {
    StudyDescription description;
    description.facts.name = "test";
    description.facts.configuration = "a: 1\n";
    description.facts.build = "0";
    description.facts.baseline_area_mm2 = 77.3;
    description.runs = {{"joint", 1}, {"joint", 2}};
    description.decisions = {{"joint", DecisionSpace({Decision{"k", "", {"3", "5"}, {3, 5}}})}};
    StudyStore store = StudyStore::create(file(), description);
    std::vector<TrialRecord> trials(3);
    for (std::size_t i = 0; i < 2; ++i) {
      trials[i].number = static_cast<std::int64_t>(i);
      trials[i].choices = {static_cast<Choices::value_type>(i)};
      trials[i].evaluation.simulated = true;
      give_figures(trials[i].evaluation, 76.1, 0.5, 40, 1000, 0.2, 411.5);
      trials[i].reward = 0.25;
    }
    trials[2].number = 2;
    trials[2].choices = {0};
    trials[2].evaluation =
        Evaluation::without_figures(TrialStatus::kInfeasible, "local_memory_too_small: x", true);
    store.append(0, Stage::kSearch, trials);
    store.append_accuracy("net", AccuracyAnswer::known({76.1, false}));
  }

  fs::path file() const { return folder_.path() / "study.db"; }
  void change(const std::string& sql) const {
    SqliteDatabase(file(), SqliteDatabase::Mode::kReadWrite).execute(sql);
  }
  StoreContents check() const {
    return StudyStore::open(file(), StudyStore::Access::kRead).check();
  }
  std::string refusal() const {
    return message_of<InputError>([&] { check(); });
  }

  TemporaryFolder folder_;
};

TEST_F(StudyChecksumsTest, WhatWasWrittenPasses) {
  const StoreContents contents = check();
  EXPECT_TRUE(contents.checksums);
  EXPECT_EQ(contents.trials, 3);
  EXPECT_EQ(contents.figures, 12);
  EXPECT_EQ(contents.accuracies, 1);
}

TEST_F(StudyChecksumsTest, EveryChangeOfAValueIsFound) {
  const std::string whole = folder_.read("study.db");
  const std::vector<std::pair<std::string, std::string>> changes{
      {"UPDATE trial_figures SET value = value * 1.01 WHERE trial = 2 AND figure = 2", "trial 2"},
      {"DELETE FROM trial_figures WHERE trial = 1 AND figure = 3", "trial 1"},
      {"INSERT INTO trial_figures VALUES (3, 1, 5)", "trial 3"},
      {"UPDATE trials SET choices = '[1]' WHERE id = 1", "trial 1"},
      {"UPDATE trials SET status = 'failed' WHERE id = 3", "trial 3"},
      {"UPDATE trials SET reason = 'other' WHERE id = 3", "trial 3"},
      {"UPDATE trials SET simulated = 0 WHERE id = 2", "trial 2"},
      {"UPDATE trials SET extrapolated = 1 WHERE id = 2", "trial 2"},
      {"UPDATE trials SET reward = 0.26 WHERE id = 2", "trial 2"},
      {"UPDATE trials SET reward = NULL WHERE id = 2", "trial 2"},
      {"DELETE FROM trial_checksums WHERE trial = 2", "trial 2"},
      {"UPDATE figures SET key = 'latency_mz' WHERE key = 'latency_ms'", "trial 1"},
      {"UPDATE accuracies SET top1_percent = 77", "accuracy net"},
      {"UPDATE facts SET value = 'other' WHERE key = 'configuration'", "description"},
      {"INSERT INTO facts VALUES ('more', '1')", "description"},
      {"UPDATE runs SET seed = '3' WHERE run = 1", "description"},
      {"UPDATE decisions SET choice_values = '[3.0,7.0]'", "description"}};
  for (const auto& [sql, item] : changes) {
    folder_.write("study.db", whole);
    change(sql);
    EXPECT_THAT(refusal(), HasSubstr(item + ": is not as it was written")) << sql;
  }
}

TEST_F(StudyChecksumsTest, RowsThatAreGoneOrElsewhereAreFoundByWhateverOpensTheStudy) {
  const std::string whole = folder_.read("study.db");
  const std::vector<std::pair<std::string, std::string>> changes{
      {"DELETE FROM trials WHERE id = 2", "trial 2 is missing"},
      {"DELETE FROM trials WHERE id = 3", "trial 3 is missing, but not what is known of it"},
      {"DELETE FROM trials", "trial 1 is missing, but not what is known of it"},
      {"DELETE FROM trials WHERE id = 2; DELETE FROM trial_figures WHERE trial = 2; "
       "DELETE FROM trial_checksums WHERE trial = 2",
       "trial 2 is missing"},
      {"DELETE FROM trials WHERE id = 3; DELETE FROM trial_figures WHERE trial = 3; "
       "DELETE FROM trial_checksums WHERE trial = 3",
       "found 2 trials, where 3 were stored"},
      {"UPDATE trials SET id = id + 10; UPDATE trial_figures SET trial = trial + 10; "
       "UPDATE trial_checksums SET trial = trial + 10",
       "trial 1 is missing"},
      {"UPDATE trials SET run = 1 WHERE id = 3", "trial 3 is not where it was stored"},
      {"UPDATE trials SET run = 1 WHERE id < 3", "trial 3 is not where it was stored"},
      {"UPDATE trials SET number = number + 5", "trial 1 is not where it was stored"},
      {"UPDATE trials SET stage = 'resimulate' WHERE id = 1", "trial 2 is not where it was"},
      {"DELETE FROM accuracies", "accuracy net is missing"}};
  for (const auto& [sql, what] : changes) {
    folder_.write("study.db", whole);
    change(sql);
    EXPECT_THAT(refusal(), HasSubstr(what)) << sql;
    EXPECT_THAT(
        message_of<InputError>([&] { StudyStore::open(file(), StudyStore::Access::kWrite); }),
        HasSubstr(what))
        << sql;
  }
}

TEST_F(StudyChecksumsTest, AFileThatDoesNotSayHowManyTrialsItHasIsGoneOnWith) {
  change("DELETE FROM checksums WHERE item = 'trials'");
  EXPECT_EQ(check().trials, 3);
  std::vector<TrialRecord> more(1);
  more[0].choices = {1};
  more[0].evaluation = Evaluation::without_figures(TrialStatus::kFailed, "x", true);
  StudyStore::open(file(), StudyStore::Access::kWrite).append(1, Stage::kSearch, more);
  EXPECT_EQ(check().trials, 4);
  change("DELETE FROM trials WHERE id = 4; DELETE FROM trial_checksums WHERE trial = 4");
  EXPECT_THAT(refusal(), HasSubstr("found 3 trials, where 4 were stored"));
}

TEST_F(StudyChecksumsTest, WhatNoPairCanHaveIsRefusedWithItsRange) {
  change("UPDATE trial_figures SET value = -1 WHERE trial = 2 AND figure = 2");
  EXPECT_THAT(refusal(), HasSubstr("trial 2: found latency_ms -1, allowed a number of at least 0"));
}

TEST_F(StudyChecksumsTest, NoFlippedBitChangesWhatIsRead) {
  const std::string whole = folder_.read("study.db");
  const auto texts = [&] {
    std::string text;
    for (const StoredTrial& trial : StudyStore::open(file(), StudyStore::Access::kRead).all()) {
      text += fmt::format("{} {} {} {} {:a}\n", trial.run, trial.stage, trial.record.id,
                          trial.record.evaluation.reason,
                          trial.record.evaluation.value(find_figure("latency_ms")));
    }
    return text;
  };
  const std::string said = texts();
  for (std::size_t at = 100; at < whole.size(); at += 17) {  // the rest of the pages is empty
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    folder_.write("study.db", damaged);
    try {
      EXPECT_EQ(texts(), said) << at;
    } catch (const InputError&) {
      continue;
    }
  }
}

TEST_F(StudyChecksumsTest, AViewOrTriggerIsNotRun) {
  const std::string whole = folder_.read("study.db");
  change("ALTER TABLE trials RENAME TO real_trials");
  change(
      "CREATE VIEW trials AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
      "SELECT r.* FROM n, real_trials r");
  EXPECT_THAT(refusal(), HasSubstr("which no study of schema 5 has"));
  for (const char* sql : {"CREATE TRIGGER t AFTER INSERT ON trials BEGIN DELETE FROM trials; END",
                          "CREATE TABLE more (a)", "CREATE INDEX i ON trials (reason)",
                          "ALTER TABLE facts ADD COLUMN a AS (hex(zeroblob(9999999)))"}) {
    folder_.write("study.db", whole);
    change(sql);
    EXPECT_THAT(refusal(), HasSubstr("which no study of schema 5 has")) << sql;
  }
  folder_.write("study.db", whole);
  change("DROP TABLE runs");
  EXPECT_THAT(refusal(), HasSubstr("table runs of runs is missing"));
}

TEST_F(StudyChecksumsTest, AFileThatIsRemovedOrReplacedIsNotedAtTheNextTrial) {
  StudyStore store = StudyStore::open(file(), StudyStore::Access::kWrite);
  std::vector<TrialRecord> more{store.all().front().record};
  more[0].number = 3;
  store.require_in_place();
  fs::rename(file(), folder_.path() / "away.db");
  EXPECT_THAT(message_of<RunError>([&] { store.append(0, Stage::kSearch, more); }),
              HasSubstr("was removed or replaced"));
  folder_.write("study.db", "another");
  EXPECT_THROW(store.require_in_place(), RunError);
}

}  // namespace
}  // namespace dovetail
