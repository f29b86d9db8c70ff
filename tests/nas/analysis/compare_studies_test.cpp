#include "nas/analysis/compare_studies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text/version.h"
#include "nas/analysis/comparison_report.h"
#include "nas/analysis/fronts.h"
#include "tests/nas/analysis/hand_made_study.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;

class CompareStudiesTest : public testing::Test {
 protected:
  CompareStudiesTest() {
    a_.study().description.facts.name = "a";
    b_.study().description.facts.name = "b";
    a_.add(0, {0, 0}, 70, 2);
    a_.add(0, {1, 0}, 75, 4);
    a_.add(2, {0, 0}, 72, 2);
    b_.add(0, {0, 0}, 71, 3);
    b_.add(0, {1, 0}, 74, 5);
    b_.add(0, {2, 0}, 90, 1, 60);  // too large
    b_.add(2, {0, 1}, 69, 1);
    settings_.runs = {"joint"};
  }
  StudyComparison compare() {
    studies_ = {a_.study(), b_.study()};
    return compare_studies(studies_, settings_);
  }
  std::string refusal() {
    return message_of<InputError>([&] { compare(); });
  }

  HandMadeStudy a_, b_;
  std::vector<StoredStudy> studies_;
  CompareSettings settings_;
};

TEST_F(CompareStudiesTest, HypervolumesOfEachSeed) {
  const StudyComparison comparison = compare();
  ASSERT_EQ(comparison.contenders.size(), 2U);
  EXPECT_EQ(comparison.contenders[0].name, "a/joint");
  EXPECT_THAT(comparison.contenders[0].hypervolumes(), ElementsAre(80 + 30, 12 * 8));
  EXPECT_THAT(comparison.contenders[1].hypervolumes(), ElementsAre(77 + 15, 81));
}

TEST_F(CompareStudiesTest, TheReferenceMayBeStated) {
  settings_.reference = "latency_ms=6,top1_percent=70";
  EXPECT_THAT(compare().contenders[0].hypervolumes(), ElementsAre(10, 8));
  settings_.reference = "latency_ms=6";
  EXPECT_THAT(refusal(), HasSubstr("'top1_percent' is missing"));
  settings_.reference = "latency_ms=6,top1_percent=70,area_mm2=3";
  EXPECT_THAT(refusal(), HasSubstr("found 'area_mm2'"));
}

TEST_F(CompareStudiesTest, TheBestAtALevelOfEachSeedThatIsThere) {
  settings_.levels = {"latency_ms=2.5", "latency_ms=4", "top1_percent=71"};
  const StudyComparison comparison = compare();
  ASSERT_EQ(comparison.levels.size(), 2U);
  const LevelTable& top1 = comparison.levels[0];
  EXPECT_EQ(top1.metric->key, "top1_percent");
  EXPECT_THAT(top1.best[0][0], ElementsAre(70, 72));
  EXPECT_THAT(top1.best[0][1], ElementsAre(75, 72));
  EXPECT_THAT(top1.best[1][0], ElementsAre(69)) << "seed 1 has nothing so fast";
  const LevelTable& latency = comparison.levels[1];
  EXPECT_THAT(latency.best[0][0], ElementsAre(4, 2));
  EXPECT_THAT(latency.best[1][0], ElementsAre(3));
  EXPECT_THAT(comparison_text(comparison), AllOf(HasSubstr("69.000 (1/2)"), HasSubstr("4 ms")));
  settings_.levels = {"area_mm2=3"};
  EXPECT_THAT(refusal(), HasSubstr("--at: found 'area_mm2', allowed top1_percent, latency_ms"));
}

TEST_F(CompareStudiesTest, WithoutLevelsTheRangeThatAllShare) {
  const StudyComparison comparison = compare();
  EXPECT_THAT(comparison.levels[0].levels, ElementsAre(2, 2.5, 3, 3.5, 4));
  EXPECT_THAT(comparison.levels[1].levels, ElementsAre(70, 71, 72, 73, 74));
  a_.study().trials.resize(1);
  b_.study().trials.resize(1);
  const StudyComparison apart = compare();
  EXPECT_TRUE(apart.levels[0].levels.empty());
  EXPECT_THAT(comparison_text(apart), HasSubstr("no range in common"));
}

TEST_F(CompareStudiesTest, DominationIsAMeanOverPairsOfSeeds) {
  const StudyComparison comparison = compare();
  // a1 dominates 74 at 5 of b1 (1/2), nothing of b2; a2 dominates 71 at 3 (1/2), nothing of b2.
  EXPECT_THAT(comparison.dominated[0][1].mean, DoubleEq(25));
  EXPECT_NEAR(comparison.dominated[0][1].deviation, 50 / std::sqrt(3), 1e-9);
  EXPECT_EQ(comparison.dominated[1][0].mean, 0);
}

