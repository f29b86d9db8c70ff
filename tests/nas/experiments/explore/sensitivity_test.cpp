#include "nas/experiments/explore/sensitivity.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "tests/base/files/test_files.h"
#include "tests/base/text/csv_rows.h"

namespace dovetail {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A space of 3 * 2 * 2 * 4 * 1 configurations, whose costs a test makes up from the values of the
/// parameters.
class SensitivityTest : public testing::Test {
 protected:
  /// What the figures are of a configuration; its reason too, if it cannot run.
  using Function = std::function<Costs(const AcceleratorConfig&)>;

  std::vector<Costs> points(const Function& function) const {
    std::vector<Costs> all;
    for (std::uint64_t i = 0; i < *space_.decisions().count(); ++i) {
      all.push_back(function(space_.decode(space_.decisions().from_index(i))));
    }
    return all;
  }
  std::vector<StepEffect> effects(const Function& function) const {
    return sensitivity(points(function), space_);
  }
  /// The one of `parameter` that is called `step`.
  StepEffect effect(const Function& function, const std::string& parameter,
                    const std::string& step) const {
    for (const StepEffect& e : effects(function)) {
      if (space_.decisions()[e.decision].name == parameter && e.name(space_) == step) return e;
    }
    ADD_FAILURE() << parameter << " has no step " << step;
    return {};
  }
  static Costs costs(double latency, double energy, double area) {
    Costs costs;
    costs.latency_ms = latency;
    costs.energy_mj = energy;
    costs.area_mm2 = area;
    return costs;
  }

