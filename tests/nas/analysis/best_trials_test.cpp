#include "nas/analysis/best_trials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/nas/analysis/hand_made_study.h"

namespace dovetail {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class BestTrialsTest : public testing::Test {
 protected:
  BestTrialsTest() {
    hand_.add(0, {0, 0}, 70, 2);                                                     // 1
    hand_.add(0, {1, 0}, 75, 4);                                                     // 2
    hand_.add(0, {2, 0}, 74, 5);                                                     // 3: dominated
    hand_.add(0, {2, 1}, 80, 1, 60);                                                 // 4: too large
    hand_.add_without_figures(0, {1, 1}, TrialStatus::kInfeasible, "too_small: 3");  // 5
    hand_.add(2, {1, 0}, 75, 4);                                                     // 6: 2 again
    hand_.add(2, {0, 1}, 78, 8);                                                     // 7
    hand_.add(1, {1}, 72, 3);                                                        // 8
    hand_.add_predicted(0, {2, 1}, 99, 1);  // 9: simulated in 4
    hand_.add_predicted(0, {1, 1}, 79, 1);  // 10: not feasible in 5
    hand_.add_predicted(0, {0, 0}, 99, 1);  // 11: simulated in 1
    hand_.add_predicted(2, {2, 0}, 99, 1);  // 12: simulated in 3
    hand_.add_predicted(1, {2}, 79, 1);     // 13
  }
  std::vector<std::int64_t> best(const BestQuery& query) {
    std::vector<std::int64_t> ids;
    for (const StoredTrial* trial : best_trials(hand_.study(), query)) {
      ids.push_back(trial->record.id);
    }
    return ids;
  }
  static BestQuery query(const std::string& by, const std::vector<Limit>& limits = {}) {
    BestQuery query;
    query.by = by;
    query.limits = limits;
    return query;
  }
  std::string refusal(const BestQuery& query) {
    return message_of<InputError>([&] { best_trials(hand_.study(), query); });
  }

  HandMadeStudy hand_;
};

Limit most(const std::string& text) {
  return Limit::parse(text, true, "--max");
}

TEST_F(BestTrialsTest, TheFrontOfEachLabelOverAllSeedsWithoutRepetitions) {
  EXPECT_THAT(best(query("")), ElementsAre(7, 2, 1, 8));
  BestQuery joint = query("");
  joint.run = "fixed_hardware";
  EXPECT_THAT(best(joint), ElementsAre(8));
}

TEST_F(BestTrialsTest, LimitsComeBeforeTheFront) {
  EXPECT_THAT(best(query("", {most("latency_ms=5")})), ElementsAre(2, 1, 8));
  EXPECT_THAT(best(query("", {most("top1_percent=74.5"), most("latency_ms=7")})),
              ElementsAre(3, 1, 8))
      << "what the front was hiding";
  EXPECT_THAT(best(query("", {Limit::parse("top1_percent=76", false, "--min")})), ElementsAre(7));
  EXPECT_THAT(best(query("", {most("latency_ms=1")})), IsEmpty());
  EXPECT_THAT(best(query("", {most("energy_mj=4")})), ElementsAre(1));
}

TEST_F(BestTrialsTest, ByOneFigureTheBestComesFirst) {
  EXPECT_THAT(best(query("top1_percent")), ElementsAre(7, 2, 3, 8, 1));
  EXPECT_THAT(best(query("latency_ms")), ElementsAre(1, 8, 2, 3, 7));
  EXPECT_THAT(best(query("reward")), ElementsAre(2, 3, 8, 1, 7));
}

TEST_F(BestTrialsTest, PredictionsOnlyIfAskedFor) {
  BestQuery with = query("latency_ms");
  with.predicted = true;
  EXPECT_THAT(best(with), ElementsAre(13, 1, 8, 2, 3, 7));
  with.by = "peak_local_memory_kib";  // is not predicted
  EXPECT_THAT(best(with), Not(testing::Contains(13)));
}

TEST_F(BestTrialsTest, WhatTheStudyDoesNotHaveIsRefused) {
  EXPECT_THAT(refusal(query("latency")), HasSubstr("did you mean 'latency_ms'"));
  BestQuery of_run;
  of_run.run = "joined";
  EXPECT_THAT(refusal(of_run), HasSubstr("did you mean 'joint'"));
  hand_.study().objective.reward.reset();
  EXPECT_THAT(refusal(query("reward")), HasSubstr("has no reward"));
}

TEST(LimitTest, IsAMetricAndANumber) {
  EXPECT_EQ(most("area_mm2=60.5").str(), "area_mm2 <= 60.5");
  EXPECT_EQ(Limit::parse("top1_percent=7e1", false, "--min").str(), "top1_percent >= 70");
  for (const char* text : {"area_mm2", "area_mm2=", "area_mm2=x", "area_mm2=1x", "area_mm2=inf"}) {
    EXPECT_THAT(message_of<InputError>([&] { most(text); }),
                HasSubstr(fmt::format("--max: found '{}', allowed METRIC=NUMBER", text)));
  }
  EXPECT_THAT(message_of<InputError>([] { most("area_mm=1"); }),
              testing::AllOf(HasSubstr("--max: "), HasSubstr("'area_mm2'")));
}

TEST_F(BestTrialsTest, TheTableShowsWhatDiffersAndSaysHowManyThereAre) {
  const BestQuery front = query("", {most("power_mw=100000")});
  const TrialList trials = best_trials(hand_.study(), front);
  const std::string text = best_text(hand_.study(), front, trials, 0);
  EXPECT_THAT(text, HasSubstr("Pareto front of top1_percent, latency_ms, with area_mm2 <= 50, "
                              "power_mw <= 100000, simulated"));
  EXPECT_THAT(text, HasSubstr("pes_x"));
  EXPECT_THAT(text, HasSubstr("average power [mW]"));
  EXPECT_THAT(text, Not(HasSubstr("shown")));
  EXPECT_THAT(best_text(hand_.study(), front, trials, 2), HasSubstr("3 of 4 shown; --count 0"));
  const BestQuery same = query("", {most("latency_ms=5")});
  EXPECT_THAT(best_text(hand_.study(), same, best_trials(hand_.study(), same), 0),
              HasSubstr("pes_x"))
      << "joint has it, fixed hardware has not";
  BestQuery joint = same;
  joint.run = "joint";
  EXPECT_THAT(best_text(hand_.study(), joint, best_trials(hand_.study(), joint), 0),
              HasSubstr("In all of them: pes_x 1"));
  EXPECT_THAT(best_text(hand_.study(), front, {}, 0), HasSubstr("No such trial among the 13"));
}

}  // namespace
}  // namespace dovetail
