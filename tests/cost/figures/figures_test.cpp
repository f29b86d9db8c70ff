#include "cost/figures/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/files/atomic_file.h"
#include "cost/figures/simulated.h"
#include "hw_space/accelerator_config.h"
#include "models/network/zoo.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

TEST(Figures, MetricsComeFirstAndNoKeyIsThereTwice) {
  std::set<std::string> keys;
  for (const Figure& figure : figures()) EXPECT_TRUE(keys.insert(figure.key).second) << figure.key;
  EXPECT_EQ(metrics().size() + counts().size(), figures().size());
  for (const Figure& metric : metrics()) EXPECT_EQ(metric.kind, FigureKind::kMetric) << metric.key;
  for (const Figure& count : counts()) EXPECT_EQ(count.kind, FigureKind::kCount) << count.key;
}

TEST(Figures, WhatIsSetIsRead) {
  for (const Figure& figure : figures()) {
    if (figure.set == nullptr) continue;
    Costs costs;
    AccuracyEstimate accuracy;
    figure.set(42, costs, accuracy);
    EXPECT_EQ(figure.get(costs, accuracy), 42) << figure.key;
    for (const Figure& other : metrics()) {
      if (&other == &figure || other.set == nullptr || other.key == "top1_percent") continue;
      EXPECT_TRUE(std::isnan(other.of(costs))) << figure.key << " sets " << other.key;
    }
    if (figure.key == "top1_percent") continue;
    figure.set(Costs::kUnknown, costs, accuracy);
    EXPECT_EQ(costs, Costs{}) << figure.key;
  }
}

TEST(Figures, WhatFollowsIsKnownWhereItsPartsAre) {
  Costs costs;
  costs.latency_ms = 0.5;
  EXPECT_TRUE(std::isnan(find_figure("power_mw").of(costs)));
  costs.energy_mj = 0.8;
  EXPECT_DOUBLE_EQ(find_figure("power_mw").of(costs), 1600);
  EXPECT_DOUBLE_EQ(find_figure("edp_mj_ms").of(costs), 0.4);
}

TEST(Figures, PlotsCallThemTheSame) {
  std::string table = "key,name,unit\n";
  for (const Figure& metric : metrics()) {
    table += metric.key + "," + metric.name + "," + metric.unit + "\n";
  }
  EXPECT_EQ(read_file(std::filesystem::path(DOVETAIL_SOURCE_DIR) / "plots/figures.csv"), table);
}

TEST(Figures, AnUnknownKeyNamesTheNearest) {
  EXPECT_EQ(&find_metric("latency_ms"), &find_figure("latency_ms"));
  EXPECT_THAT(message_of<InputError>([] { find_metric("latency_m"); }),
              HasSubstr("unknown metric 'latency_m'; did you mean 'latency_ms'?"));
  EXPECT_THAT(message_of<InputError>([] { find_figure("cycle"); }),
              HasSubstr("unknown figure 'cycle'; did you mean 'cycles'?"));
  EXPECT_THROW(find_metric("cycles"), InputError) << "a count is no metric";
}

TEST(Figures, ASimulationKnowsAllAndWhatCannotRunOnlyTheAccelerators) {
  Simulator simulator({"16nm", false});
  const Network network = find_network("mobilenetv1_0.25_128");
  AcceleratorConfig accelerator;
  const Costs costs = costs_of(simulator.run(network, accelerator));
  ASSERT_TRUE(costs.feasible());
  for (const Figure& figure : figures()) {
    if (figure.key == "top1_percent") continue;
    EXPECT_GT(figure.of(costs), 0) << figure.key;
  }
  accelerator.local_memory_mib = 0.0005;
  accelerator.weights = WeightPolicy::kCached;
  const Costs none = costs_of(simulator.run(network, accelerator));
  EXPECT_EQ(none.reason, InfeasibleReason::kWeightsDoNotFit);
  EXPECT_FALSE(none.reason_text.empty());
  for (const Figure& figure : figures()) {
    if (figure.key == "top1_percent") continue;
    EXPECT_EQ(std::isnan(figure.of(none)), !figure.known_infeasible) << figure.key;
  }
}

TEST(Figures, AFileOfPairsKeepsTheCodeAndItsColumns) {
  Costs costs;
  costs.reason = InfeasibleReason::kLocalMemoryTooSmall;
  costs.reason_text = "layer 3";
  costs.area_mm2 = 7;
  costs.peak_local_memory_kib = 3;
  Costs kept;
  kept.reason = costs.reason;
  kept.area_mm2 = 7;
  EXPECT_EQ(pair_costs(costs), kept);
}

}  // namespace
}  // namespace dovetail