  TemporaryFolder folder_;
  DesignSpace space_ = DesignSpace::load(
      folder_.write("s.yaml",
                    "schema: dovetail.design_space/1\nname: s\nbase: nahas_baseline\ndecisions:\n"
                    "  - {name: io_bandwidth_gbps, unit: GB/s, choices: [5, 10, 20]}\n"
                    "  - {name: pes_x, unit: PEs, choices: [1, 4]}\n"
                    "  - {name: weights, choices: [streamed, auto]}\n"
                    "  - {name: register_file_kib, unit: KiB per lane, choices: [8, 16, 32, 64]}\n"
                    "  - {name: clock_ghz, unit: GHz, choices: [0.8]}\n"));
};

TEST_F(SensitivityTest, HasEveryStepAndTheWholeRange) {
  std::string steps;
  for (const StepEffect& e : effects([](const auto&) { return costs(1, 1, 1); })) {
    steps += fmt::format("{}: {} ({} steps, {} pairs)\n", space_.decisions()[e.decision].name,
                         e.name(space_), e.to - e.from, e.pairs);
  }
  EXPECT_EQ(steps,
            "io_bandwidth_gbps: 5 -> 10 (1 steps, 16 pairs)\n"
            "io_bandwidth_gbps: 10 -> 20 (1 steps, 16 pairs)\n"
            "io_bandwidth_gbps: 5 -> 20 (2 steps, 16 pairs)\n"
            "pes_x: 1 -> 4 (1 steps, 24 pairs)\n"
            "weights: streamed -> auto (1 steps, 24 pairs)\n"
            "register_file_kib: 8 -> 16 (1 steps, 12 pairs)\n"
            "register_file_kib: 16 -> 32 (1 steps, 12 pairs)\n"
            "register_file_kib: 32 -> 64 (1 steps, 12 pairs)\n"
            "register_file_kib: 8 -> 64 (3 steps, 12 pairs)\n");
}

TEST_F(SensitivityTest, OfAProductOfPowersEveryRatioIsThePowerOfTheStep) {
  // latency ~ io^-1 pes^-0.5 weights^0 rf^0, energy ~ rf^0.5, area ~ pes rf.
  const Function function = [](const AcceleratorConfig& a) {
    return costs(100 / a.io_bandwidth_gbps / std::sqrt(a.pes_x), std::sqrt(a.register_file_kib),
                 a.pes_x * a.register_file_kib);
  };
  const auto value = [&](const StepEffect& e, std::size_t choice) {
    return space_.decisions()[e.decision].values[choice];
  };
  for (const StepEffect& e : effects(function)) {
    const std::string& name = space_.decisions()[e.decision].name;
    const double step = name == "weights" ? 1 : value(e, e.to) / value(e, e.from);
    const double latency = name == "io_bandwidth_gbps" ? 1 / step
                           : name == "pes_x"           ? 1 / std::sqrt(step)
                                                       : 1;
    const double energy = name == "register_file_kib" ? std::sqrt(step) : 1;
    const double area = name == "register_file_kib" || name == "pes_x" ? step : 1;
    const double expected[] = {latency, energy, area};
    for (std::size_t f = 0; f < 3; ++f) {
      const RatioSpread& r = e.ratios[f];
      for (const double part : {r.best, r.first_quartile, r.median, r.third_quartile, r.worst}) {
        EXPECT_NEAR(part, expected[f], 1e-12) << name << " " << e.name(space_) << " " << f;
      }
    }
    EXPECT_EQ(e.compared, e.pairs);
    EXPECT_EQ(e.unchanged, latency == 1 ? e.pairs : 0) << name;
    EXPECT_EQ(e.faster_1_percent, latency == 1 ? 0 : e.pairs) << name;
    EXPECT_EQ(e.faster_2_percent, e.faster_1_percent) << name;
    EXPECT_EQ(e.slower, 0U) << name;
  }
}

TEST_F(SensitivityTest, SharesHaveTheirBoundsAndTheSpreadItsQuartiles) {
  // With the register file the second PE column changes latency by another factor.
  const Function function = [](const AcceleratorConfig& a) {
    const double factor = a.register_file_kib == 8    ? 1.0009  // the same
                          : a.register_file_kib == 16 ? 0.985   // 1 % faster, not 2 %
                          : a.register_file_kib == 32 ? 0.5     // 2 % faster
                                                      : 1.002;  // slower
    return costs(a.pes_x == 1 ? 1 : factor, 1, 1);
  };
  const StepEffect e = effect(function, "pes_x", "1 -> 4");
  EXPECT_EQ(e.pairs, 24U);
  EXPECT_EQ(e.unchanged, 6U);
  EXPECT_EQ(e.faster_1_percent, 12U);
  EXPECT_EQ(e.faster_2_percent, 6U);
  EXPECT_EQ(e.slower, 6U);
  EXPECT_DOUBLE_EQ(e.ratios[0].best, 0.5);
  EXPECT_DOUBLE_EQ(e.ratios[0].worst, 1.002);
  // Six of each of four values: between the 6th and 7th, 12th and 13th, 18th and 19th.
  EXPECT_NEAR(e.ratios[0].first_quartile, 0.5 + 0.75 * 0.485, 1e-12);
  EXPECT_NEAR(e.ratios[0].median, 0.5 * (0.985 + 1.0009), 1e-12);
  EXPECT_NEAR(e.ratios[0].third_quartile, 1.0009 + 0.25 * 0.0011, 1e-12);
}

TEST_F(SensitivityTest, WhatCannotRunIsCountedApartAndChangesNoRatio) {
  const Function function = [](const AcceleratorConfig& a) {
    Costs found = costs(8 / a.register_file_kib, 1, a.pes_x);
    // Of 12 pairs 8 -> 16: four at 5 GB/s with none, four at 10 with the larger alone, four with
    // both.
    if (a.io_bandwidth_gbps == 5 || (a.io_bandwidth_gbps == 10 && a.register_file_kib == 8)) {
      found = {};
      found.reason = InfeasibleReason::kRegisterFileTooSmall;
      found.area_mm2 = a.pes_x;
    }
    return found;
  };
  const StepEffect up = effect(function, "register_file_kib", "8 -> 16");
  EXPECT_EQ(up.pairs, 12U);
  EXPECT_EQ(up.compared, 4U);
  EXPECT_EQ(up.only_from_runs, 0U);
  EXPECT_EQ(up.only_to_runs, 4U);
  EXPECT_EQ(up.neither_runs, 4U);
  EXPECT_EQ(up.left_out, 0U);
  EXPECT_DOUBLE_EQ(up.ratios[0].median, 0.5);
  EXPECT_DOUBLE_EQ(up.ratios[0].worst, 0.5);
  EXPECT_EQ(up.faster_2_percent, 4U);
  const StepEffect none = effect(function, "io_bandwidth_gbps", "5 -> 10");
  EXPECT_EQ(none.compared, 0U);
  EXPECT_TRUE(std::isnan(none.ratios[0].median));
}

TEST_F(SensitivityTest, PairsAddUpWhateverTheReasons) {
  const Function function = [](const AcceleratorConfig& a) {
    Costs found = costs(1, 1, 1);
    if (a.pes_x == 4 && a.register_file_kib > 16) found.reason = InfeasibleReason::kOverMaxArea;
    if (a.register_file_kib == 8) found.reason = InfeasibleReason::kRegisterFileTooSmall;
    return found;
  };
  std::uint64_t left_out = 0;
  for (const StepEffect& e : effects(function)) {
    EXPECT_EQ(e.pairs,
              e.compared + e.only_from_runs + e.only_to_runs + e.neither_runs + e.left_out);
    EXPECT_EQ(e.compared, e.unchanged);
    left_out += e.left_out;
  }
  EXPECT_EQ(effect(function, "pes_x", "1 -> 4").left_out, 12U);
  EXPECT_EQ(effect(function, "register_file_kib", "8 -> 16").only_to_runs, 12U);
  EXPECT_GT(left_out, 12U);
}

TEST_F(SensitivityTest, TheFileHasARowForEachNetworkAndStepAndNoFiguresWhereThereAreNone) {
  const auto half = points([](const AcceleratorConfig& a) {
    Costs found = costs(1 / a.io_bandwidth_gbps, 1, 1);
    if (a.pes_x == 1) found.reason = InfeasibleReason::kLocalMemoryTooSmall;
    return found;
  });
  const std::vector<Exploration> explorations = {{"first", half}, {"second", half}};
  const std::string csv = sensitivity_csv(explorations, space_, {});
  EXPECT_THAT(csv, testing::StartsWith("# schema: dovetail.sensitivity/1\n"));
  EXPECT_EQ(csv_rows(csv).size(), 1 + 2 * 9U);
  EXPECT_THAT(csv,
              HasSubstr("\nfirst,io_bandwidth_gbps,5,10,1,16,8,0,0,8,0,0.5,0.5,0.5,0.5,0.5,1,"));
  EXPECT_THAT(csv, HasSubstr(",0,100,100,0\n"));
  EXPECT_THAT(csv, HasSubstr("\nsecond,pes_x,1,4,1,24,0,0,24,0,0,,,,,,,,,,,,,,,,,,,\n"));
  const std::string table = sensitivity_table(explorations[0], space_);
  EXPECT_THAT(table, testing::StartsWith("first: "));
  EXPECT_THAT(table, testing::AllOf(HasSubstr("streamed -> auto"), HasSubstr("0.500"),
                                    Not(HasSubstr("nan")), Not(HasSubstr("clock_ghz"))));
}

}  // namespace
}  // namespace dovetail
