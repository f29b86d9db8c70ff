// The plot scripts draw what the studies write, and refuse what they cannot draw.
#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/plot_runner.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

constexpr const char* kPareto =
    "run,seed,trial,top1_percent,latency_ms,area_mm2,energy_mj,area_over_baseline,cycles\n"
    "joint,0,12,76.5,0.5,60,0.9,0.8,400000\n"
    "joint,0,14,75,0.4,50,0.7,0.7,320000\n"
    "fixed_hardware,0,30,75.5,0.6,76.9,1.1,1,480000\n";
constexpr const char* kConvergence =
    "run,seed,evaluations,hypervolume,figures\n"
    "joint,0,100,1.5,simulated\njoint,0,200,2,simulated\n"
    "joint,1,100,1.4,simulated\njoint,1,200,2.1,simulated\n"
    "fixed_hardware,0,100,1,simulated\nfixed_hardware,0,200,1.2,simulated\n";

constexpr const char* kParity =
    "simulated_latency_ms,predicted_latency_ms,simulated_energy_mj,predicted_energy_mj\n"
    "0.5,0.51,0.9,0.88\n1.5,1.4,2.1,2.2\n4,4,3,3\n";

class PlotsTest : public testing::Test {
 protected:
  std::string draw(const std::string& script, const std::string& csv, const std::string& picture,
                   const std::vector<std::string>& options = {}) {
    const auto file = folder_.write("in.csv", csv);
    std::vector<std::string> args{file.string(), "-o", (folder_.path() / picture).string()};
    args.insert(args.end(), options.begin(), options.end());
    run_plot_script(script, args);
    return folder_.read(picture);
  }
  std::string refusal(const std::string& script, const std::string& csv,
                      const std::string& picture) {
    testing::internal::CaptureStderr();
    const auto file = folder_.write("in.csv", csv);
    EXPECT_THROW(
        run_plot_script(script, {file.string(), "-o", (folder_.path() / picture).string()}),
        InputError);
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / picture));
    return testing::internal::GetCapturedStderr();
  }
  TemporaryFolder folder_;
};

TEST_F(PlotsTest, TheSuffixDecidesTheFormat) {
  EXPECT_EQ(draw("pareto.py", kPareto, "a.png").substr(1, 3), "PNG");
  EXPECT_EQ(draw("pareto.py", kPareto, "a.pdf").substr(0, 5), "%PDF-");
  EXPECT_NE(draw("pareto.py", kPareto, "a.svg").find("<svg"), std::string::npos);
  EXPECT_EQ(draw("convergence.py", kConvergence, "b.png").substr(1, 3), "PNG");
}

TEST_F(PlotsTest, AxesHaveNamesAndUnitsAndEveryRunItsEntry) {
  const std::string svg = draw("pareto.py", kPareto, "a.svg");
  for (const char* text : {"top-1 accuracy [%]", "latency [ms]", "accelerator area / baseline area",
                           "joint search (2 points)", "fixed hardware (1 point)"}) {
    EXPECT_NE(svg.find(text), std::string::npos) << text;
  }
  const std::string curve = draw("convergence.py", kConvergence, "b.svg");
  for (const char* text : {"evaluations", "hypervolume of simulated figures", "joint search"}) {
    EXPECT_NE(curve.find(text), std::string::npos) << text;
  }
}

TEST_F(PlotsTest, TheCostOnTheAxisAndTheColourAreChosen) {
  const std::string svg =
      draw("pareto.py", kPareto, "a.svg", {"--x", "energy_mj", "--colour", "latency_ms"});
  EXPECT_NE(svg.find("energy [mJ]"), std::string::npos);
  EXPECT_NE(svg.find("latency [ms]"), std::string::npos);
  EXPECT_EQ(svg.find("baseline area"), std::string::npos);
  EXPECT_NE(svg, draw("pareto.py", kPareto, "b.svg"));
}

TEST_F(PlotsTest, ParityHasAPanelForEachCost) {
  const std::string svg = draw("parity.py", kParity, "a.svg");
  for (const char* text : {"simulated latency [ms]", "predicted latency [ms]",
                           "simulated energy [mJ]", "predicted energy [mJ]", "3 pairs"}) {
    EXPECT_NE(svg.find(text), std::string::npos) << text;
  }
  EXPECT_NE(refusal("parity.py", "simulated_ms,predicted_ms\n1,1\n", "b.png")
                .find("column 'simulated_latency_ms' is missing"),
            std::string::npos);
  std::string spoilt = kParity;
  spoilt.replace(spoilt.find("0.88"), 4, "-1");
  EXPECT_NE(refusal("parity.py", spoilt, "b.png").find("predicted_energy_mj: found -1"),
            std::string::npos);
}

