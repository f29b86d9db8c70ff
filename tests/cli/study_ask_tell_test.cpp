// study ask, tell, session and import, as a shell loop uses them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/text/text.h"
#include "tests/cli/command_runner.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail::test {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

class StudyAskTellTest : public testing::Test {
 protected:
  CommandResult run(const std::vector<std::string>& words) const {
    std::vector<std::string> all{"study"};
    all.insert(all.end(), words.begin(), words.end());
    return dovetail_.run(all);
  }

  const CommandRunner dovetail_;
  const TinyStudy files_{dovetail_.folder()};
};

TEST_F(StudyAskTellTest, ALoopOfAskAndTellEndsAsASearchDoes) {
  files_.write_study("evaluations: 20\nbatch: 8\n");
  ASSERT_EQ(dovetail_.run({"-q", "search", "study.yaml", "-o", "search", "-w", "1"}).status, 0);
  int rounds = 0;
  for (; rounds < 20; ++rounds) {
    const CommandResult asked = run({"ask", "mine", "--study", "study.yaml", "-c", "5"});
    ASSERT_EQ(asked.status, 0) << asked.err;
    if (asked.out.empty()) break;
    dovetail_.folder().write("candidates.jsonl", asked.out);
    const CommandResult told = run({"tell", "mine", "-i", "candidates.jsonl", "-w", "1"});
    ASSERT_EQ(told.status, 0) << told.err;
    EXPECT_EQ(split(told.out, '\n').size(), split(asked.out, '\n').size());
    EXPECT_EQ(Json::parse(told.out.substr(0, told.out.find('\n'))).at("status"), "ok");
  }
  EXPECT_EQ(rounds, 5);  // 5 and 3 of each batch of 8, then 4
  EXPECT_EQ(dovetail_.folder().read("mine/pareto.csv"),
            dovetail_.folder().read("search/pareto.csv"));
  EXPECT_FALSE(dovetail_.folder().read("mine/pareto.csv").empty());
}

TEST_F(StudyAskTellTest, ALineThatIsWrongIsToldAndNothingIsEvaluated) {
  files_.write_study("evaluations: 20\nstrategy: {name: external}\n");
  dovetail_.folder().write("c.jsonl", "{\"choices\": [0,0,0,0,0,0,0,0,0,0]}\n\n{\"choise\": {}}\n");
  const CommandResult told = run({"tell", "mine", "--study", "study.yaml", "-i", "c.jsonl"});
  EXPECT_EQ(told.status, 2);
  EXPECT_THAT(told.err, HasSubstr("line 3: unknown key 'choise'; did you mean 'choices'?"));
  EXPECT_FALSE(std::filesystem::exists(dovetail_.folder().path() / "mine" / "study.db"));
  EXPECT_THAT(run({"ask", "none"}).err, HasSubstr("no study is stored there; --study begins one"));
}

TEST_F(StudyAskTellTest, WhatIsRefusedLeavesNoStudyBehind) {
  const auto left = [&] { return std::filesystem::exists(dovetail_.folder().path() / "mine"); };
  const auto refused = [&](const std::string& study, std::vector<std::string> words,
                           const std::string& message) {
    files_.write_study(study);
    words.insert(words.end(), {"--study", "study.yaml"});
    const CommandResult result = run(words);
    EXPECT_EQ(result.status, 2) << message;
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_FALSE(left()) << message;
  };
  const std::string external = "evaluations: 20\nstrategy: {name: external}\n";
  refused("seeds: [1, 2]\n", {"ask", "mine"}, "it has one seed");
  refused("strategy: {name: oneshot}\nevaluations: 4\n", {"ask", "mine"}, "oneshot");
  refused(external, {"ask", "mine"}, "'external' has no candidates to ask for");
  dovetail_.folder().write("c.jsonl", "{\"choices\": [99,0,0,0,0,0,0,0,0,0]}\n");
  refused(external, {"tell", "mine", "-i", "c.jsonl"}, "candidate 1");
  dovetail_.folder().write("t.csv", "net.k0,latency_ms\n4,1\n");
  refused(external, {"import", "mine", "-i", "t.csv"}, "candidate 1");
  refused(external, {"import", "mine", "-i", "t.csv", "--claimed"}, "candidate 1");
  // A study that is there stays.
  files_.write_study("evaluations: 20\n");
  ASSERT_EQ(run({"ask", "mine", "--study", "study.yaml"}).status, 0);
  EXPECT_EQ(run({"tell", "mine", "-i", "c.jsonl"}).status, 2);
  EXPECT_TRUE(left());
  EXPECT_EQ(run({"ask", "mine"}).status, 0);
}

