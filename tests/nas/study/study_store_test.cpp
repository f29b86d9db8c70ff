#include "nas/study/study_store.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cmath>

#include "base/files/sqlite.h"
#include "nas/study/study_checksums.h"
#include "nas/study/trial_timings.h"
#include "tests/base/files/faults.h"
#include "tests/base/files/test_files.h"
#include "tests/nas/objective/given_figures.h"

namespace dovetail {
namespace {

StudyDescription description() {
  StudyDescription description;
  description.facts.name = "test";
  description.facts.configuration = "a: 1\nb: 'x'\n";
  description.facts.build = "0";
  description.facts.baseline_area_mm2 = 77.3;
  description.facts.files = {{"technology", "1f"}};
  description.facts.programs = {{"a b.sh", "2e"}};
  description.runs = {{"joint", 18446744073709551615u}, {"fixed_hardware", 2}};
  const DecisionSpace space(
      {Decision{"k", "", {"3", "5"}, {3, 5}}, Decision{"act", "", {"relu", "swish"}, {}}});
  description.decisions = {{"joint", space}, {"fixed_hardware", space}};
  return description;
}

TrialRecord trial(std::int64_t number, Choices choices, double latency_ms) {
  TrialRecord record;
  record.number = number;
  record.choices = std::move(choices);
  record.evaluation.simulated = true;
  give_figures(record.evaluation, 76.1, latency_ms, 1.0 / 3, 123456789012, 2.0 / 7, 411.5);
  record.reward = 0.1 + 0.2;
  return record;
}

class StudyStoreTest : public testing::Test {
 protected:
  std::filesystem::path file() const { return folder_.path() / "study.db"; }
  std::string open_refusal() const {
    return message_of<InputError>([&] { StudyStore::open(file(), StudyStore::Access::kRead); });
  }
  TemporaryFolder folder_;
};

TEST_F(StudyStoreTest, WhatIsAddedReadsBackBitForBit) {
  {
    StudyStore store = StudyStore::create(file(), description());
    std::vector<TrialRecord> trials{trial(0, {0, 1}, 0.1), trial(1, {1, 1}, 1e-300)};
    trials[1].evaluation.accuracy.extrapolated = true;
    store.append(0, Stage::kSearch, trials);
    EXPECT_EQ(trials[1].id, 2);
    std::vector<TrialRecord> without{trial(0, {1, 0}, 0)};
    without[0].evaluation = Evaluation::without_figures(
        TrialStatus::kInfeasible, "local_memory_too_small: it's 'so' \xc3\xa9", true);
    without[0].reward.reset();
    store.append(1, Stage::kResimulate, without);
  }
  EXPECT_EQ(folder_.count(), 2u) << "study.db and timings.csv; the log should be gone";
  const StudyStore store = StudyStore::open(file(), StudyStore::Access::kRead);
  EXPECT_EQ(store.description().facts, description().facts);
  EXPECT_EQ(store.description().runs, description().runs);
  EXPECT_EQ(store.description().decisions.at("joint")[1].choices[1], "swish");
  EXPECT_EQ(store.description().decisions.at("joint")[0].values, (std::vector<double>{3, 5}));

  const auto trials = store.trials(0, Stage::kSearch);
  ASSERT_EQ(trials.size(), 2u);
  EXPECT_EQ(trials[1].choices, (Choices{1, 1}));
  EXPECT_EQ(trials[1].evaluation.costs.latency_ms, 1e-300);
  EXPECT_EQ(trials[1].evaluation.costs.area_mm2, 1.0 / 3);
  EXPECT_EQ(trials[1].evaluation.costs, trial(1, {1, 1}, 1e-300).evaluation.costs);
  EXPECT_EQ(trials[1].evaluation.accuracy.top1_percent, 76.1);
  EXPECT_EQ(trials[1].evaluation.costs.cycles, 123456789012);
  EXPECT_EQ(trials[1].evaluation.costs.energy_mj, 2.0 / 7);
  EXPECT_TRUE(trials[1].evaluation.accuracy.extrapolated);
  EXPECT_EQ(*trials[1].reward, 0.1 + 0.2);
  EXPECT_TRUE(store.trials(0, Stage::kResimulate).empty());

  const auto [infeasible, run] = store.trial(3);
  EXPECT_EQ(run, 1u);
  EXPECT_EQ(infeasible.evaluation.status, TrialStatus::kInfeasible);
  EXPECT_EQ(infeasible.evaluation.reason, "local_memory_too_small: it's 'so' \xc3\xa9");
  EXPECT_EQ(infeasible.evaluation.costs.reason, InfeasibleReason::kLocalMemoryTooSmall);
  EXPECT_EQ(infeasible.evaluation.costs.reason_text, "it's 'so' \xc3\xa9");
  EXPECT_FALSE(infeasible.evaluation.has(find_figure("area_mm2")));
  EXPECT_FALSE(infeasible.reward.has_value());
  EXPECT_THROW(store.trial(4), InputError);
}

TEST_F(StudyStoreTest, ABatchIsAddedWholeOrNotAtAll) {
  StudyStore store = StudyStore::create(file(), description());
  std::vector<TrialRecord> first{trial(0, {0, 0}, 1)};
  store.append(0, Stage::kSearch, first);
  std::vector<TrialRecord> second{trial(1, {0, 0}, 1), trial(0, {0, 0}, 1)};  // 0 is there already
  EXPECT_THROW(store.append(0, Stage::kSearch, second), RunError);
  EXPECT_EQ(store.count(), 1);
}

TEST_F(StudyStoreTest, TimesAreBesideItAndNotInIt) {
  const auto store_one = [&](double seconds) {
    std::filesystem::remove(file());
    std::filesystem::remove(TrialTimings::beside(file()));
    StudyStore store = StudyStore::create(file(), description());
    std::vector<TrialRecord> trials{trial(0, {0, 0}, 1)};
    trials[0].evaluation.took.seconds = seconds;
    store.append(0, Stage::kSearch, trials);
  };
  store_one(0.25);
  const std::string bytes = folder_.read("study.db");
  EXPECT_EQ(TrialTimings::read(TrialTimings::beside(file())).at(1).evaluation_ms, 250);
  store_one(0.5);
  EXPECT_EQ(TrialTimings::read(TrialTimings::beside(file())).at(1).evaluation_ms, 500);
  EXPECT_EQ(folder_.read("study.db"), bytes);
}

TEST_F(StudyStoreTest, WithoutRoomForTheTimesNothingIsAdded) {
  StudyStore store = StudyStore::create(file(), description());
  std::vector<TrialRecord> first{trial(0, {0, 0}, 1)}, second{trial(1, {0, 1}, 1)};
  store.append(0, Stage::kSearch, first);
  {
    const FileSizeLimit limit(std::filesystem::file_size(TrialTimings::beside(file())));
    EXPECT_NE(message_of<RunError>([&] { store.append(0, Stage::kSearch, second); }).find("full"),
              std::string::npos);
  }
  EXPECT_EQ(store.count(), 1);
  store.append(0, Stage::kSearch, second);
  EXPECT_EQ(store.count(), 2);
  EXPECT_EQ(TrialTimings::read(TrialTimings::beside(file())).size(), 2U);
}

TEST_F(StudyStoreTest, SurvivesTheEndOfItsProcess) {
  StudyStore::create(file(), description());
  const pid_t pid = fork();
  ASSERT_GE(pid, 0);
  if (pid == 0) {
    StudyStore store = StudyStore::open(file(), StudyStore::Access::kWrite);
    std::vector<TrialRecord> trials{trial(0, {0, 0}, 1), trial(1, {0, 1}, 2)};
    store.append(0, Stage::kSearch, trials);
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(StudyStore::open(file(), StudyStore::Access::kWrite).trials(0, Stage::kSearch).size(),
            2u);
}

TEST_F(StudyStoreTest, NeverOverwrites) {
  StudyStore::create(file(), description());
  EXPECT_THROW(StudyStore::create(file(), description()), InputError);
}

TEST_F(StudyStoreTest, AMissingFileIsAnInputError) {
  EXPECT_NE(open_refusal().find("no study is stored there"), std::string::npos);
}

TEST_F(StudyStoreTest, AForeignFileIsAnInputError) {
  folder_.write("study.db", "this is no database, only some text that is long enough to be one");
  const std::string refusal = open_refusal();
  EXPECT_NE(refusal.find("not a study file"), std::string::npos) << refusal;
  EXPECT_EQ(refusal.find("study.db: "), refusal.rfind("study.db: ")) << "once: " << refusal;
  folder_.write("study.db", "");
  EXPECT_NE(open_refusal().find("not a study"), std::string::npos) << open_refusal();
}

TEST_F(StudyStoreTest, ATruncatedFileIsAnInputErrorWhereverItIsCut) {
  {
    StudyStore store = StudyStore::create(file(), description());
    std::vector<TrialRecord> trials;
    for (int i = 0; i < 2000; ++i) trials.push_back(trial(i, {0, 1}, i));
    store.append(0, Stage::kSearch, trials);
  }
  const std::string whole = folder_.read("study.db");
  for (const double part : {0.001, 0.05, 0.3, 0.5, 0.77, 0.99}) {
    folder_.write(
        "study.db",
        whole.substr(0, static_cast<std::size_t>(part * static_cast<double>(whole.size()))));
    EXPECT_NE(open_refusal().find("study.db"), std::string::npos);
  }
  folder_.write("study.db", whole);
  EXPECT_EQ(StudyStore::open(file(), StudyStore::Access::kRead).count(), 2000);
}

TEST_F(StudyStoreTest, AnotherSchemaVersionIsAnInputError) {
  StudyStore::create(file(), description());
  std::string bytes = folder_.read("study.db");
  for (const char version : {1, 9}) {  // 1 had no energies
    bytes[63] = version;               // user_version, big endian at 60
    folder_.write("study.db", bytes);
    const std::string expected = fmt::format("found study schema {:d}, allowed 3 to 5", version);
    EXPECT_NE(open_refusal().find(expected), std::string::npos) << open_refusal();
    EXPECT_NE(open_refusal().find("another folder"), std::string::npos) << open_refusal();
  }
}

TEST_F(StudyStoreTest, AFigureThatOneSideDoesNotKnowIsNotKnown) {
  {
    StudyStore store = StudyStore::create(file(), description());
    std::vector<TrialRecord> trials{trial(0, {0, 1}, 1)};
    store.append(0, Stage::kSearch, trials);
  }
  {
    SqliteDatabase database(file(), SqliteDatabase::Mode::kReadWrite);
    // Written by a program of other figures: one more, and none of today's energies.
    database.execute("UPDATE figures SET key = 'novel_mj' WHERE key = 'energy_mj'");
    TrialFigures figures;
    SqliteStatement rows(database,
                         "SELECT key, value FROM trial_figures JOIN figures USING (figure) "
                         "WHERE trial = 1 ORDER BY figure");
    while (rows.step()) figures.emplace_back(rows.column_text(0), rows.column_double(1));
    StoredTrial stored{trial(0, {0, 1}, 1), 0, to_string(Stage::kSearch)};
    stored.record.id = 1;
    SqliteStatement checksum(database, "UPDATE trial_checksums SET checksum = ? WHERE trial = 1");
    checksum.bind(0, checksum_of(stored, figures));
    checksum.step();
  }
  for (const auto access : {StudyStore::Access::kRead, StudyStore::Access::kWrite}) {
    const StudyStore store = StudyStore::open(file(), access);
    const Evaluation evaluation = store.trial(1).first.evaluation;
    EXPECT_EQ(evaluation.costs.latency_ms, 1);
    EXPECT_TRUE(std::isnan(evaluation.costs.energy_mj));
    EXPECT_FALSE(evaluation.has(find_figure("power_mw")));
  }
  // From then on the file has today's figures as well.
  StudyStore store = StudyStore::open(file(), StudyStore::Access::kWrite);
  std::vector<TrialRecord> trials{trial(1, {0, 0}, 1)};
  store.append(0, Stage::kSearch, trials);
  EXPECT_EQ(store.trial(2).first.evaluation.costs, trials[0].evaluation.costs);
}

TEST_F(StudyStoreTest, SpoiltRowsAreInputErrors) {
  {
    StudyStore store = StudyStore::create(file(), description());
    std::vector<TrialRecord> trials{trial(0, {0, 1}, 1)};
    store.append(0, Stage::kSearch, trials);
  }
  std::string bytes = folder_.read("study.db");
  const std::size_t at = bytes.find("[0,1]");
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at, 5, "[0,7]");
  folder_.write("study.db", bytes);
  const StudyStore store = StudyStore::open(file(), StudyStore::Access::kRead);
  EXPECT_NE(message_of<InputError>([&] { store.trials(0, Stage::kSearch); }).find("trial 1"),
            std::string::npos);
}

TEST_F(StudyStoreTest, AccuraciesAreKeptOneByOne) {
  const std::map<std::string, AccuracyAnswer> answers{
      {"32x32x3; conv k=3 c=16", AccuracyAnswer::known({71.0 / 3, true})},
      {"32x32x3; conv k=5 c=16", AccuracyAnswer::failed("exit status 3: it's \"so\"")},
      {"32x32x3; conv k=7 c=16", AccuracyAnswer::refused("no row")}};
  {
    StudyStore store = StudyStore::create(file(), description());
    EXPECT_TRUE(store.accuracies().empty());
    for (const auto& [network, answer] : answers) store.append_accuracy(network, answer);
    const StudyStore reader = StudyStore::open(file(), StudyStore::Access::kRead);
    EXPECT_EQ(reader.accuracies(), answers) << "each is durable at once";
  }
  EXPECT_EQ(StudyStore::open(file(), StudyStore::Access::kWrite).accuracies(), answers);
}

}  // namespace
}  // namespace dovetail