TEST_F(PlotsTest, ClaimsHaveAPanelForEachOne) {
  const std::string head =
      "target_ms,variant,seed,evaluations,top1_percent,latency_ms,misses_latency,misses_area,"
      "latency_at_fixed_top1_ms,memory_per_compute\n";
  const std::string svg = draw("claims.py",
                               head +
                                   "0.3,joint,0,100,75,0.3,0,0,0.25,0.2\n"
                                   "0.3,fixed_hardware,0,100,74,0.3,0,0,,0.3\n"
                                   "0.5,joint,0,100,76,0.5,0,0,,0.2\n"
                                   "0.5,fixed_hardware,0,100,,,1,0,,\n",
                               "a.svg");
  for (const char* text : {"target and area [%]", "latency target [ms]", "fixed hardware",
                           "the area (hatched) [%]", "NAHAS: about 20 %", "latency [ms]",
                           "best design [MiB/TOPS]", "mean over the seeds of a target"}) {
    EXPECT_NE(svg.find(text), std::string::npos) << text;
  }
  EXPECT_NE(refusal("claims.py", head + "0.3,joint,0,100,75,0.3,maybe,0,,\n", "b.png")
                .find("in.csv:2: misses_latency: found 'maybe'"),
            std::string::npos);
}

TEST_F(PlotsTest, SensitivityHasARowForEachStepAndNothingWhereNoPairWasCompared) {
  std::string head = "network,parameter,from,to,steps";
  for (const char* figure : {"latency_ms", "energy_mj", "area_mm2"}) {
    for (const char* part : {"best", "first_quartile", "median", "third_quartile", "worst"}) {
      head += "," + std::string(figure) + "_ratio_" + part;
    }
  }
  const std::string ratios = ",0.5,0.6,0.7,0.8,1.1,1,1,1,1,1,1,1.2,1.3,1.4,2\n";
  const std::string svg =
      draw("sensitivity.py",
           head + "\none,pes_x,1,2,1" + ratios + "one,pes_x,1,4,2" + ratios + "other,pes_x,1,2,1" +
               ratios + "other,weights,auto,cached,1,,,,,,,,,,,,,,,\n",
           "a.svg");
  for (const char* text : {"pes_x", "1 → 2", "1 → 4", "auto → cached", "weights", "one", "other",
                           "latency, after / before", "of the whole range"}) {
    EXPECT_NE(svg.find(text), std::string::npos) << text;
  }
  EXPECT_NE(refusal("sensitivity.py", "network,parameter,from,to,steps\none,pes_x,1,2,1\n", "b.png")
                .find("column 'latency_ms_ratio_best' is missing"),
            std::string::npos);
}

TEST_F(PlotsTest, TheSameFileGivesTheSamePicture) {
  EXPECT_EQ(draw("pareto.py", kPareto, "a.svg"), draw("pareto.py", kPareto, "b.svg"));
  EXPECT_EQ(draw("pareto.py", kPareto, "a.pdf"), draw("pareto.py", kPareto, "b.pdf"));
}

TEST_F(PlotsTest, WhatCannotBeDrawnIsRefusedWithThePlace) {
  EXPECT_NE(refusal("pareto.py", kConvergence, "a.png").find("column 'latency_ms' is missing"),
            std::string::npos);
  std::string spoilt = kPareto;
  spoilt.replace(spoilt.find("0.4"), 3, "abc");
  const std::string message = refusal("pareto.py", spoilt, "a.png");
  EXPECT_NE(message.find("in.csv:3: latency_ms: found 'abc'"), std::string::npos) << message;
  EXPECT_NE(refusal("pareto.py", std::string(kPareto).substr(0, std::string(kPareto).find("joint")),
                    "a.png")
                .find("no rows"),
            std::string::npos);
  EXPECT_NE(refusal("pareto.py", kPareto, "a.jpg").find("allowed .png, .svg or .pdf"),
            std::string::npos);
}

TEST_F(PlotsTest, AMissingScriptOrFolderIsAnInputError) {
  EXPECT_THROW(run_plot_script("none.py", {}), InputError);
  ASSERT_EQ(setenv("DOVETAIL_PLOTS", folder_.path().c_str(), 1), 0);
  EXPECT_THROW(run_plot_script("pareto.py", {}), InputError);
  folder_.write("pareto.py", "import sys\nsys.exit(1)\n");
  EXPECT_THROW(run_plot_script("pareto.py", {}), RunError);
  unsetenv("DOVETAIL_PLOTS");
}

}  // namespace
}  // namespace dovetail
