#include "cost/surrogate/roofline/roofline_bound.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/files/paths.h"
#include "sim/silicon/energy_model.h"

namespace dovetail {
namespace {

/// A 1x1 convolution of 8x8x16 to 8x8x32 and a fully connected layer of its 2048 values to 10.
Network two_layers() {
  Layer conv;
  conv.name = "conv";
  conv.inputs = {kNetworkInput};
  conv.input = {8, 8, 16};
  conv.output = {8, 8, 32};
  Layer dense;
  dense.name = "dense";
  dense.op = OpType::kFullyConnected;
  dense.inputs = {0};
  dense.input = conv.output;
  dense.output = {1, 1, 10};
  return Network("two", {8, 8, 16}, {conv, dense});
}

TEST(Roofline, IsTheBoundOfEachLayer) {
  const Network network = two_layers();
  const double conv_macs = 64.0 * 16 * 32, dense_macs = 2048.0 * 10;
  ASSERT_EQ(network.layers()[0].macs(), conv_macs);
  ASSERT_EQ(network.layers()[1].macs(), dense_macs);
  // int8 weights, 8 bytes of bias and multiplier an output channel.
  const double conv_weights = 16 * 32 + 8 * 32, dense_weights = 2048 * 10 + 8 * 10;
  ASSERT_EQ(network.layers()[1].weight_bytes(), dense_weights);

  AcceleratorConfig a;
  a.pes_x = a.pes_y = a.compute_lanes = 1;
  a.simd_units = 16;
  a.simd_width = 4;
  a.clock_ghz = 1;
  a.io_bandwidth_gbps = 8;
  a.local_memory_mib = 1;
  const double peak = 64, io = 8;  // per cycle
  struct Case {
    const char* what;
    WeightPolicy weights;
    double memory_mib, cycles;
  };
  const Case cases[] = {
      {"weights stay on the chip: conv by compute, dense by compute", WeightPolicy::kAuto, 1,
       conv_macs / peak + dense_macs / peak},
      {"weights are read: dense by bandwidth", WeightPolicy::kStreamed, 1,
       conv_macs / peak + (dense_weights + 10) / io},
      {"nothing fits: activations are moved, too", WeightPolicy::kAuto, 1.0 / 1024,
       std::max(conv_macs / peak, (conv_weights + 1024 + 2048) / io) +
           (dense_weights + 2048 + 10) / io},
  };
  for (const Case& c : cases) {
    a.weights = c.weights;
    a.local_memory_mib = c.memory_mib;
    EXPECT_NEAR(roofline_ms(network, a), c.cycles * 1e-6, 1e-12) << c.what;
  }
}

TEST(Roofline, EnergyIsThatOfItsEventsAndItsTime) {
  const LayerGroup group(two_layers());
  const LayerGroup* const all = &group;
  const Technology technology = Technology::load(resolve_config("technology", "16nm"));
  AcceleratorConfig a;
  a.weights = WeightPolicy::kStreamed;
  const RooflineBound bound = roofline_bound({&all, 1}, RooflineRates(a));
  EXPECT_EQ(bound.macs, 64.0 * 16 * 32 + 2048.0 * 10);
  EXPECT_EQ(bound.io_bytes, group.weight_bytes + 1024 + 10);
  ActivityCounts activity;
  activity.macs = static_cast<std::int64_t>(bound.macs);
  activity.io_bytes = static_cast<std::int64_t>(bound.io_bytes);
  const EnergyModel model(a, technology);
  const double still = model.of(activity, 0).total();
  const double moving = model.of(activity, 1'000'000).total();
  EXPECT_NEAR(RooflineEnergy(a, technology).mj(bound),
              still + (moving - still) * bound.cycles / 1e6, 1e-12);
}

}  // namespace
}  // namespace dovetail
