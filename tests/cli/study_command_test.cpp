// `dovetail study` as a user meets it: show, best, export, compare, and the plots of what they
// write.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/files/atomic_file.h"
#include "base/files/sqlite.h"
#include "tests/base/text/csv_rows.h"
#include "tests/cli/command_runner.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kReward =
    "objective: {pareto: [top1_percent, latency_ms], reference: {top1_percent: 60, latency_ms: "
    "0.1}, reward: {kind: nahas_soft, targets: {latency_ms: 0.005}}}\n";

class StudyCommandTest : public testing::Test {
 protected:
  void search(const std::string& folder, const std::string& changes = "") const {
    files_.write_study(changes);
    const test::CommandResult result = dovetail({"-q", "search", "./study.yaml", "-o", folder});
    ASSERT_EQ(result.status, 0) << result.err;
  }
  test::CommandResult dovetail(const std::vector<std::string>& args) const {
    return command_.run(args);
  }
  std::string read(const std::string& file) const { return command_.folder().read(file); }
  std::size_t rows(const std::string& file) const { return csv_rows(read(file)).size() - 1; }

  const test::CommandRunner command_;
  const TinyStudy files_{command_.folder()};
};

TEST_F(StudyCommandTest, ShowTellsWhatAStudyIsAndHowFar) {
  search("out",
         std::string(kReward) +
             "comparison: fixed_hardware\nconstraints: {latency_ms: 0.006, area_mm2: baseline}\n");
  const test::CommandResult shown = dovetail({"study", "show", "out", "--json", "show.json"});
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_THAT(shown.out,
              AllOf(HasSubstr("Study 'tiny' in out/study.db: complete, 159 trials"),
                    HasSubstr("nahas_soft: latency_ms 0.005 ms (weight -0.071)"),
                    HasSubstr("96  96"), HasSubstr("63  96"), HasSubstr("not latency_ms <= "),
                    HasSubstr("Best so far"), HasSubstr("Times: stored from 20")));
  const auto json = nlohmann::json::parse(read("show.json"));
  EXPECT_EQ(json["state"], "complete");
  EXPECT_EQ(json["searches"].size(), 2U);
  EXPECT_EQ(dovetail({"study", "show", "out/study.db"}).out, shown.out) << "the file will do";
  EXPECT_EQ(dovetail({"-q", "study", "show", "out"}).out, "");
}

TEST_F(StudyCommandTest, AFolderIsOfAStudyOrOfAnExploration) {
  search("out");
  command_.folder().write("hw.yaml",
                          "schema: dovetail.design_space/1\nname: hw\nbase: nahas_baseline\n"
                          "decisions:\n  - {name: pes_x, choices: [2, 4]}\n");
  const std::string front = read("out/pareto.csv");
  const std::vector<std::string> explore{"-q", "explore",   "-n", "mobilenetv1_0.25_128",
                                         "-s", "./hw.yaml", "-o"};
  const auto explore_into = [&](const std::string& folder) {
    std::vector<std::string> args = explore;
    args.push_back(folder);
    return dovetail(args);
  };
  const test::CommandResult refused = explore_into("out");
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("out: found study.db there, of a study ('dovetail search'); "
                                     "allowed a folder of its own for an exploration"));
  EXPECT_EQ(read("out/pareto.csv"), front);
  ASSERT_EQ(explore_into("e").status, 0);
  EXPECT_EQ(explore_into("e").status, 0) << "again";
  const std::string points = read("e/pareto.csv");
  const test::CommandResult other = dovetail({"search", "./study.yaml", "-o", "e"});
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.err, HasSubstr("of an exploration ('dovetail explore')"));
  EXPECT_EQ(read("e/pareto.csv"), points);
  EXPECT_EQ(dovetail({"sample", "-s", "ofa_mbv3", "-c", "2", "-o", "e"}).status, 2);
}

TEST_F(StudyCommandTest, AStudyTakesMoreEvaluationsOfItsFileAndNotOtherSeeds) {
  search("out");
  files_.write_study("evaluations: 120\n");
  ASSERT_EQ(dovetail({"-q", "search", "./study.yaml", "-o", "out", "--resume"}).status, 0);
  ASSERT_EQ(dovetail({"-q", "search", "./study.yaml", "-o", "whole"}).status, 0);
  EXPECT_EQ(read("out/pareto.csv"), read("whole/pareto.csv"));
  EXPECT_EQ(dovetail({"study", "check", "out"}).status, 0);
  files_.write_study("evaluations: 120\nseeds: [0, 7]\n");
  const test::CommandResult others = dovetail({"search", "./study.yaml", "-o", "out", "--resume"});
  EXPECT_EQ(others.status, 2);
  EXPECT_THAT(others.err, HasSubstr("found seeds 0, 7, begun with 1: a study takes more seeds if"));
}

