// What a user meets at the command line: bench.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "tests/base/text/csv_rows.h"
#include "tests/cli/command_runner.h"

namespace dovetail::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kNetworks =
    "schema: dovetail.network_space/1\n"
    "name: tiny\n"
    "input: {height: 16, width: 16, channels: 8}\n"
    "decisions:\n"
    "  - {name: k, choices: [3, 5, 7]}\n"
    "  - {name: e, choices: [2, 4, 6]}\n"
    "blocks:\n"
    "  - conv k=3 c=16 act=relu name=stem\n"
    "  - mb k=$k e=$e c=16 act=relu\n"
    "  - pool\n"
    "  - fc c=10\n";
constexpr const char* kAccelerators =
    "schema: dovetail.design_space/1\n"
    "name: tiny\n"
    "base: nahas_baseline\n"
    "decisions:\n"
    "  - {name: pes_x, choices: [1, 2, 4]}\n"
    "  - {name: compute_lanes, choices: [1, 2]}\n";

class BenchCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    dovetail_.folder().write("networks.yaml", kNetworks);
    dovetail_.folder().write("accelerators.yaml", kAccelerators);
    std::string data = "{";
    for (int point = 0; point < 9; ++point) {
      data += fmt::format("\"{}{}\": {{\"mean_acc\": {}}},", point / 3, point % 3, 90 + point);
    }
    data.back() = '}';
    dovetail_.folder().write("data.json", data);
  }
  CommandResult regret(std::vector<std::string> more) const {
    const std::pair<std::string, std::string> unless_given[] = {{"-e", "30"},
                                                                {"--limits", "area_mm2=100"}};
    for (const auto& [option, value] : unless_given) {
      if (std::count(more.begin(), more.end(), option) > 0) continue;
      more.insert(more.end(), {option, value});
    }
    more.insert(more.begin(),
                {"bench", "regret", "-n", "./networks.yaml", "-s", "./accelerators.yaml", "--table",
                 "tables/table.h5", "--seeds", "3"});
    return dovetail_.run(more);
  }
  CommandRunner dovetail_;
};

TEST_F(BenchCommandTest, RegretMakesItsTableOnceAndGivesTheSameBytesAgain) {
  const CommandResult first = regret({"--data", "data.json", "-o", "first", "-w", "1"});
  ASSERT_EQ(first.status, 0) << first.err;
  EXPECT_THAT(first.out, AllOf(HasSubstr("9 distinct networks x 6 accelerators = 54 pairs"),
                               HasSubstr("regularized_evolution"), HasSubstr("first/regret.csv")));
  EXPECT_THAT(first.err, HasSubstr("simulating all pairs"));
  const CommandResult second = regret({"--data", "data.json", "-o", "second", "-w", "2"});
  ASSERT_EQ(second.status, 0) << second.err;
  EXPECT_EQ(second.err.find("simulating"), std::string::npos);
  for (const char* file : {"/regret.csv", "/regret_runs.csv"}) {
    const std::string content = dovetail_.folder().read(std::string("first") + file);
    EXPECT_FALSE(content.empty());
    EXPECT_EQ(content, dovetail_.folder().read(std::string("second") + file));
  }
}

TEST_F(BenchCommandTest, RegretOfTheEnumerationIsNone) {
  const CommandResult result = regret(
      {"--data", "data.json", "-e", "54", "--strategies", "random,exhaustive:max_points=54"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("1.0000 (1.0000-1.0000)  1.0000 (1.0000-1.0000)"));
}

TEST_F(BenchCommandTest, TheOptimumOfATableIsEnoughForTheNextRun) {
  ASSERT_EQ(regret({"--data", "data.json", "-o", "table"}).status, 0);
  const std::vector<std::string> same{"bench",           "regret",   "-n",
                                      "./networks.yaml", "-s",       "./accelerators.yaml",
                                      "--data",          "data.json"};
  std::vector<std::string> known = same;
  const std::vector<std::string> more{"--optimum",    "table/optimum.json",
                                      "-o",           "known",
                                      "--strategies", "random,nsga2",
                                      "-e",           "20",
                                      "--seeds",      "2"};
  known.insert(known.end(), more.begin(), more.end());
  const CommandResult result = dovetail_.run(known);
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("known/regret.csv"));
  const CommandResult neither = dovetail_.run(same);
  EXPECT_EQ(neither.status, 2);
  EXPECT_THAT(neither.err, AllOf(HasSubstr("--table"), HasSubstr("--optimum")));
}