TEST_F(StudyAskTellTest, ClaimedTrialsStandApart) {
  files_.write_study("evaluations: 12\n");
  ASSERT_EQ(dovetail_.run({"-q", "search", "study.yaml", "-o", "search", "-w", "1"}).status, 0);
  ASSERT_EQ(run({"export", "search", "--csv", "t.csv"}).status, 0);
  const std::string own = run({"best", "search"}).out;
  // Far better than what was found, and one that lacks what the study asks for.
  const std::string decisions =
      "net.k0,net.e0,net.k1,net.e1,net.d,hw.pes_x,hw.pes_y,hw.simd_units,hw.local_memory_mib,"
      "hw.compute_lanes,";
  dovetail_.folder().write("claims.csv", decisions +
                                             "top1_percent,latency_ms,area_mm2\n"
                                             "3,2,3,2,1,1,2,16,0.5,2,99,0.0001,1\n"
                                             "3,2,3,2,1,1,2,16,0.5,2,98,,1\n");
  const CommandResult imported = run({"import", "search", "-i", "claims.csv", "--claimed"});
  ASSERT_EQ(imported.status, 0) << imported.err;
  EXPECT_THAT(imported.out, HasSubstr("2 trials are stored as claimed, 1 of them"));
  EXPECT_EQ(run({"best", "search"}).out, own);
  EXPECT_EQ(run({"best", "search", "--predicted", "--csv", "-"}).out.find("claimed"),
            std::string::npos);
  EXPECT_THAT(run({"best", "search", "--claimed"}).out,
              testing::AllOf(HasSubstr("claimed and not evaluated"), HasSubstr("99.0")));
  EXPECT_THAT(run({"show", "search"}).out,
              testing::ContainsRegex("claimed +2 +- +1 +0 +1 .* claimed"));
  const std::string jsonl = run({"export", "search", "--jsonl", "-"}).out;
  std::size_t claimed = 0;
  for (const std::string& line : split(jsonl, '\n')) {
    if (line.empty()) continue;
    const Json trial = Json::parse(line);
    EXPECT_EQ(trial.value("claimed", false), trial.at("stage") == "claimed");
    if (trial.at("stage") != "claimed") continue;
    ++claimed;
    EXPECT_EQ(trial.at("simulated"), false);
  }
  EXPECT_EQ(claimed, 2U);
  EXPECT_THAT(jsonl, HasSubstr("claims no latency_ms"));
  EXPECT_EQ(run({"check", "search"}).status, 0);
  // A search that goes on does not know them, and claims may come between its trials.
  const CommandResult more =
      dovetail_.run({"search", "study.yaml", "-o", "search", "--resume", "-e", "20", "-w", "1"});
  EXPECT_EQ(more.status, 0) << more.err;
  EXPECT_THAT(more.out, testing::Not(HasSubstr("99.0")));
  EXPECT_THAT(run({"best", "search", "--claimed"}).out, HasSubstr("99.0"));
}

