// What a user meets at the command line with a design space that varies more than the published
// one: parameters of the units and the policy of the weights.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/text/digits.h"
#include "tests/base/text/csv_rows.h"
#include "tests/cli/command_runner.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// 48 accelerators; nahas_baseline_streamed, whose other parameters have their defaults, is one.
constexpr const char* kSpace =
    "schema: dovetail.design_space/1\n"
    "name: wide\n"
    "base: nahas_baseline_streamed\n"
    "decisions:\n"
    "  - {name: pes_x, choices: [2, 4]}\n"
    "  - {name: simd_width, choices: [2, 4]}\n"
    "  - {name: register_file_bytes_per_unit_cycle, choices: [0.5, 1, 4]}\n"
    "  - {name: local_memory_mib, choices: [0.5, 2]}\n"
    "  - {name: weights, choices: [streamed, auto]}\n";

class WideSpaceTest : public testing::Test {
 protected:
  void SetUp() override { dovetail_.folder().write("hw.yaml", kSpace); }
  /// What it printed.
  std::string run(const std::vector<std::string>& args) const {
    const CommandResult result = dovetail_.run(args);
    EXPECT_EQ(result.status, 0) << args.front() << ": " << result.err;
    return result.out;
  }
  const CommandRunner dovetail_;
  const TinyStudy files_{dovetail_.folder()};
};

TEST_F(WideSpaceTest, ExploreIsSimulateWithTheParametersWrittenDown) {
  run({"-q", "explore", "-n", "mobilenetv1_0.25_128", "-s", "./hw.yaml", "-o", "found"});
  const auto rows = csv_rows(dovetail_.folder().read("found/mobilenetv1_0.25_128.csv"));
  ASSERT_EQ(rows.size(), 49U);
  std::set<std::string> latencies;
  for (std::size_t i = 1; i < rows.size(); i += 5) {
    std::string accelerator = "schema: dovetail.accelerator/1\n";
    for (std::size_t d = 1; d <= 5; ++d) {
      accelerator += fmt::format("{}: {}\n", rows[0][d], rows[i][d]);
    }
    dovetail_.folder().write("a.yaml", accelerator);
    EXPECT_THAT(run({"simulate", "-n", "mobilenetv1_0.25_128", "-a", "./a.yaml", "--summary"}),
                HasSubstr(digits_text(std::stod(rows[i][6]), 4) + " ms"))
        << accelerator;
    latencies.insert(rows[i][6]);
  }
  EXPECT_GT(latencies.size(), 5U);
}

TEST_F(WideSpaceTest, LabelsAndSurrogatesKnowEveryDecision) {
  run({"-q", "label", "-s", "./net.yaml", "--hardware", "./hw.yaml", "-c", "300", "-o", "l.h5"});
  run({"-q", "dataset", "export-csv", "l.h5", "-o", "rows.csv"});
  const auto rows = csv_rows(dovetail_.folder().read("rows.csv"));
  ASSERT_EQ(rows.size(), 301U);
  const auto column = [&](const std::string& ending) {
    for (std::size_t c = 0; c < rows[0].size(); ++c) {
      if (rows[0][c].ends_with(ending)) return c;
    }
    ADD_FAILURE() << "no column " << ending;
    return std::size_t{0};
  };
  std::set<std::string> seen;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    seen.insert(rows[i][column("simd_width")] + " " +
                rows[i][column("register_file_bytes_per_unit_cycle")] + " " +
                rows[i][column("weights")]);
  }
  EXPECT_EQ(seen.size(), 12U);
  EXPECT_TRUE(seen.contains("2 0.5 streamed"));
  run({"-q", "train", "-d", "l.h5", "-o", "m.h5", "--epochs", "2", "--hidden", "16"});
  EXPECT_THAT(
      run({"validate", "-m", "m.h5", "-s", "./net.yaml", "--hardware", "./hw.yaml", "-c", "20"}),
      HasSubstr("latency"));
}

TEST_F(WideSpaceTest, ASearchTellsItsDesignsApart) {
  files_.write_study(
      "objective: {pareto: [top1_percent, latency_ms, area_mm2], reference: {top1_percent: 60, "
      "latency_ms: 0.1, area_mm2: 100}}\n"
      "cost: {model: surrogate_then_simulation, surrogate: {labels: 200, epochs: 2}, resimulate: "
      "30}\n"
      "comparison: fixed_hardware\n");
  dovetail_.folder().write("hw.yaml", kSpace);
  const std::string found = run({"search", "./study.yaml", "-o", "found"});
  EXPECT_THAT(found, AllOf(HasSubstr("20 GB/s, simd_width 2, register_file_bytes_per_unit_cycle "),
                           HasSubstr(", weights ")));
  const auto front = csv_rows(dovetail_.folder().read("found/pareto.csv"));
  EXPECT_THAT(front.at(0),
              AllOf(testing::Contains("hw.simd_width"), testing::Contains("hw.weights")));
}

}  // namespace
}  // namespace dovetail::test
