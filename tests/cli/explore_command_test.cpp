// What a user meets at the command line: explore.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text/digits.h"
#include "base/text/text.h"
#include "tests/base/text/csv_rows.h"
#include "tests/cli/command_runner.h"

namespace dovetail::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// 12 accelerators, a third of them with register files that are too small.
constexpr const char* kSpace =
    "schema: dovetail.design_space/1\n"
    "name: tiny\n"
    "base: nahas_baseline\n"
    "decisions:\n"
    "  - {name: pes_x, unit: PEs, choices: [2, 4]}\n"
    "  - {name: register_file_kib, unit: KiB per lane, choices: [0.25, 8, 32]}\n"
    "  - {name: io_bandwidth_gbps, unit: GB/s, choices: [10, 20]}\n";

class ExploreCommandTest : public testing::Test {
 protected:
  void SetUp() override { dovetail_.folder().write("tiny.yaml", kSpace); }
  CommandResult explore(std::vector<std::string> more) const {
    const bool other = std::count(more.begin(), more.end(), "-s") > 0;
    more.insert(more.begin(), "explore");
    if (!other) more.insert(more.end(), {"-s", "./tiny.yaml"});
    return dovetail_.run(more);
  }
  std::size_t rows(const std::string& file) const {
    return csv_rows(dovetail_.folder().read(file)).size() - 1;  // without the header
  }
  CommandRunner dovetail_;
};

TEST_F(ExploreCommandTest, PrintsFrontsAndOneTableOfSharesAndWritesEverything) {
  const CommandResult result =
      explore({"-n", "mobilenetv1_0.25_128", "-n", "mobilenetv2_0.35_96", "-o", "found"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("mobilenetv1_0.25_128: "), HasSubstr("on the front of"),
                                HasSubstr("latency_ms"), HasSubstr("(nahas_baseline)")));
  EXPECT_THAT(result.out, AllOf(HasSubstr("register_file_too_small"), HasSubstr("33.33"),
                                HasSubstr("66.67"), HasSubstr("found/pareto.csv")));
  EXPECT_EQ(rows("found/mobilenetv1_0.25_128.csv"), 12U);
  EXPECT_EQ(rows("found/mobilenetv2_0.35_96.csv"), 12U);
  EXPECT_EQ(rows("found/infeasible.csv"), 2U);
  EXPECT_GE(rows("found/pareto.csv"), 4U);
  EXPECT_EQ(dovetail_.folder().count(), 2U);  // the space and the folder

  // The same with one process, and again over what is there.
  const CommandResult again = explore({"-n", "mobilenetv1_0.25_128", "-n", "mobilenetv2_0.35_96",
                                       "-o", "found", "--resume", "-w", "1"});
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(again.out, result.out);
}

TEST_F(ExploreCommandTest, FiguresAreThoseOfSimulate) {
  ASSERT_EQ(explore({"-q", "-n", "mobilenet_v2"}).status, 0);
  const CommandResult simulated = dovetail_.run(
      {"simulate", "-n", "mobilenet_v2", "-a", "nahas_baseline", "--summary", "--csv", "l.csv"});
  bool found = false;
  const std::string all = dovetail_.folder().read("out/explore/mobilenetv2_1.0_224.csv");
  for (const std::string& line : split(all, '\n')) {
    if (!line.starts_with("11,4,32,20,")) continue;
    const std::string latency = split(line, ',').at(4);
    EXPECT_THAT(simulated.out, HasSubstr(digits_text(std::stod(latency), 4) + " ms"));
    found = true;
  }
  EXPECT_TRUE(found);
}

TEST_F(ExploreCommandTest, QuietPrintsNothing) {
  const CommandResult result = explore({"-q", "-n", "mobilenetv1_0.25_128"});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out + result.err, "");
}

TEST_F(ExploreCommandTest, AnAreaLimitLeavesOutLargeAccelerators) {
  const CommandResult result =
      explore({"-n", "mobilenetv1_0.25_128", "--max-area", "60", "-o", "found"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("over_max_area"), HasSubstr("50.00")));
  EXPECT_THAT(dovetail_.folder().read("found/pareto.csv"), HasSubstr("# max_area_mm2: 60\n"));
  for (const char* wrong : {"-1", "0", "nan", "inf", "much"}) {
    EXPECT_EQ(explore({"-n", "mobilenetv1_0.25_128", "--max-area", wrong}).status, 2) << wrong;
  }
}

TEST_F(ExploreCommandTest, WithoutAFeasibleConfigurationItSaysSo) {
  const CommandResult result =
      explore({"-n", "mobilenetv1_0.25_128", "--max-area", "1", "-o", "found"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("0 configurations on the front"), HasSubstr("100.00")));
  EXPECT_EQ(rows("found/pareto.csv"), 0U);
}