TEST_F(StudyAskTellTest, StudiesOfAllKindsAreCompared) {
  files_.write_study("evaluations: 12\n");
  ASSERT_EQ(dovetail_.run({"-q", "search", "study.yaml", "-o", "search", "-w", "1"}).status, 0);
  ASSERT_EQ(run({"export", "search", "--csv", "t.csv"}).status, 0);
  files_.write_study("name: theirs\nevaluations: 12\nstrategy: {name: external}\n");
  ASSERT_EQ(run({"import", "theirs", "--study", "study.yaml", "-i", "t.csv"}).status, 0);
  files_.write_study("name: said\nevaluations: 12\nstrategy: {name: external}\n");
  ASSERT_EQ(run({"import", "said", "--study", "study.yaml", "-i", "t.csv", "--claimed"}).status, 0);
  const CommandResult apart = run({"compare", "search", "theirs", "said"});
  ASSERT_EQ(apart.status, 0) << apart.err;
  EXPECT_THAT(apart.out, HasSubstr("12 trials of said/study.db are claimed and were not evaluated: "
                                   "left out"));
  const CommandResult all =
      run({"compare", "search", "theirs", "said", "--claimed", "--csv", "c.csv"});
  ASSERT_EQ(all.status, 0) << all.err;
  EXPECT_THAT(all.out, HasSubstr("they stand apart"));
  // What was exported, simulated again and believed: the same hypervolume.
  std::vector<std::string> hypervolumes;
  std::vector<std::string> names;
  for (const std::string& line : split(dovetail_.folder().read("c.csv"), '\n')) {
    const auto cells = split(line, ',');
    if (line.starts_with("#") || cells.size() < 8 || cells[0] == "searches") continue;
    names.push_back(cells[0]);
    hypervolumes.push_back(cells[7].substr(0, 8));
  }
  EXPECT_EQ(names, (std::vector<std::string>{"tiny", "theirs", "said (claimed)"}));
  ASSERT_EQ(hypervolumes.size(), 3U);
  EXPECT_EQ(hypervolumes[1], hypervolumes[0]);
  EXPECT_EQ(hypervolumes[2], hypervolumes[0]);
}

TEST_F(StudyAskTellTest, ASessionAnswersEachLine) {
  files_.write_study("evaluations: 20\n");
  dovetail_.folder().write("session.jsonl", "{\"study\": true}\nnonsense\n{\"ask\": 2}\n");
  const CommandResult result =
      run({"session", "mine", "--study", "study.yaml", "-i", "session.jsonl"});
  EXPECT_EQ(result.status, 0) << result.err;
  const auto lines = split(result.out, '\n');
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(Json::parse(lines[0]).at("study").at("name"), "tiny");
  EXPECT_EQ(Json::parse(lines[1]).at("status"), "invalid");
  EXPECT_EQ(Json::parse(lines[2]).at("candidates").size(), 2U);
}

TEST_F(StudyAskTellTest, AProgramInAStoredStudyIsNotRunUnasked) {
  dovetail_.folder().write("program.sh", "touch ran\necho '{\"top1_percent\": 70}'\n");
  files_.write_study(
      "evaluations: 4\nstrategy: {name: random}\n"
      "accuracy: {source: command, command: [sh, program.sh], timeout_s: 20}\n");
  EXPECT_EQ(run({"ask", "mine", "--study", "study.yaml"}).status, 2);
  const CommandResult asked = run({"ask", "mine", "--study", "study.yaml", "--trust"});
  ASSERT_EQ(asked.status, 0) << asked.err;
  dovetail_.folder().write("c.jsonl", asked.out);
  const CommandResult refused = run({"tell", "mine", "-i", "c.jsonl"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("allowed with --trust"));
  EXPECT_FALSE(std::filesystem::exists(dovetail_.folder().path() / "ran"));
  EXPECT_EQ(run({"tell", "mine", "-i", "c.jsonl", "--trust"}).status, 0);
  EXPECT_TRUE(std::filesystem::exists(dovetail_.folder().path() / "ran"));
}

TEST_F(StudyAskTellTest, TrialsAreExportedAndImported) {
  files_.write_study("evaluations: 12\n");
  ASSERT_EQ(dovetail_.run({"-q", "search", "study.yaml", "-o", "search", "-w", "1"}).status, 0);
  ASSERT_EQ(
      run({"export", "search", "--csv", "t.csv", "--jsonl", "t.jsonl", "--optuna", "j.log"}).status,
      0);
  EXPECT_EQ(split(dovetail_.folder().read("t.jsonl"), '\n').size(), 13U);
  EXPECT_EQ(split(dovetail_.folder().read("j.log"), '\n').size(), 16U);  // 3 about the study
  files_.write_study("evaluations: 12\nstrategy: {name: external}\n");
  const CommandResult imported = run({"import", "theirs", "--study", "study.yaml", "-i", "t.csv"});
  EXPECT_EQ(imported.status, 0) << imported.err;
  EXPECT_THAT(imported.out, HasSubstr("12 trials are evaluated and stored"));
  EXPECT_THAT(imported.out, testing::ContainsRegex("latency_ms +12 +0 +0"));
}

}  // namespace
}  // namespace dovetail::test
