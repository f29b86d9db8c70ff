// What a user meets at the command line: explore.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

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
    EXPECT_THAT(simulated.out, HasSubstr(fmt::format("{:.4f} ms", std::stod(latency))));
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
