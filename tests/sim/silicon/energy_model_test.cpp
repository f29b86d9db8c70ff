#include "sim/silicon/energy_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/files/paths.h"
#include "base/numbers/random.h"
#include "models/network/zoo.h"
#include "sim/silicon/area_model.h"
#include "sim/silicon/memory_model.h"
#include "sim/simulator.h"
#include "tests/sim/random_cases.h"

namespace dovetail {
namespace {

Technology technology(const std::string& name) {
  return Technology::load(resolve_config("technology", name));
}

AcceleratorConfig preset(const std::string& name) {
  return AcceleratorConfig::load(resolve_config("accelerators", name));
}

struct Nvdla {
  const char* accelerator;
  double frames_per_s, average_mw;
};
// NVDLA primer: ResNet-50 at 16 nm and 1 GHz. Fitted to the rows with 2048, 512, 128 and 32 MACs.
constexpr Nvdla kNvdla[] = {{"nvdla_2048", 269, 291}, {"nvdla_1024", 153, 143},
                            {"nvdla_512", 93, 80},    {"nvdla_256", 46, 48},
                            {"nvdla_128", 20, 31},    {"nvdla_64", 7.3, 21},
                            {"nvdla_32", 3.6, 17}};

class NvdlaEnergy : public testing::TestWithParam<Nvdla> {};

// What the network does is the simulator's, how long it takes the published time: the two models'
// errors are kept apart.
TEST_P(NvdlaEnergy, OfResNet50OnTheChipIsWithin25PercentAtThePublishedTime) {
  const AcceleratorConfig accelerator = preset(GetParam().accelerator);
  Simulator simulator({"16nm", false});
  const SimulationResult run = simulator.run(find_network("resnet_50"), accelerator);
  ASSERT_TRUE(run.feasible()) << run.reason_text;
  const auto cycles = std::llround(accelerator.clock_ghz * 1e9 / GetParam().frames_per_s);
  const EnergyModel model(accelerator, technology("16nm"));
  const double published_mj = GetParam().average_mw / GetParam().frames_per_s;
  EXPECT_NEAR(model.of(run.activity, cycles).on_chip() / published_mj, 1, 0.25);
}

INSTANTIATE_TEST_SUITE_P(Published, NvdlaEnergy, testing::ValuesIn(kNvdla),
                         [](const auto& row) { return std::string(row.param.accelerator); });

// Horowitz, ISSCC 2014: 10, 20 and 100 pJ for 64 bits of 8 KB, 32 KB and 1 MB at 45 nm; from there
// to 16 nm times 0.174, to 7 nm times 0.094.
TEST(EnergyModel, MemoriesCostByTheSquareRootOfTheirSize) {
  struct Node {
    const char* name;
    double scale;
  };
  for (const Node& node : {Node{"16nm", 0.174}, Node{"7nm", 0.094}}) {
    const Technology t = technology(node.name);
    const auto read_64_bits_at_45nm = [&](double kib) {
      return 8 * access_pj_per_byte({1, kib * 1024, 1}, t) / node.scale;
    };
    EXPECT_NEAR(read_64_bits_at_45nm(8), 10, 0.1);
    EXPECT_NEAR(read_64_bits_at_45nm(32), 20, 0.2);
    EXPECT_NEAR(read_64_bits_at_45nm(1024), 100, 15);
    EXPECT_NEAR((t.multiply_pj + t.accumulate_pj) / node.scale, 0.3, 0.003);
    EXPECT_EQ(t.dram_pj_per_byte, 64);
  }
}

TEST(EnergyModel, FartherOrLargerCostsMore) {
  const Technology t = technology("16nm");
  const auto pj = [&](Event event, auto change) {
    AcceleratorConfig accelerator;
    change(accelerator);
    return EnergyModel(accelerator, t).pj(event);
  };
  const auto same = [](AcceleratorConfig&) {};
  EXPECT_GT(pj(Event::kLocalMemoryByte, [](auto& a) { a.local_memory_mib = 4; }),
            pj(Event::kLocalMemoryByte, same));
  EXPECT_GT(pj(Event::kRegisterFileByte, [](auto& a) { a.register_file_kib = 128; }),
            pj(Event::kRegisterFileByte, same));
  EXPECT_LT(pj(Event::kRegisterFileByte, [](auto& a) { a.simd_units = 128; }),
            pj(Event::kRegisterFileByte, same));
  EXPECT_GT(pj(Event::kInterconnectByte, [](auto& a) { a.pes_x = 8; }),
            pj(Event::kInterconnectByte, same));
  EXPECT_GT(pj(Event::kCycle, [](auto& a) { a.compute_lanes = 8; }), pj(Event::kCycle, same));
  EXPECT_EQ(pj(Event::kMac, [](auto& a) { a.simd_units = 128; }), pj(Event::kMac, same));
  // Near beats far: a register file, local memory, another PE, the memory outside.
  EXPECT_LT(pj(Event::kRegisterFileByte, same), pj(Event::kLocalMemoryByte, same));
  EXPECT_LT(pj(Event::kLocalMemoryByte, same), pj(Event::kInterconnectByte, same));
  EXPECT_LT(pj(Event::kInterconnectByte, same), pj(Event::kDramByte, same));
}

TEST(EnergyModel, EveryEventHasItsPart) {
  const EnergyModel model({}, technology("16nm"));
  struct Case {
    std::int64_t ActivityCounts::*count;
    double EnergyBreakdown::*part;
    Event event;
  };
  const Case cases[] = {
      {&ActivityCounts::macs, &EnergyBreakdown::macs, Event::kMac},
      {&ActivityCounts::vector_ops, &EnergyBreakdown::vector_units, Event::kVectorOp},
      {&ActivityCounts::register_file_bytes, &EnergyBreakdown::register_files,
       Event::kRegisterFileByte},
      {&ActivityCounts::local_memory_bytes, &EnergyBreakdown::local_memory,
       Event::kLocalMemoryByte},
      {&ActivityCounts::interconnect_bytes, &EnergyBreakdown::interconnect,
       Event::kInterconnectByte},
      {&ActivityCounts::io_bytes, &EnergyBreakdown::io, Event::kIoByte},
      {&ActivityCounts::io_bytes, &EnergyBreakdown::dram, Event::kDramByte},
  };
  for (const Case& c : cases) {
    ActivityCounts activity;
    activity.*c.count = 1'000'000;
    const EnergyBreakdown energy = model.of(activity, 0);
    EXPECT_DOUBLE_EQ(energy.*c.part, 1e6 * model.pj(c.event) * 1e-9);
    EXPECT_GT(energy.*c.part, 0);
    double others = 0;
    for (const EnergyPart& part : energy_parts()) others += energy.*part.mj;
    if (c.count != &ActivityCounts::io_bytes) {
      EXPECT_EQ(others, energy.*c.part);
    }
  }
  const EnergyBreakdown idle = model.of({}, 800'000);  // a millisecond
  EXPECT_DOUBLE_EQ(idle.total(), idle.clock + idle.leakage + idle.dram);
  EXPECT_NEAR(idle.leakage, model.leakage_mw() * 1e-3, 1e-12);
  EXPECT_NEAR(idle.dram, model.dram_background_mw() * 1e-3, 1e-12);
}

TEST(EnergyModel, PartsAddUp) {
  EnergyBreakdown energy;
  double value = 1, sum = 0;
  for (const EnergyPart& part : energy_parts()) {
    energy.*part.mj = value;
    sum += value;
    value *= 2;
  }
  EXPECT_EQ(energy.total(), sum);
  EXPECT_EQ(energy.on_chip() + energy.dram, sum);
  EXPECT_EQ(energy.dynamic() + energy.leakage, energy.on_chip());
  energy += energy;
  EXPECT_EQ(energy.total(), 2 * sum);
  static_assert(sizeof(EnergyBreakdown) == 9 * sizeof(double), "a part without a name?");
}

TEST(EnergyModel, LayersAddUpToTheNetwork) {
  Simulator simulator;
  const Technology t = technology("16nm");
  for (const char* network : {"mobilenet_v2", "efficientnet_b0", "resnet_50"}) {
    const AcceleratorConfig accelerator = preset("nahas_baseline");
    const SimulationResult run = simulator.run(find_network(network), accelerator);
    const EnergyModel model(accelerator, t);
    EnergyBreakdown sum;
    for (const LayerResult& layer : run.layers) sum += model.of(layer.activity, layer.cycles);
    const EnergyBreakdown whole = model.of(run.activity, run.cycles);
    for (const EnergyPart& part : energy_parts()) {
      EXPECT_NEAR(sum.*part.mj, whole.*part.mj, 1e-9 * whole.total()) << network << part.name;
    }
  }
}

// Micron's 6 Gb LPDDR4-3200 of 16 bits (6.4 GB/s), as DRAMPower has it: a bank open (IDD3N), and
// refresh for RFC of every REFI (IDD5) instead.
TEST(EnergyModel, TheMemoryOutsideTakesTheBackgroundPowerOfAsManyDevicesAsTheBandwidthAsksFor) {
  const double open_mw = 2.25 * 1.8 + (30 + 0.75) * 1.1, refresh_mw = 10 * 1.8 + (90 + 0.75) * 1.1;
  const double device_mw = open_mw + (refresh_mw - open_mw) * 448 / 6246;
  for (const char* node : {"28nm", "16nm", "7nm"}) {
    const Technology t = technology(node);
    EXPECT_NEAR(6.4 * t.dram_background_mw_per_gbps / device_mw, 1, 0.01);
    AcceleratorConfig accelerator;
    const EnergyModel narrow(accelerator, t);
    accelerator.io_bandwidth_gbps *= 3;
    const EnergyModel wide(accelerator, t);
    EXPECT_DOUBLE_EQ(wide.dram_background_mw(), 3 * narrow.dram_background_mw());
    EXPECT_GT(wide.of({}, 1000).dram, narrow.of({}, 1000).dram);
    accelerator.dram_efficiency = 0.5;  // the devices are there, whatever transfers get of them
    EXPECT_EQ(EnergyModel(accelerator, t).dram_background_mw(), wide.dram_background_mw());
  }
}

TEST(EnergyModel, TwiceTheFrequencyHalvesWhatTimeTakesAndLeavesTheRest) {
  Rng rng(5);
  const Technology t = technology("16nm");
  for (int i = 0; i < 100; ++i) {
    AcceleratorConfig accelerator = test::random_accelerator(rng);
    const ActivityCounts activity{1'000'000, 10'000, 2'000'000, 500'000, 40'000, 30'000};
    const EnergyBreakdown slow = EnergyModel(accelerator, t).of(activity, 5000);
    accelerator.clock_ghz *= 2;
    const EnergyBreakdown fast = EnergyModel(accelerator, t).of(activity, 5000);
    EXPECT_DOUBLE_EQ(fast.dynamic(), slow.dynamic());
    EXPECT_DOUBLE_EQ(fast.leakage, slow.leakage / 2);
    const double read = 30'000e-9 * t.dram_pj_per_byte;
    EXPECT_NEAR((fast.dram - read) / (slow.dram - read), 0.5, 1e-9);
  }
}

// The same through the simulator, with a layer that computes for most of its time: the cycles in
// which the IO port is waited for double, and clock and leakage with them.
TEST(EnergyModel, ALayerBoundByComputeCostsTheSameAtTwiceTheFrequency) {
  Simulator simulator;
  const Technology t = technology("16nm");
  const Network network = test::conv_network({56, 56, 256}, 256, 3, 1);
  AcceleratorConfig accelerator;
  accelerator.layer_launch_cycles = 0;
  const SimulationResult slow = simulator.run(network, accelerator);
  const EnergyBreakdown slow_mj = EnergyModel(accelerator, t).of(slow.activity, slow.cycles);
  accelerator.clock_ghz *= 2;
  accelerator.io_bandwidth_gbps *= 2;  // as many bytes a cycle: the layer stays what it was
  const SimulationResult fast = simulator.run(network, accelerator);
  const EnergyBreakdown fast_mj = EnergyModel(accelerator, t).of(fast.activity, fast.cycles);
  ASSERT_GT(static_cast<double>(slow.breakdown.compute), 0.5 * static_cast<double>(slow.cycles));
  ASSERT_EQ(fast.cycles, slow.cycles);
  EXPECT_NEAR(fast_mj.dynamic() / slow_mj.dynamic(), 1, 0.02);
  EXPECT_NEAR(fast_mj.leakage / slow_mj.leakage, 0.5, 0.01);
}

// Coral: 2 TOPS per watt, 1.0 pJ per MAC, of the whole chip with its host interface at a node that
// is not published. At peak the model must stay below that, but not by an order of magnitude.
TEST(EnergyModel, CoralAtPeakIsBelowItsPublishedEnergyPerMac) {
  AcceleratorConfig coral = preset("coral_edge_tpu");
  coral.io_bandwidth_gbps = 0.4;  // USB 3; the preset has no limit
  const auto cycles = std::int64_t{1'000'000};
  ActivityCounts activity;
  activity.macs = static_cast<std::int64_t>(coral.peak_macs_per_cycle()) * cycles;
  activity.register_file_bytes = activity.macs;
  activity.local_memory_bytes = coral.pes() * coral.simd_width * cycles;
  const double macs = static_cast<double>(activity.macs);
  for (const char* node : {"28nm", "16nm"}) {
    const EnergyModel model(coral, technology(node));
    const double pj_per_mac = model.of(activity, cycles).on_chip() * 1e9 / macs;
    EXPECT_LT(pj_per_mac, 1.0) << node;
    EXPECT_GT(pj_per_mac, 0.1) << node;
  }
}

TEST(EnergyModel, PowerAndEnergyDelayProduct) {
  EXPECT_DOUBLE_EQ(average_power_mw(1.08, 3.72), 1080 / 3.72);
  EXPECT_DOUBLE_EQ(energy_delay_product(1.5, 2), 3);
}

}  // namespace
}  // namespace dovetail
