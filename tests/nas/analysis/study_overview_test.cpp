#include "nas/analysis/study_overview.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nas/analysis/overview_report.h"
#include "tests/nas/analysis/hand_made_study.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class StudyOverviewTest : public testing::Test {
 protected:
  StudyOverviewTest() {
    hand_.add(0, {0, 0}, 70, 2);
    hand_.add(0, {1, 0}, 75, 4);
    hand_.add(0, {2, 1}, 80, 1, 60);
    hand_.add_without_figures(0, {1, 1}, TrialStatus::kInfeasible, "too_small: layer 3");
    hand_.add_without_figures(0, {1, 1}, TrialStatus::kInfeasible, "too_small: layer 4");
    hand_.add_without_figures(1, {1}, TrialStatus::kFailed, "it broke");
    hand_.add_predicted(2, {0, 1}, 79, 1);
    hand_.add(2, {0, 1}, 78, 1.5, 40, "resimulate");
    hand_.study().timings[1] = {"2026-01-31T10:00:00.000Z", 2};
    hand_.study().timings[2] = {"2026-01-31T10:00:01.000Z", 4};
    hand_.study().timings[4] = {"2026-01-31T10:00:02.000Z", 0};
  }
  std::string text(const StudyState& state = {}) {
    return overview_text(hand_.study(), state, study_overview(hand_.study()));
  }
  HandMadeStudy hand_;
};

TEST_F(StudyOverviewTest, CountsEverySearchBegunOrNot) {
  const auto searches = study_overview(hand_.study()).searches;
  ASSERT_EQ(searches.size(), 4U);
  EXPECT_EQ(searches[0].trials, 5);
  EXPECT_EQ(searches[0].planned, 96);
  EXPECT_EQ(searches[0].by_status.at(TrialStatus::kInfeasible), 2);
  EXPECT_EQ(searches[0].over_limits, 1);
  EXPECT_EQ(searches[0].front, 2U);
  // (70 - 60) x (10 - 2) + (75 - 70) x (10 - 4)
  EXPECT_DOUBLE_EQ(searches[0].hypervolume, 80 + 30);
  EXPECT_EQ(searches[0].figures, "simulated");
  EXPECT_EQ(searches[1].run.label, "fixed_hardware");
  EXPECT_EQ(searches[1].hypervolume, 0);
  EXPECT_EQ(searches[2].figures, "predicted");
  EXPECT_EQ(searches[3].stage, "resimulate");
  EXPECT_EQ(searches[3].planned, std::nullopt);
  EXPECT_EQ(searches[3].figures, "simulated");

  HandMadeStudy nothing;
  EXPECT_EQ(study_overview(nothing.study()).searches.size(), 3U);
  EXPECT_THAT(overview_text(nothing.study(), {}, study_overview(nothing.study())),
              AllOf(HasSubstr("stopped, 0 trials"), HasSubstr("no simulated trial holds")));
}

TEST_F(StudyOverviewTest, SaysWhatIsLeftOfItsSpaces) {
  EXPECT_THAT(text(), Not(HasSubstr("restricted")));
  hand_.study().config.restrict = {{"k*", {"3", "5"}}, {"se", {"yes"}}};
  EXPECT_THAT(text(), HasSubstr("  restricted    k* to 3, 5; se to yes\n"));
}

TEST_F(StudyOverviewTest, SaysWhyTrialsDoNotCount) {
  const auto reasons = study_overview(hand_.study()).reasons;
  ASSERT_EQ(reasons.size(), 3U);
  EXPECT_EQ(reasons[0].reason, "too_small");
  EXPECT_EQ(reasons[0].trials, 2);
  EXPECT_EQ(reasons[1].status, "failed");
  EXPECT_EQ(reasons[2].reason, "not area_mm2 <= 50");
}

TEST_F(StudyOverviewTest, TheBestSoFarAreSimulatedAndWithinTheConstraints) {
  const auto best = study_overview(hand_.study()).best;
  ASSERT_EQ(best.size(), 3U) << "fixed hardware has none";
  EXPECT_EQ(best[0].by, "reward");
  EXPECT_EQ(best[0].trial->record.id, 8);
  EXPECT_EQ(best[1].by, "top1_percent");
  EXPECT_EQ(best[1].trial->record.id, 8);
  EXPECT_EQ(best[2].by, "latency_ms");
  EXPECT_EQ(best[2].trial->record.id, 8);
}

TEST_F(StudyOverviewTest, TimesAreSummedOverWhatHasThem) {
  const TimeSummary times = study_overview(hand_.study()).times;
  EXPECT_EQ(times.trials, 3U);
  EXPECT_EQ(times.evaluation_ms, 6);
  EXPECT_EQ(times.longest_ms, 4);
  EXPECT_EQ(times.known_before, 1U);
  EXPECT_EQ(times.first, "2026-01-31T10:00:00.000Z");
  EXPECT_EQ(times.last, "2026-01-31T10:00:02.000Z");
}

TEST_F(StudyOverviewTest, TheTextSaysHowToGoOnOnlyIfThatIsOfUse) {
  EXPECT_THAT(text(), AllOf(HasSubstr("stopped, 8 trials"), HasSubstr("effective.yaml --resume")));
  EXPECT_THAT(text({.process = 17, .complete = false}),
              AllOf(HasSubstr("running (process 17)"), Not(HasSubstr("--resume"))));
  EXPECT_THAT(text({.process = {}, .complete = true}),
              AllOf(HasSubstr("complete"), Not(HasSubstr("--resume"))));
}

TEST_F(StudyOverviewTest, JsonHasAllOfIt) {
  const auto json =
      nlohmann::json::parse(overview_json(hand_.study(), {}, study_overview(hand_.study())));
  EXPECT_EQ(json["schema"], "dovetail.study_overview/1");
  EXPECT_EQ(json["state"], "stopped");
  EXPECT_EQ(json["searches"].size(), 4U);
  EXPECT_EQ(json["searches"][0]["infeasible"], 2);
  EXPECT_EQ(json["best"][0]["metrics"]["latency_ms"], 1.5);
  EXPECT_EQ(json["reasons"][0]["reason"], "too_small");
}

}  // namespace
}  // namespace dovetail
