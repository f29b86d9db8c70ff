#include "nas/service/imported_trials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nas/analysis/stored_study.h"
#include "nas/analysis/trial_table.h"
#include "nas/service/study_session.h"
#include "tests/nas/study/study_fixture.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

class ImportedTrialsTest : public StudyTest {
 protected:
  ImportedTrials read(const std::string& csv, ImportTrust trust = ImportTrust::kNothing) const {
    return ImportedTrials::read(files_.folder().write("trials.csv", csv), space_, trust);
  }
  std::string fault(const std::string& csv) const {
    return message_of<InputError>([&] { read(csv); });
  }

  DecisionSpace space_{{{"net.k", "", {"3", "5"}, {3, 5}}, {"hw.w", "", {"auto", "cached"}, {}}}};
};

TEST_F(ImportedTrialsTest, TakesDecisionsAndFiguresByTheirNames) {
  const auto imported = read(
      "# schema: x\nhw.w,remark,net.k,latency_ms,top1_percent\nauto,\"a, "
      "b\",5,0.5,70\ncached,,3,,\n");
  ASSERT_EQ(imported.candidates.size(), 2U);
  EXPECT_EQ(imported.candidates[0].point.choices,
            (std::map<std::string, std::string>{{"hw.w", "auto"}, {"net.k", "5"}}));
  EXPECT_FALSE(imported.candidates[0].top1_percent);
  EXPECT_EQ(imported.claimed[0].at(&find_figure("latency_ms")), 0.5);
  EXPECT_EQ(imported.claimed[0].at(&find_figure("top1_percent")), 70);
  EXPECT_TRUE(imported.claimed[1].empty());
  EXPECT_EQ(read("net.k,top1_percent\n3,70\n", ImportTrust::kAccuracy).candidates[0].top1_percent,
            70);
}

TEST_F(ImportedTrialsTest, AFaultIsToldWithItsLine) {
  EXPECT_THAT(fault("a,b\n1,2\n"), HasSubstr("found no column of a decision, allowed net.k, hw.w"));
  EXPECT_THAT(fault("net.k,latency_ms\n3,x\n"),
              HasSubstr("trials.csv:2: found 'x', allowed a number"));
  EXPECT_THAT(fault("net.k,hw.w\n3\n"), HasSubstr("trials.csv:2: found 1 cells, allowed 2"));
  EXPECT_THAT(fault(""), HasSubstr("names of its columns"));
}

TEST_F(ImportedTrialsTest, ClaimsAreCheckedToBePossible) {
  const auto fault_of_claim = [&](const std::string& csv) {
    return message_of<InputError>([&] { read(csv, ImportTrust::kAll); });
  };
  EXPECT_THAT(fault_of_claim("net.k,latency_ms\n3,-1\n"),
              HasSubstr("trials.csv:2: found latency_ms -1, allowed"));
  EXPECT_THAT(fault_of_claim("net.k,top1_percent\n3,70\n5,101\n"),
              HasSubstr("trials.csv:3: found top1_percent 101, allowed"));
  // Where nothing is believed, nothing has to be possible.
  EXPECT_EQ(read("net.k,latency_ms\n3,-1\n").candidates.size(), 1U);
}

TEST_F(ImportedTrialsTest, AClaimNeedsWhatTheObjectiveAsksFor) {
  Objective objective;
  objective.pareto = {&find_figure("top1_percent"), &find_figure("edp_mj_ms")};
  objective.constraints = {{&find_figure("area_mm2"), 50}};
  std::map<const Figure*, double> claims{{&find_figure("top1_percent"), 70},
                                         {&find_figure("latency_ms"), 0.5},
                                         {&find_figure("area_mm2"), 40}};
  const Evaluation lacking = claimed_evaluation(claims, objective);
  EXPECT_EQ(lacking.status, TrialStatus::kFailed);
  EXPECT_EQ(lacking.reason, "claims no edp_mj_ms, which follows from other figures");
  EXPECT_TRUE(lacking.claimed);
  claims[&find_figure("energy_mj")] = 2;
  const Evaluation whole = claimed_evaluation(claims, objective);
  EXPECT_TRUE(whole.ok());
  EXPECT_TRUE(whole.claimed);
  EXPECT_FALSE(whole.simulated);
  EXPECT_DOUBLE_EQ(whole.value(find_figure("edp_mj_ms")), 1);
  EXPECT_TRUE(objective.outcome(whole).acceptable());
  EXPECT_STREQ(whole.source(), "claimed");
}

TEST_F(ImportedTrialsTest, TrialsOfAStudyAreFoundAgainAndWrongClaimsAreSeen) {
  const StudySetup searched(files_.config("evaluations: 20\n"));
  run_study(searched, options("search"));
  const StoredStudy stored = StoredStudy::load(files_.path() / "search");
  std::string csv = trials_csv(stored, stored.all_trials());
  const StudySetup setup(files_.config("evaluations: 20\nstrategy: {name: external}\n"));
  const DecisionSpace& space = setup.space("joint").decisions();
  {
    StudySession session(setup, options("import"));
    const auto imported =
        ImportedTrials::read(files_.folder().write("t.csv", csv), space, ImportTrust::kNothing);
    const auto found = session.evaluate(imported.candidates);
    ASSERT_EQ(found.size(), 20U);
    for (std::size_t i = 0; i < 20; ++i) {
      EXPECT_EQ(found[i].evaluation, stored.trials[i].record.evaluation);
    }
    EXPECT_THAT(claims_table(imported, found), HasSubstr("latency_ms"));
    auto lies = imported;
    lies.claimed[3][&find_figure("latency_ms")] *= 2;
    EXPECT_THAT(claims_table(lies, found), testing::ContainsRegex("latency_ms +20 +1 +100"));
    EXPECT_THAT(claims_table(lies, found), testing::ContainsRegex("area_mm2 +20 +0 +0"));
  }
}

}  // namespace
}  // namespace dovetail