TEST_F(StudyCommandTest, CheckFindsRowsThatAreGone) {
  search("out");
  EXPECT_THAT(dovetail({"study", "check", "out"}).out, HasSubstr("all as they were written"));
  SqliteDatabase(command_.path("out/study.db"), SqliteDatabase::Mode::kReadWrite)
      .execute("DELETE FROM trials WHERE id > 90");
  const test::CommandResult check = dovetail({"study", "check", "out"});
  EXPECT_EQ(check.status, 2);
  EXPECT_THAT(check.err, HasSubstr("trial 91 is missing"));
  const test::CommandResult resumed = dovetail({"search", "./study.yaml", "-o", "out", "--resume"});
  EXPECT_EQ(resumed.status, 2);
  EXPECT_THAT(resumed.err, AllOf(HasSubstr("trial 91 is missing"), Not(HasSubstr("UNIQUE"))));
}

TEST_F(StudyCommandTest, AStudyThatRunsIsChecked) {
  files_.write_study("evaluations: 96\nseeds: [0, 1, 2, 3, 4, 5]\n");
  const pid_t running = command_.start({"-q", "search", "./study.yaml", "-o", "out"});
  const test::CommandRunner other;
  int checks = 0;
  while (command_.running(running)) {
    if (!fs::exists(command_.path("out/study.db"))) continue;
    const test::CommandResult check = other.run({"study", "check", command_.path("out")});
    EXPECT_EQ(check.status, 0) << check.err;
    ++checks;
  }
  EXPECT_EQ(command_.finish(running).status, 0);
  EXPECT_GT(checks, 0);
}

TEST_F(StudyCommandTest, AStudyIsReadWithoutTheFilesThatItWasMadeOf) {
  search("out");
  for (const char* file : {"net.yaml", "hw.yaml", "predictor.json", "study.yaml"}) {
    fs::remove(files_.path() / file);
  }
  EXPECT_EQ(dovetail({"study", "show", "out"}).status, 0);
  EXPECT_EQ(dovetail({"study", "best", "out"}).status, 0);
  EXPECT_EQ(dovetail({"study", "export", "out", "--csv", "trials.csv"}).status, 0);
  EXPECT_EQ(dovetail({"study", "export", "out", "-t", "1", "-o", "pair"}).status, 2);
}

TEST_F(StudyCommandTest, WhatIsNoStudyIsAnInputError) {
  files_.folder().write("file.db", "this is no database, only some text that is long enough");
  for (const char* place : {"nowhere", ".", "file.db"}) {
    for (const char* command : {"show", "best", "compare"}) {
      const test::CommandResult result = dovetail({"study", command, place});
      EXPECT_EQ(result.status, 2) << place;
      EXPECT_THAT(result.err, HasSubstr(place));
    }
  }
  EXPECT_THAT(dovetail({"study", "show", "nowhere"}).err, HasSubstr("'dovetail search' writes"));
}

TEST_F(StudyCommandTest, TheFrontIsThatOfTheSearch) {
  search("out", "comparison: fixed_hardware\n");
  const test::CommandResult best =
      dovetail({"study", "best", "out", "--csv", "best.csv", "--json", "best.json"});
  EXPECT_EQ(best.status, 0) << best.err;
  EXPECT_THAT(best.out, HasSubstr("Pareto front of top1_percent, latency_ms"));
  const auto of_search = csv_rows(read("out/pareto.csv"));
  const auto trials = nlohmann::json::parse(read("best.json"))["trials"];
  ASSERT_EQ(trials.size(), of_search.size() - 1);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    EXPECT_EQ(std::to_string(trials[i]["trial"].get<int>()), of_search[i + 1][2]);
  }
  EXPECT_EQ(rows("best.csv"), trials.size());
}

TEST_F(StudyCommandTest, LimitsAndOrdersAreChecked) {
  search("out");
  EXPECT_EQ(dovetail({"study", "best", "out", "--max", "latency_ms=0.01", "--max", "area_mm2=70",
                      "--min", "top1_percent=66", "--by", "area_mm2", "-c", "3"})
                .status,
            0);
  EXPECT_THAT(dovetail({"study", "best", "out", "--max", "latency_ms=1e-9"}).out,
              HasSubstr("No such trial among the 96"));
  const test::CommandResult no_metric = dovetail({"study", "best", "out", "--max", "latency=1"});
  EXPECT_EQ(no_metric.status, 2);
  EXPECT_THAT(no_metric.err, HasSubstr("did you mean 'latency_ms'"));
  EXPECT_EQ(dovetail({"study", "best", "out", "--by", "reward"}).status, 2);
}

