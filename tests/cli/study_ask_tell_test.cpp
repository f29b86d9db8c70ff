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