TEST_F(ExploreCommandTest, SensitivityIsThatOfTheFileAndNeedsNoFurtherSimulation) {
  const CommandResult plain = explore({"-n", "mobilenetv1_0.25_128", "-o", "found"});
  ASSERT_EQ(plain.status, 0) << plain.err;
  EXPECT_EQ(dovetail_.folder().read("found/sensitivity.csv"), "");
  const std::string figures = dovetail_.folder().read("found/mobilenetv1_0.25_128.csv");
  const CommandResult result =
      explore({"-n", "mobilenetv1_0.25_128", "-o", "found", "--resume", "--sensitivity"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, Not(HasSubstr("exploring")));
  EXPECT_EQ(dovetail_.folder().read("found/mobilenetv1_0.25_128.csv"), figures);
  EXPECT_THAT(result.out, AllOf(HasSubstr("10 -> 20"), HasSubstr("found/sensitivity.csv"),
                                HasSubstr("found/sensitivity.png")));
  EXPECT_EQ(dovetail_.folder().read("found/sensitivity.png").substr(1, 3), "PNG");

  // Twice the IO bandwidth, by the rows of the file: four pairs run, two have too small registers.
  std::vector<double> ratios;
  const auto rows = csv_rows(figures);
  for (std::size_t i = 1; i < rows.size(); i += 2) {
    const auto &from = rows[i], &to = rows[i + 1];
    ASSERT_EQ(from[3] + to[3], "1020");
    if (from.back().empty()) ratios.push_back(std::stod(to[4]) / std::stod(from[4]));
  }
  ASSERT_EQ(ratios.size(), 4U);
  std::sort(ratios.begin(), ratios.end());
  const auto effects = csv_rows(dovetail_.folder().read("found/sensitivity.csv"));
  ASSERT_EQ(effects.size(), 1 + 1 + 3 + 1U);
  const auto& io = effects.back();
  EXPECT_EQ(fmt::format("{},{}", fmt::join(io.begin() + 1, io.begin() + 11, ","), "end"),
            "io_bandwidth_gbps,10,20,1,6,4,0,0,2,0,end");
  EXPECT_NEAR(std::stod(io[11]), ratios.front(), 1e-6);
  EXPECT_NEAR(std::stod(io[13]), (ratios[1] + ratios[2]) / 2, 1e-6);
  EXPECT_NEAR(std::stod(io[15]), ratios.back(), 1e-6);
}

TEST_F(ExploreCommandTest, TheFrontMinimisesWhatItIsTold) {
  const CommandResult result =
      explore({"-n", "mobilenetv1_0.25_128", "--front", "area_mm2", "-o", "found"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(rows("found/pareto.csv"), 1U);
  EXPECT_THAT(explore({"-n", "mobilenetv1_0.25_128", "--front", "aera_mm2"}).err,
              HasSubstr("did you mean 'area_mm2'"));
}

TEST_F(ExploreCommandTest, ChoosesOneChipForAllNetworksAsBruteForceOverTheFilesDoes) {
  const std::string first = "mobilenetv1_0.25_128", second = "mobilenetv2_0.35_96";
  std::vector<std::string> words{"-n",       first,           "-n",      "./second.onnx",
                                 "--max",    "power_mw=1500", "--max",   "latency_ms@second=0.25",
                                 "--choose", "area_mm2",      "--front", "latency_ms_sum,area_mm2",
                                 "-o",       "found"};
  ASSERT_EQ(dovetail_.run({"export", "-n", second, "--onnx", "second.onnx"}).status, 0);
  const CommandResult result = explore(words);
  ASSERT_EQ(result.status, 0) << result.err;

  const auto a = csv_rows(dovetail_.folder().read("found/" + first + ".csv")),
             b = csv_rows(dovetail_.folder().read("found/" + second + ".csv"));
  const auto number = [&](const auto& rows, std::size_t i, const std::string& column) {
    return std::stod(rows[i][std::ranges::find(rows[0], column) - rows[0].begin()]);
  };
  std::size_t best = 0;
  double best_slack = 0;
  for (std::size_t i = 1; i < a.size(); ++i) {
    if (!a[i].back().empty() || !b[i].back().empty()) continue;
    double slack = number(b, i, "latency_ms") / 0.25 - 1;
    for (const auto& rows : {a, b}) {
      const double power = 1000 * number(rows, i, "energy_mj") / number(rows, i, "latency_ms");
      slack = std::max(slack, power / 1500 - 1);
    }
    if (slack > 0) continue;
    const double area = number(a, i, "area_mm2");
    const double least = best == 0 ? 1e9 : number(a, best, "area_mm2");
    if (area < least || (area == least && slack < best_slack)) {
      best = i;
      best_slack = slack;
    }
  }
  ASSERT_GT(best, 0U);
  const std::string chosen = "tiny-" + a[best][0];
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("area_mm2 within the limits: " + chosen + ","),
                    HasSubstr("The runner-up is tiny-"), HasSubstr("power_mw <= 1500")));
  EXPECT_EQ(csv_rows(dovetail_.folder().read("found/choice.csv"))[1][0], a[best][0]);
  EXPECT_EQ(dovetail_.run({"export", "-a", "./tiny.yaml-" + a[best][0], "-o", "c.yaml"}).status, 0);
  EXPECT_EQ(dovetail_.folder().read("found/chosen.yaml"), dovetail_.folder().read("c.yaml"));

  // Other limits are answered from what is there, with the same bytes for any number of workers.
  words.insert(words.end(), {"--max", "area_mm2=60", "--resume", "-w", "1"});
  const CommandResult again = explore(words);
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(again.err, Not(HasSubstr("exploring")));
  EXPECT_THAT(dovetail_.folder().read("found/choice.csv"), HasSubstr("# max_area_mm2: none\n"));

  words.insert(words.end(), {"--max", "latency_ms@" + first + "=1e-3"});
  const CommandResult none = explore(words);
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, HasSubstr("no configuration of 'tiny' is within all limits"));
  EXPECT_THAT(none.out, HasSubstr("the nearest to holding all is tiny-"));
  EXPECT_EQ(dovetail_.folder().read("found/chosen.yaml"), "");

  // What is not asked for any more is not there any more; what was simulated is.
  EXPECT_EQ(explore({"-n", first, "-o", "found", "--resume"}).status, 0);
  for (const char* answer : {"choice.csv", "chosen.yaml", "set_front.csv"}) {
    EXPECT_FALSE(std::filesystem::exists(dovetail_.folder().path() / "found" / answer)) << answer;
  }
  EXPECT_EQ(csv_rows(dovetail_.folder().read("found/" + second + ".csv")).size(), b.size());
}