TEST_F(StudyCommandTest, ExportWritesTrialsAndPairs) {
  search("out");
  const test::CommandResult all =
      dovetail({"study", "export", "out", "--csv", "trials.csv", "--json", "trials.json"});
  EXPECT_EQ(all.status, 0) << all.err;
  EXPECT_THAT(all.out, HasSubstr("trials.csv (96 trials)"));
  EXPECT_EQ(rows("trials.csv"), 96U);
  EXPECT_EQ(nlohmann::json::parse(read("trials.json"))["trials"].size(), 96U);

  EXPECT_EQ(dovetail({"study", "export", "out", "-t", "5", "-o", "pair"}).status, 0);
  EXPECT_EQ(dovetail({"export", "--study", "out", "-t", "5", "-o", "pair2"}).status, 0);
  for (const char* file : {"network.yaml", "network.onnx", "accelerator.yaml", "pair.yaml"}) {
    EXPECT_TRUE(read("pair/" + std::string(file)) == read("pair2/" + std::string(file))) << file;
    EXPECT_FALSE(read("pair/" + std::string(file)).empty());
  }
  const test::CommandResult nothing = dovetail({"study", "export", "out"});
  EXPECT_EQ(nothing.status, 2);
  EXPECT_THAT(nothing.err, HasSubstr("allowed are '--csv FILE'"));
  EXPECT_EQ(dovetail({"study", "export", "out", "-t", "5"}).status, 2);
}

TEST_F(StudyCommandTest, CompareTellsStudiesApartAndRefusesWhatCannotBe) {
  search("nsga2", "seeds: [1, 2, 3]\nname: nsga2\n");
  search("random", "seeds: [1, 2, 3]\nname: random\nstrategy: {name: random}\n");
  const test::CommandResult compared =
      dovetail({"study", "compare", "nsga2", "random", "--csv", "c.csv", "--attainment", "a.csv"});
  EXPECT_EQ(compared.status, 0) << compared.err;
  EXPECT_THAT(compared.out,
              AllOf(HasSubstr("against top1_percent 60 %, latency_ms 0.1 ms"), HasSubstr("+-"),
                    HasSubstr("Best top-1 [%] where latency is at most"), HasSubstr("Dominated"),
                    HasSubstr("95 % of the best known"), Not(HasSubstr("Note"))));
  EXPECT_EQ(rows("c.csv"), 6U);
  EXPECT_EQ(dovetail({"plot", "attainment", "a.csv", "-o", "a.svg"}).status, 0);
  EXPECT_THAT(read("a.svg"),
              AllOf(HasSubstr("nsga2 (3 searches)"), HasSubstr("searches that got there [%]")));

  search("other", "constraints: {area_mm2: 70}\n");
  const test::CommandResult refused = dovetail({"study", "compare", "nsga2", "other"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("their constraints differ: area_mm2 <= "));
}

TEST_F(StudyCommandTest, SamplesAndConvergenceAreDrawn) {
  search("out",
         std::string(kReward) +
             "comparison: fixed_hardware\nconstraints: {latency_ms: 0.006, area_mm2: baseline}\n");
  ASSERT_EQ(dovetail({"study", "export", "out", "--csv", "trials.csv"}).status, 0);
  EXPECT_EQ(dovetail({"plot", "samples", "trials.csv", "-o", "s.svg"}).status, 0);
  EXPECT_THAT(read("s.svg"),
              AllOf(HasSubstr("latency [ms]"), HasSubstr("top-1 accuracy [%]"),
                    HasSubstr("breaks a constraint"), HasSubstr("target latency 0.005 ms"),
                    HasSubstr("also: accelerator area")));
  EXPECT_EQ(dovetail({"plot", "samples", "trials.csv", "-o", "s.svg", "--y", "area_mm2", "--colour",
                      "reward"})
                .status,
            0);
  EXPECT_THAT(read("s.svg"),
              AllOf(HasSubstr("accelerator area"), HasSubstr("reward"), Not(HasSubstr("also: "))));
  EXPECT_EQ(dovetail({"plot", "attainment", "out/attainment.csv", "-o", "a.svg"}).status, 0);
  for (const char* y : {"distance_percent", "best_reward", "latency_ms_over_target_percent"}) {
    EXPECT_EQ(
        dovetail({"plot", "convergence", "out/convergence.csv", "-o", "c.svg", "--y", y}).status, 0)
        << y;
  }
  EXPECT_THAT(read("c.svg"), HasSubstr("latency over its target [%]"));
  EXPECT_EQ(dovetail({"plot", "convergence", "out/convergence.csv", "-o", "c.svg", "--y", "speed"})
                .status,
            2);
}

}  // namespace
}  // namespace dovetail
