#include "nas/study/build_probes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/nas/study/study_fixture.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

class BuildProbesTest : public StudyTest {
 protected:
  /// The beginning of a study in `folder`, as another build would have stored it.
  void begin_elsewhere(const StudySetup& setup, const std::string& folder, double latency_factor) {
    StudyOptions half = options("half_" + folder);
    int left = 40;
    half.keep_going = [&] { return left-- > 0; };
    EXPECT_FALSE(run_study(setup, half).complete);
    const StudyStore begun = StudyStore::open(half.folder / "study.db", StudyStore::Access::kRead);
    StudyDescription description = begun.description();
    description.facts.build = "0.1.0 (g++ 99, Release, portable)";
    std::filesystem::create_directories(files_.path() / folder);
    StudyStore store = StudyStore::create(files_.path() / folder / "study.db", description);
    std::vector<TrialRecord> trials = begun.trials(0, Stage::kSearch);
    ASSERT_GT(trials.size(), 8U);
    for (TrialRecord& trial : trials) trial.evaluation.costs.latency_ms *= latency_factor;
    store.append(0, Stage::kSearch, trials);
  }
  StudyOptions resumed(const std::string& folder) const {
    StudyOptions options = this->options(folder);
    options.resume = true;
    return options;
  }
};

TEST_F(BuildProbesTest, AnotherBuildThatFindsTheSameGoesOn) {
  const StudySetup setup(files_.config("batch: 8\n"));
  begin_elsewhere(setup, "moved", 1);
  EXPECT_TRUE(run_study(setup, resumed("moved")).complete);
  run_study(setup, options("whole"));
  const auto trials = [&](const std::string& folder) {
    return StudyStore::open(files_.path() / folder / "study.db", StudyStore::Access::kRead)
        .trials(0, Stage::kSearch);
  };
  const auto moved = trials("moved"), whole = trials("whole");
  ASSERT_EQ(moved.size(), whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(moved[i].choices, whole[i].choices);
    EXPECT_EQ(moved[i].evaluation, whole[i].evaluation);
  }
}

TEST_F(BuildProbesTest, OneThatFindsOtherFiguresIsRefused) {
  const StudySetup setup(files_.config("batch: 8\n"));
  begin_elsewhere(setup, "changed", 1 + 1e-15);
  const std::string message = message_of<InputError>([&] { run_study(setup, resumed("changed")); });
  EXPECT_THAT(message, HasSubstr("begun with 0.1.0 (g++ 99, Release, portable), this is "));
  EXPECT_THAT(message, HasSubstr("and trial 1: latency_ms is "));
  EXPECT_THAT(message, HasSubstr("use another folder"));
}

}  // namespace
}  // namespace dovetail