TEST_F(ExploreCommandTest, AnAreaLimitOfAllSimulatesNothingAboveIt) {
  const std::vector<std::string> words{
      "-n",    "mobilenetv1_0.25_128", "-n", "mobilenetv2_0.35_96", "-o", "found",
      "--max", "area_mm2=60"};
  ASSERT_EQ(explore(words).status, 0);
  EXPECT_THAT(dovetail_.folder().read("found/mobilenetv1_0.25_128.csv"),
              AllOf(HasSubstr("# max_area_mm2: 60\n"), HasSubstr("over_max_area")));
  EXPECT_GE(rows("found/set_front.csv"), 1U);
  for (const auto& [option, value, says] :
       {std::tuple{"--max", "latency_ms@other=1", "unknown name 'other'"},
        std::tuple{"--max", "area_mm2", "a number above 0"},
        std::tuple{"--weight", "mobilenetv2_0.35_96=0", "a number above 0"},
        std::tuple{"--choose", "latency", "unknown figure 'latency'"}}) {
    std::vector<std::string> wrong = words;
    wrong.insert(wrong.end(), {option, value});
    const CommandResult result = explore(wrong);
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.err, AllOf(HasSubstr(option), HasSubstr(says)));
  }
}

TEST_F(ExploreCommandTest, ErrorsComeBeforeAnyWork) {
  const auto refused = [&](const std::vector<std::string>& args, const std::string& says) {
    const CommandResult result = explore(args);
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.err, HasSubstr(says));
    EXPECT_THAT(result.err, Not(HasSubstr("exploring")));
  };
  refused({"-n", "mobilenetv1_0.25_129"}, "did you mean 'mobilenetv1_0.25_128'");
  refused({"-n", "mobilenetv2_1.0_224", "-n", "mobilenet_v2"}, "given twice");
  refused({"-n", "mobilenet_v2", "-s", "nahas_egde"}, "nahas_edge");
  refused({"-n", "mobilenet_v2", "--technology", "16mn"}, "16nm");
  refused({}, "--network");
  dovetail_.folder().write("file", "");
  refused({"-n", "mobilenet_v2", "-o", "file/out"}, "file");
  dovetail_.folder().write("one.yaml",
                           "schema: dovetail.design_space/1\nname: one\nbase: nahas_baseline\n"
                           "decisions:\n  - {name: pes_x, choices: [4]}\n");
  refused({"-n", "mobilenet_v2", "-s", "./one.yaml", "--sensitivity"},
          "--sensitivity: found one configuration in 'one'");
  EXPECT_EQ(dovetail_.folder().count(), 3U);
}

}  // namespace
}  // namespace dovetail::test
