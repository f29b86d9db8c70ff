#include "sim/mapping/mapping_candidates.h"

#include <gtest/gtest.h>

#include "base/files/paths.h"
#include "models/network/zoo.h"
#include "sim/simulator.h"
#include "tests/sim/random_cases.h"

namespace dovetail {
namespace {

AcceleratorConfig preset(const std::string& name) {
  return AcceleratorConfig::load(resolve_config("accelerators", name));
}

// One byte a unit and cycle feeds one of its four ways, whether four ways of a quarter of the units
// or one of all.
TEST(AttainablePeak, TheBaselineIsFedAQuarterOfItsPeak) {
  AcceleratorConfig accelerator = preset("nahas_baseline");
  EXPECT_DOUBLE_EQ(attainable_macs_per_cycle(accelerator),
                   0.25 * accelerator.peak_macs_per_cycle());
  accelerator.register_file_bytes_per_unit_cycle = 2;
  EXPECT_DOUBLE_EQ(attainable_macs_per_cycle(accelerator), 0.5 * accelerator.peak_macs_per_cycle());
  accelerator.register_file_bytes_per_unit_cycle = 4;
  EXPECT_DOUBLE_EQ(attainable_macs_per_cycle(accelerator), accelerator.peak_macs_per_cycle());
  // Two ways of all units want two activations a cycle: then these are the limit.
  accelerator.activation_bytes_per_lane_cycle = 2;
  EXPECT_DOUBLE_EQ(attainable_macs_per_cycle(accelerator), 0.5 * accelerator.peak_macs_per_cycle());
}

TEST(AttainablePeak, HalfTheBitsTwiceTheRate) {
  const AcceleratorConfig accelerator = preset("nahas_baseline");
  Bits bits;
  bits.weight = 4;
  EXPECT_DOUBLE_EQ(attainable_macs_per_cycle(accelerator, bits),
                   0.5 * accelerator.peak_macs_per_cycle());
}

TEST(AttainablePeak, NoLayerOfTheZooComputesFaster) {
  Simulator simulator;
  double closest = 0;
  for (const char* name :
       {"nahas_baseline", "coral_edge_tpu", "pixel6_like", "nvdla_256", "nvdla_2048", "tpu_v1"}) {
    const AcceleratorConfig accelerator = preset(name);
    const double roof = attainable_macs_per_cycle(accelerator);
    EXPECT_LE(roof, accelerator.peak_macs_per_cycle());
    for (const ZooEntry& entry : list_zoo()) {
      const Network network = load_network(entry.file);
      EXPECT_EQ(attainable_macs_per_cycle(accelerator, network), roof);
      for (const LayerResult& layer : simulator.run(network, accelerator).layers) {
        if (layer.breakdown.compute == 0) continue;
        const double rate =
            static_cast<double>(layer.activity.macs) / static_cast<double>(layer.breakdown.compute);
        EXPECT_LE(rate, roof * (1 + 1e-12)) << name << " " << network.name() << " " << layer.name;
        closest = std::max(closest, rate / roof);
      }
    }
  }
  EXPECT_GT(closest, 0.95);  // the roof is one that layers come close to
}

TEST(AttainablePeak, NoRandomLayerComputesFaster) {
  Rng rng(5);
  Simulator simulator;
  for (int i = 0; i < 1500; ++i) {
    const Network network = test::random_single_layer(rng);
    AcceleratorConfig accelerator = test::random_accelerator(rng);
    const double rates[] = {0.5, 1, 2, 4}, activations[] = {1, 3, 8, 32};
    accelerator.register_file_bytes_per_unit_cycle = rates[rng.index(4)];
    accelerator.activation_bytes_per_lane_cycle = activations[rng.index(4)];
    for (const LayerResult& layer : simulator.run(network, accelerator).layers) {
      if (layer.activity.macs == 0) continue;
      EXPECT_LE(static_cast<double>(layer.activity.macs),
                attainable_macs_per_cycle(accelerator, network) *
                    static_cast<double>(layer.breakdown.compute) * (1 + 1e-12))
          << layer.mapping << "\n"
          << accelerator.to_yaml();
    }
  }
}

}  // namespace
}  // namespace dovetail