TEST_F(CompareStudiesTest, TargetsAreOfAllLimitsAtOnce) {
  settings_.targets = {"top1_percent=74,latency_ms=4", "hypervolume=90", "reward=0.7"};
  const StudyComparison comparison = compare();
  ASSERT_EQ(comparison.attainments.size(), 6U);
  EXPECT_EQ(comparison.attainments[0].target, "top1_percent >= 74, latency_ms <= 4");
  EXPECT_THAT(comparison.attainments[0].reached, ElementsAre(2, std::nullopt));
  EXPECT_THAT(comparison.attainments[1].reached, ElementsAre(std::nullopt, std::nullopt));
  EXPECT_THAT(comparison.attainments[2].reached, ElementsAre(2, 1));
  EXPECT_THAT(comparison.attainments[3].reached, ElementsAre(2, std::nullopt));
  EXPECT_THAT(comparison.attainments[4].reached, ElementsAre(1, 1));
  settings_.targets = {"speed=3"};
  EXPECT_THAT(refusal(), HasSubstr("--target: unknown metric 'speed'"));
  settings_.targets = {};
  for (const Attainment& it : compare().attainments) EXPECT_EQ(it.target, "hypervolume");
}

TEST_F(CompareStudiesTest, StudiesThatAreAfterOtherThingsAreRefusedWithTheReason) {
  b_.study().objective.pareto = {&find_metric("top1_percent"), &find_metric("energy_mj")};
  EXPECT_THAT(refusal(), HasSubstr("their objectives differ: top1_percent, latency_ms; and "
                                   "top1_percent, energy_mj"));
  b_.study().objective = a_.study().objective;
  b_.study().objective.constraints.clear();
  EXPECT_THAT(refusal(), HasSubstr("their constraints differ: area_mm2 <= 50; and none"));
  b_.study().objective = a_.study().objective;
  b_.study().objective.reference = {65, 10};
  EXPECT_THAT(refusal(), AllOf(HasSubstr("different reference points"),
                               HasSubstr("--reference top1_percent=60,latency_ms=10")));
  settings_.reference = "top1_percent=60,latency_ms=10";
  EXPECT_EQ(compare().contenders.size(), 2U);
}

TEST_F(CompareStudiesTest, TheOrderOfTheObjectivesDoesNotMatter) {
  const std::vector<double> before = compare().contenders[1].hypervolumes();
  std::swap(b_.study().objective.pareto[0], b_.study().objective.pareto[1]);
  std::swap(b_.study().objective.reference[0], b_.study().objective.reference[1]);
  EXPECT_EQ(compare().contenders[1].hypervolumes(), before);
}

TEST_F(CompareStudiesTest, OneKindOfSearchIsNothingToCompare) {
  studies_ = {a_.study()};
  EXPECT_THAT(message_of<InputError>([&] { compare_studies(studies_, settings_); }),
              HasSubstr("name a second study"));
  settings_.runs = {};
  EXPECT_EQ(compare_studies(studies_, settings_).contenders.size(), 2U) << "joint and fixed";
  settings_.runs = {"join"};
  EXPECT_THAT(refusal(), HasSubstr("did you mean 'joint'"));
}

TEST_F(CompareStudiesTest, StudiesOfOneNameAreToldApartByTheirPlace) {
  b_.study().description.facts.name = "a";
  const StudyComparison comparison = compare();
  EXPECT_EQ(comparison.contenders[0].name, (a_.files().path() / "out").string() + "/joint");
  EXPECT_NE(comparison.contenders[0].name, comparison.contenders[1].name);
}

TEST_F(CompareStudiesTest, WhatDiffersOtherwiseIsSaid) {
  b_.study().description.facts.accuracy = "another predictor";
  b_.study().config.evaluations = 7;
  const std::string text = comparison_text(compare());
  EXPECT_THAT(text, HasSubstr("different sources: a predictor; another predictor"));
  EXPECT_THAT(text, HasSubstr("evaluations a search: 96; 7"));
  EXPECT_THAT(text, HasSubstr("study.db is stopped"));
}

TEST_F(CompareStudiesTest, CsvHasARowASearch) {
  settings_.levels = {"latency_ms=2.5"};
  EXPECT_EQ(comparison_csv(compare()),
            "# schema: dovetail.study_comparison/1\n# build: " + build_description() +
                "\n"
                "# reference: top1_percent 60 %, latency_ms 10 ms\n"
                "# units: top1_percent_at_latency_ms_2.5=%\n"
                "searches,study,run,seed,evaluations,simulated,front,hypervolume,"
                "top1_percent_at_latency_ms_2.5\n"
                "a/joint,a,joint,1,2,2,2,110,70\n"
                "a/joint,a,joint,2,1,1,1,96,72\n"
                "b/joint,b,joint,1,3,3,2,92,\n"
                "b/joint,b,joint,2,1,1,1,81,69\n");
}

}  // namespace
}  // namespace dovetail
