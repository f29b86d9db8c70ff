#include "nas/analysis/trial_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/text/version.h"
#include "tests/base/text/csv_rows.h"
#include "tests/nas/analysis/hand_made_study.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

class TrialTableTest : public testing::Test {
 protected:
  TrialTableTest() {
    hand_.add(0, {2, 1}, 75, 4, 60);
    hand_.add(1, {1}, 70, 2);
    hand_.add_without_figures(0, {0, 0}, TrialStatus::kFailed, "it said: \"no, \xff\"");
    hand_.add_predicted(2, {1, 0}, 71, 3);
    hand_.study().timings[2] = {"2026-01-31T10:00:00.000Z", 1.25};
  }
  HandMadeStudy hand_;
};

TEST_F(TrialTableTest, CsvHasARowATrialAndSaysWhatItIs) {
  const std::string csv = trials_csv(hand_.study(), hand_.study().all_trials());
  EXPECT_EQ(
      csv,
      "# schema: dovetail.trials/1\n"
      "# build: " +
          build_description() +
          "\n"
          "# study: hand\n"
          "# begun_with: dovetail 0\n"
          "# maximised: top1_percent\n"
          "# minimised: latency_ms\n"
          "# constraint: area_mm2 <= 50\n"
          "# target: latency_ms 5\n"
          "# units: top1_percent=%, latency_ms=ms, area_mm2=mm2, energy_mj=mJ, power_mw=mW, "
          "edp_mj_ms=mJ ms, peak_local_memory_kib=KiB, cycles=cycles, evaluation_ms=ms, "
          "stored_at=UTC\n"
          "trial,run,seed,step,stage,evaluation,status,reason,simulated,extrapolated,acceptable,"
          "violation,"
          "top1_percent,latency_ms,area_mm2,energy_mj,power_mw,edp_mj_ms,peak_local_memory_kib,"
          "cycles,reward,evaluation_ms,stored_at,net.k,hw.pes_x\n"
          "1,joint,1,0,search,1,ok,,1,0,0,0.2,75,4,60,8,2000,32,100,1000,0.75,,,7,2\n"
          "2,fixed_hardware,1,0,search,1,ok,,1,0,1,0,70,2,40,4,2000,8,100,1000,0.7,1.25,"
          "2026-01-31T10:00:00.000Z,5,\n"
          "3,joint,1,0,search,2,failed,\"it said: \"\"no, \xff\"\"\",1,0,0,,,,,,,,,,,,,3,1\n"
          "4,joint,2,0,search,1,ok,,0,0,1,0,71,3,40,6,2000,18,,,0.71,,,5,1\n");
}

TEST_F(TrialTableTest, JsonSaysTheSame) {
  const auto json = nlohmann::json::parse(trials_json(hand_.study(), hand_.study().all_trials()));
  EXPECT_EQ(json["schema"], "dovetail.trials/1");
  EXPECT_EQ(json["constraints"][0], "area_mm2 <= 50");
  const auto& trials = json["trials"];
  ASSERT_EQ(trials.size(), 4U);
  EXPECT_EQ(trials[0]["metrics"]["latency_ms"], 4);
  EXPECT_EQ(trials[0]["acceptable"], false);
  EXPECT_EQ(trials[0]["violation"], 0.2);
  EXPECT_EQ(trials[0]["choices"]["hw.pes_x"], "2");
  EXPECT_EQ(trials[1]["evaluation_ms"], 1.25);
  EXPECT_EQ(trials[1]["choices"].size(), 1U);
  EXPECT_FALSE(trials[2].contains("metrics"));
  EXPECT_THAT(trials[2]["reason"].get<std::string>(), HasSubstr("it said: \"no, "));
  EXPECT_FALSE(trials[3].contains("cycles"));
  EXPECT_FALSE(trials[3]["metrics"].contains("peak_local_memory_kib"));
}

TEST_F(TrialTableTest, OnlyTheTrialsThatAreAskedFor) {
  const TrialList one{&hand_.study().trials[1]};
  EXPECT_THAT(trials_csv(hand_.study(), one), HasSubstr("\n2,fixed_hardware,"));
  EXPECT_EQ(nlohmann::json::parse(trials_json(hand_.study(), one))["trials"].size(), 1U);
}

TEST(TrialTable, AChoiceMayHaveAnythingInIt) {
  HandMadeStudy hand;
  const std::string odd = "3, \"wide\"\n# and deep";
  StudyDescription& description = hand.study().description;
  description.decisions.at("joint") =
      DecisionSpace({{"net.k", "", {odd, "5"}, {}}, {"hw.a, b", "PEs, each", {"1", "2"}, {1, 2}}});
  hand.add(0, {0, 1}, 75, 4);
  const auto rows = csv_rows(trials_csv(hand.study(), hand.study().all_trials()));
  ASSERT_EQ(rows.size(), 2U);
  ASSERT_EQ(rows[1].size(), rows[0].size());
  EXPECT_EQ(rows[0].back(), "hw.a, b");
  EXPECT_EQ(rows[1].back(), "2");
  EXPECT_EQ(rows[1][rows[1].size() - 2], odd);
}

}  // namespace
}  // namespace dovetail
