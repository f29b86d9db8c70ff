#include "nas/scaling/measured_scales.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hw_space/accelerator_name.h"
#include "models/network/zoo.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

TEST(MeasuredScales, SaysWhatTheSimulatorSays) {
  const ScalableNetwork network(find_block_network("mobilenetv2_0.35_96"));
  const AcceleratorConfig accelerator = find_accelerator("nahas_baseline");
  MeasuredScales measured(network, accelerator, [](const NetworkScale& scale) {
    return scale.resolution > 96 ? AccuracyAnswer::refused("too fine")
                                 : AccuracyAnswer::known({45, true});
  });
  const Network own = find_network("mobilenetv2_0.35_96");
  const SimulationResult result = Simulator(totals_only()).run(own, accelerator);
  const ScaleFigures figures = measured.required(network.scale());
  EXPECT_EQ(figures.cycles, result.cycles);
  EXPECT_EQ(figures.latency_ms, result.latency_ms);
  EXPECT_EQ(figures.macs, own.macs());
  EXPECT_EQ(figures.parameters, own.parameters());
  EXPECT_EQ(figures.top1_percent, 45);
  EXPECT_TRUE(figures.extrapolated);
  EXPECT_DOUBLE_EQ(figures.utilization * static_cast<double>(result.cycles) * 16384,
                   static_cast<double>(own.macs()));
  NetworkScale finer = network.scale();
  finer.resolution = 112;
  EXPECT_FALSE(measured(finer));
  EXPECT_THAT(input_error([&] { measured.required(finer); }),
              testing::HasSubstr("on 'nahas_baseline': too fine"));
}

TEST(MeasuredScales, HasNoFiguresWhereTheNetworkCannotRun) {
  const ScalableNetwork network(find_block_network("mobilenetv2_1.0_224"));
  AcceleratorConfig accelerator = find_accelerator("nahas_baseline");
  accelerator.register_file_kib = 0.25;
  MeasuredScales measured(network, accelerator, [](const NetworkScale&) {
    return AccuracyAnswer::known({70, false});
  });
  EXPECT_FALSE(measured(network.scale()));
  EXPECT_THAT(input_error([&] { measured.required(network.scale()); }),
              testing::HasSubstr("mobilenetv2_1.0_224"));
}

}  // namespace
}  // namespace dovetail