TEST_F(BenchCommandTest, BadInputIsNamedAndNothingIsWritten) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"--data", "none.json"}, "none.json"},
      {{"--data", "networks.yaml"}, "the header has no column 'top1'"},
      {{"--data", "data.json", "--strategies", "nsga3"}, "did you mean 'nsga2'"},
      {{"--data", "data.json", "--strategies", "ppo:clap=1"}, "did you mean 'clip'"},
      {{"--data", "data.json", "--reward", "nahas_sofd"}, "did you mean 'nahas_soft'"},
      {{"--data", "data.json", "--limits", "area_mm2=-1"}, "area_mm2: found -1"},
      {{"--data", "data.json", "--limits", "area_mm=1"}, "did you mean 'area_mm2'"},
      {{"--data", "data.json", "--limits", "area_mm2=nan"}, "--limits: found 'area_mm2=nan'"},
      {{"--data", "data.json", "--front", "latency_ms=1,latency_ms=2"}, "latency_ms: found twice"},
      {{}, "give --data FILE"},
  };
  for (const auto& [arguments, message] : cases) {
    const CommandResult result = regret(arguments);
    EXPECT_EQ(result.status, 2) << message;
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_FALSE(std::filesystem::exists(dovetail_.path("tables/table.h5")));
  }
}

TEST_F(BenchCommandTest, ClaimsGivesTablesAndAPicture) {
  std::string study = read_file(resolve_config("studies", "nahas_anb_effnet"));
  const auto replace = [&](const std::string& what, const std::string& by) {
    ASSERT_NE(study.find(what), std::string::npos) << what;
    study.replace(study.find(what), what.size(), by);
  };
  replace("evaluations: 2000", "evaluations: 40");
  replace("hardware_evaluations: 1000", "hardware_evaluations: 20");
  dovetail_.folder().write("study.yaml", study);
  const std::vector<std::string> command{"bench",  "claims", "./study.yaml", "--targets", "0.8",
                                         "--seed", "3,4",    "-o",           "out/claims"};
  const CommandResult result = dovetail_.run(command);
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("joint over fixed hardware"), HasSubstr("out/claims/claims.png")));
  EXPECT_EQ(dovetail_.folder().read("out/claims/claims.png").substr(1, 3), "PNG");
  const std::string rows = dovetail_.folder().read("out/claims/claims.csv");
  EXPECT_EQ(csv_rows(rows).size(), 1U + 9 * 2);
  EXPECT_EQ(dovetail_.run(command).status, 0);  // nothing is left to do
  EXPECT_EQ(dovetail_.folder().read("out/claims/claims.csv"), rows);
}

TEST_F(BenchCommandTest, TargetsNeedAStudyOnASurrogate) {
  const CommandResult result =
      dovetail_.run({"bench", "targets", "quick", "--targets", "0.5", "-o", "out/targets"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("surrogate_then_simulation"));
}

TEST_F(BenchCommandTest, OverheadNamesEachStrategy) {
  const CommandResult result =
      dovetail_.run({"bench", "overhead", "--trials", "200", "-o", "overhead"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("nsga2"), HasSubstr("random"), HasSubstr("200"),
                                HasSubstr("store [us/trial]")));
}

}  // namespace
}  // namespace dovetail::test
