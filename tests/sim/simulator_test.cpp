#include "sim/simulator.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/files/paths.h"
#include "base/files/yaml.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"
#include "models/network/zoo.h"
#include "sim/report.h"
#include "tests/sim/random_cases.h"

namespace dovetail {
namespace {

void expect_sound(const SimulationResult& result, const AcceleratorConfig& accelerator) {
  std::int64_t cycles = 0, macs = 0;
  for (const LayerResult& layer : result.layers) {
    EXPECT_EQ(layer.cycles, layer.breakdown.total()) << layer.name;
    EXPECT_GE(layer.cycles, layer.lower_bound_cycles()) << layer.name << " " << layer.mapping;
    EXPECT_LE(layer.utilization, 1.0) << layer.name;
    for (const std::int64_t part :
         {layer.breakdown.compute, layer.breakdown.vector, layer.breakdown.stall_io,
          layer.breakdown.stall_weights, layer.breakdown.stall_interconnect,
          layer.breakdown.stall_local_memory, layer.breakdown.stall_launch}) {
      EXPECT_GE(part, 0) << layer.name;
    }
    cycles += layer.cycles;
    macs += layer.activity.macs;
  }
  EXPECT_EQ(cycles, result.cycles);
  EXPECT_EQ(macs, result.macs);
  // Compulsory bytes of the whole network, prefetched or not.
  EXPECT_GE(static_cast<double>(result.cycles),
            static_cast<double>(result.activity.io_bytes) / accelerator.io_bytes_per_cycle());
  EXPECT_DOUBLE_EQ(result.latency_ms,
                   static_cast<double>(result.cycles) / (accelerator.clock_ghz * 1e6));
  // Loading what is kept takes the IO port no less than its bandwidth, and nothing else no time.
  EXPECT_GE(static_cast<double>(result.weight_load_cycles),
            static_cast<double>(result.kept_weight_bytes) / accelerator.io_bytes_per_cycle());
  EXPECT_EQ(result.cold_latency_ms == result.latency_ms, result.kept_weight_bytes == 0);
}

TEST(Simulator, ZooOnThePresets) {
  Simulator simulator;
  for (const char* accelerator_name : {"nahas_baseline", "coral_edge_tpu"}) {
    const auto accelerator =
        AcceleratorConfig::load(resolve_config("accelerators", accelerator_name));
    for (const ZooEntry& entry : list_zoo()) {
      const Network network = load_network(entry.file);
      const SimulationResult result = simulator.run(network, accelerator);
      if (result.reason == InfeasibleReason::kWeightsDoNotFit) continue;  // of the large on Coral
      ASSERT_TRUE(result.feasible()) << entry.name << ": " << result.reason_text;
      EXPECT_EQ(result.layers.size(), network.layers().size());
      expect_sound(result, accelerator);
    }
  }
}

TEST(Simulator, ThousandRandomPairsAreALatencyOrAReason) {
  const NetworkSpace networks = NetworkSpace::load(resolve_config("spaces", "ofa_mbv3"));
  Simulator simulator;
  Rng rng(2024);
  int feasible = 0;
  for (int i = 0; i < 1000; ++i) {
    const Network network = networks.build(networks.decisions().sample(rng));
    const AcceleratorConfig accelerator = test::random_accelerator(rng);
    const SimulationResult result = simulator.run(network, accelerator);
    EXPECT_GT(result.area_mm2, 0);
    if (result.feasible()) {
      ++feasible;
      EXPECT_GT(result.latency_ms, 0);
      expect_sound(result, accelerator);
    } else {
      EXPECT_FALSE(result.reason_text.empty());
      EXPECT_EQ(result.cycles, 0);
    }
  }
  EXPECT_GT(feasible, 500);
  EXPECT_LT(feasible, 1000);
}

Network with_bits(const Network& network, const Bits& bits) {
  std::vector<Layer> layers = network.layers();
  for (Layer& layer : layers) layer.bits = bits;
  return {network.name(), network.input(), std::move(layers)};
}

// Elements and bytes are different things: what is moved grows with the operands, what is computed
// does not, and the mapper still predicts the time to the cycle (expect_sound has the sums).
TEST(Simulator, WiderOperandsMoveMoreBytes) {
  Simulator simulator;
  const Network int8 = find_network("mobilenet_v2");
  auto accelerator = AcceleratorConfig::load(resolve_config("accelerators", "nahas_baseline"));
  const Network int16 = with_bits(int8, {16, 16, 32});
  std::int64_t weights = 0;
  for (const Layer& layer : int8.layers()) weights += layer.weight_count();
  EXPECT_EQ(int16.weight_bytes(), int8.weight_bytes() + weights);

  accelerator.local_memory_mib = 8;  // so that nothing is spilled
  accelerator.weights = WeightPolicy::kStreamed;
  const SimulationResult narrow = simulator.run(int8, accelerator);
  const SimulationResult wide = simulator.run(int16, accelerator);
  ASSERT_TRUE(narrow.feasible() && wide.feasible());
  expect_sound(wide, accelerator);
  EXPECT_EQ(wide.macs, narrow.macs);
  EXPECT_EQ(wide.activity.vector_ops, narrow.activity.vector_ops);
  const std::int64_t ends = int8.input().elements() + int8.layers().back().output.elements();
  EXPECT_EQ(narrow.activity.io_bytes, int8.weight_bytes() + ends);
  EXPECT_EQ(wide.activity.io_bytes, int16.weight_bytes() + 2 * ends);
  EXPECT_GT(wide.cycles, narrow.cycles);
}

TEST(Simulator, RandomLayersStayAboveTheirBounds) {
  Simulator simulator;
  Rng rng(11);
  for (int i = 0; i < 500; ++i) {
    const Network network = test::random_layer_network(rng);
    AcceleratorConfig accelerator = test::random_accelerator(rng);
    accelerator.weights = static_cast<WeightPolicy>(rng.index(3));
    const SimulationResult result = simulator.run(network, accelerator);
    if (result.feasible()) expect_sound(result, accelerator);
  }
}

// Loading is IO port, bus and local memory once for each byte, with the clock running and the chip
// leaking; what is streamed is loaded by every inference alike.
TEST(Simulator, TheFirstInferenceLoadsTheWeightsThatAreKept) {
  Simulator simulator;
  const Network network = find_network("mobilenet_v2");
  auto accelerator = AcceleratorConfig::load(resolve_config("accelerators", "nahas_baseline"));
  for (const WeightPolicy policy :
       {WeightPolicy::kCached, WeightPolicy::kAuto, WeightPolicy::kStreamed}) {
    accelerator.weights = policy;
    accelerator.dram_efficiency = 1;
    accelerator.local_memory_mib = policy == WeightPolicy::kAuto ? 0.25 : 2;
    const SimulationResult run = simulator.run(network, accelerator);
    ASSERT_TRUE(run.feasible());
    const std::int64_t bytes = run.kept_weight_bytes;
    EXPECT_EQ(bytes, network.weight_bytes() - run.streamed_weight_bytes);
    EXPECT_EQ(bytes > 0, policy != WeightPolicy::kStreamed);
    EXPECT_EQ(run.weights_cached(), policy == WeightPolicy::kCached) << "auto keeps some";
    if (bytes == 0) {
      EXPECT_EQ(run.weight_load_cycles, 0);
      EXPECT_EQ(run.weight_load_energy.total(), 0);
      EXPECT_EQ(run.cold_latency_ms, run.latency_ms);
      continue;
    }
    const std::int64_t cycles = 160 + (bytes + 24) / 25;  // 20 GB/s at 0.8 GHz
    EXPECT_EQ(run.weight_load_cycles, cycles);
    EXPECT_DOUBLE_EQ(run.cold_latency_ms, run.latency_ms + static_cast<double>(cycles) / 0.8e6);
    const EnergyModel model(accelerator, Technology::load(resolve_config("technology", "16nm")));
    const double pj = model.pj(Event::kDramByte) + model.pj(Event::kIoByte) +
                      model.pj(Event::kInterconnectByte) + model.pj(Event::kLocalMemoryByte);
    const double time_pj =
        model.pj(Event::kCycle) + (model.leakage_mw() + model.dram_background_mw()) / 0.8;
    EXPECT_NEAR(run.weight_load_energy.total() / (1e-9 * (static_cast<double>(bytes) * pj +
                                                          static_cast<double>(cycles) * time_pj)),
                1, 1e-12);
  }
}

TEST(Simulator, WhatIsSlowestOnTheWayOfTheWeightsDecidesHowLongTheyLoad) {
  Simulator simulator;
  const Network network = find_network("mobilenet_v2");
  auto accelerator = AcceleratorConfig::load(resolve_config("accelerators", "nahas_baseline"));
  accelerator.weights = WeightPolicy::kCached;
  accelerator.broadcast_bytes_per_cycle = 8;
  const std::int64_t bytes = network.weight_bytes();
  EXPECT_EQ(simulator.run(network, accelerator).weight_load_cycles,
            (bytes + 7) / 8 + accelerator.interconnect_hop_cycles);
  // Twice the bandwidth, half the time, but for the latency.
  accelerator.broadcast_bytes_per_cycle = 256;
  std::int64_t before = simulator.run(network, accelerator).weight_load_cycles;
  for (const double gbps : {40, 80, 160}) {
    accelerator.io_bandwidth_gbps = gbps;
    const std::int64_t cycles = simulator.run(network, accelerator).weight_load_cycles;
    EXPECT_NEAR(static_cast<double>(cycles - 160), 0.5 * static_cast<double>(before - 160), 1);
    before = cycles;
  }
}

TEST(Simulator, AResultDoesNotDependOnTheRunsBefore) {
  const Network network = find_network("mobilenet_v3_large");
  const AcceleratorConfig accelerator;
  Simulator used, fresh;
  const std::string first = simulation_json(network, accelerator, used.run(network, accelerator));
  Rng rng(5);
  for (int i = 0; i < 20; ++i)
    used.run(test::random_layer_network(rng), test::random_accelerator(rng));
  EXPECT_EQ(simulation_json(network, accelerator, used.run(network, accelerator)), first);
  EXPECT_EQ(simulation_json(network, accelerator, fresh.run(network, accelerator)), first);
}

/// ResNet-50 with so many channels in its bottlenecks, of which a Coral board keeps a part.
Network pruned_resnet_50(int percent) {
  const auto of = [&](int channels) { return std::to_string(channels * percent / 100 / 8 * 8); };
  std::string text =
      "schema: dovetail.network/1\nname: pruned\ninput: {height: 224, width: 224, channels: 3}\n"
      "defaults: act=relu\nblocks:\n  - conv k=7 s=2 c=64\n  - maxpool k=3 s=2\n";
  const int wide[] = {64, 128, 256, 512}, repeats[] = {3, 4, 6, 3};
  for (int i = 0; i < 4; ++i) {
    text += "  - bottleneck" + std::string(i > 0 ? " s=2" : "") + " h=" + of(wide[i]) +
            " c=" + of(4 * wide[i]) + " n=" + std::to_string(repeats[i]) + "\n";
  }
  return read_network(YamlNode::parse(text + "  - pool\n  - fc c=100\n", "pruned"));
}

// A ResNet-50 pruned to several sizes took 1.316 ms + 3.246 ms a MiB off chip on a Coral USB stick
// (R2 0.9998), while its multiply-accumulates fell by 78 %: weights that are not kept stream behind
// the computing, at 0.323 GB/s.
TEST(Simulator, LatencyOfAStreamingNetworkGrowsWithTheWeightsOffChip) {
  AcceleratorConfig coral = AcceleratorConfig::load(resolve_config("accelerators", "coral_usb"));
  coral.io_bandwidth_gbps = 0.323;
  Simulator simulator(totals_only());
  std::vector<double> off_chip_mib, latency_ms;
  for (const int percent : {100, 95, 90, 85, 80, 75, 70}) {
    const SimulationResult result = simulator.run(pruned_resnet_50(percent), coral);
    ASSERT_TRUE(result.feasible()) << result.reason_text;
    ASSERT_GT(result.kept_weight_bytes, 0);
    off_chip_mib.push_back(static_cast<double>(result.streamed_weight_bytes) / 1048576);
    latency_ms.push_back(result.latency_ms);
  }
  const auto mean = [](const std::vector<double>& x) {
    return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
  };
  const double mean_mib = mean(off_chip_mib), mean_ms = mean(latency_ms);
  double together = 0, alone = 0;
  for (std::size_t i = 0; i < off_chip_mib.size(); ++i) {
    together += (off_chip_mib[i] - mean_mib) * (latency_ms[i] - mean_ms);
    alone += (off_chip_mib[i] - mean_mib) * (off_chip_mib[i] - mean_mib);
  }
  EXPECT_GT(off_chip_mib.front() - off_chip_mib.back(), 5);
  EXPECT_NEAR(together / alone, 3.246, 0.05 * 3.246);
}

TEST(Simulator, WeightsAheadAreNeverSlower) {
  Simulator simulator(totals_only());
  Rng rng(21);
  int cases = 0, faster = 0;
  for (const char* name : {"mobilenet_v2", "efficientnet_b0", "resnet_18"}) {
    const Network network = find_network(name);
    for (int i = 0; i < 12; ++i) {
      AcceleratorConfig accelerator = test::random_accelerator(rng);
      if (i % 2 == 0) accelerator.local_memory_mib = 0.125;
      accelerator.weights = WeightPolicy::kStreamed;
      accelerator.weight_prefetch_layers = 0;
      const SimulationResult plain = simulator.run(network, accelerator);
      accelerator.weight_prefetch_layers = 1000;
      const SimulationResult ahead = simulator.run(network, accelerator);
      ASSERT_EQ(plain.feasible(), ahead.feasible());
      if (!plain.feasible()) continue;
      ++cases;
      EXPECT_LE(static_cast<double>(ahead.cycles), 1.001 * static_cast<double>(plain.cycles))
          << name << "\n"
          << accelerator.to_yaml();
      EXPECT_EQ(ahead.activity.io_bytes, plain.activity.io_bytes);
      EXPECT_GE(static_cast<double>(ahead.cycles),
                static_cast<double>(ahead.activity.io_bytes) / accelerator.io_bytes_per_cycle());
      faster += static_cast<double>(ahead.cycles) < 0.98 * static_cast<double>(plain.cycles);
    }
  }
  EXPECT_GT(cases, 25);
  EXPECT_GT(faster, cases / 2);
}

TEST(Simulator, MoreIoBandwidthIsNeverSlowerOnTheZoo) {
  Simulator simulator;
  for (const ZooEntry& entry : list_zoo()) {
    const Network network = load_network(entry.file);
    std::int64_t before = 0;
    for (const double gbps : {25.0, 20.0, 15.0, 10.0, 5.0}) {
      AcceleratorConfig accelerator;
      accelerator.io_bandwidth_gbps = gbps;
      accelerator.weights = WeightPolicy::kStreamed;
      const std::int64_t cycles = simulator.run(network, accelerator).cycles;
      EXPECT_GE(cycles, before) << entry.name << " at " << gbps << " GB/s";
      before = cycles;
    }
  }
}

TEST(Simulator, SqueezeAndExciteIsASerialChain) {
  // Each step of the chain is a layer of its own with its own launch.
  Simulator simulator;
  const Network network = find_network("efficientnet_b0");
  const AcceleratorConfig accelerator;
  const SimulationResult result = simulator.run(network, accelerator);
  int pools = 0, launches = 0;
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    pools += result.layers[i].op == "global_average_pool";
    launches += result.layers[i].breakdown.stall_launch >= accelerator.layer_launch_cycles;
  }
  EXPECT_EQ(pools, 17);  // 16 blocks and the head
  EXPECT_EQ(launches, static_cast<int>(result.layers.size()));
}

TEST(Simulator, CoralCompilerEstimatesAreMetWithinTenPercent) {
  // Field `estimated_cycles` of Google's models compiled for the Edge TPU (accelerator.md, 6.2).
  const std::pair<const char*, double> published[] = {
      {"mobilenetv1_0.25_128", 21568}, {"mobilenetv1_0.5_160", 117088}, {"mobilenet_v2", 458040}};
  const auto accelerator =
      AcceleratorConfig::load(resolve_config("accelerators", "coral_edge_tpu"));
  Simulator simulator;
  for (const auto& [name, cycles] : published) {
    const auto simulated = simulator.run(find_network(name), accelerator).cycles;
    EXPECT_NEAR(static_cast<double>(simulated) / cycles, 1, 0.10) << name;
  }
}

TEST(Simulator, MoreMapperEffortIsNeverSlower) {
  int faster = 0;
  for (const char* name : {"mobilenet_v2", "mobilenet_v3_large", "resnet_18"}) {
    const Network network = find_network(name);
    std::int64_t before = 0;
    for (int effort = 1; effort <= kMostMapperEffort; ++effort) {
      SimulatorOptions options;
      options.effort = effort;
      const SimulationResult result = Simulator(options).run(network, AcceleratorConfig{});
      ASSERT_TRUE(result.feasible());
      expect_sound(result, AcceleratorConfig{});
      if (effort > 1) {
        EXPECT_LE(result.cycles, before) << name << " at effort " << effort;
        faster += result.cycles < before;
      }
      before = result.cycles;
    }
  }
  EXPECT_GT(faster, 0);
}

// Neither within a network nor from one network to the next on the same accelerator.
TEST(Simulator, ReuseOfMappingsChangesNothing) {
  const NetworkSpace networks = NetworkSpace::load(resolve_config("spaces", "ofa_mbv3"));
  SimulatorOptions without;
  without.reuse = false;
  Simulator with_reuse, without_reuse(without);
  Rng rng(99);
  AcceleratorConfig accelerator;
  for (int i = 0; i < 2000; ++i) {
    const Network network = networks.build(networks.decisions().sample(rng));
    if (i < 1000 || i % 10 == 0) accelerator = test::random_accelerator(rng);
    if (i % 100 == 0) {
      accelerator.weights = WeightPolicy::kAuto;
      accelerator.weight_prefetch_layers = 1000;
    }
    ASSERT_EQ(simulation_json(network, accelerator, with_reuse.run(network, accelerator)),
              simulation_json(network, accelerator, without_reuse.run(network, accelerator)))
        << i;
  }
}

TEST(Simulator, UnknownTechnologyIsAnError) {
  EXPECT_THROW(Simulator({.technology = "16mn"}), InputError);
}

}  // namespace
}  // namespace dovetail
