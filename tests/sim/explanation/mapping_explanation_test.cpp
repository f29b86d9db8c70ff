#include "sim/explanation/mapping_explanation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/files/paths.h"
#include "models/network/zoo.h"
#include "tests/base/files/test_files.h"
#include "tests/sim/random_cases.h"

namespace dovetail {
namespace {

double product_of(const std::vector<UtilizationFactor>& factors) {
  double product = 1;
  for (const UtilizationFactor& factor : factors) {
    EXPECT_LE(factor.share, 1 + 1e-9) << factor.what;
    EXPECT_GT(factor.share, 0) << factor.what;
    product *= factor.share;
  }
  return product;
}

/// The factors lead from operations at the peak to what the simulation reports, to the cycle.
void expect_exact(const MappingExplanation& e, const AcceleratorConfig& accelerator) {
  const std::int64_t simulated = e.simulated.breakdown.compute;
  if (e.factors.empty()) {
    EXPECT_EQ(simulated, 0) << e.simulated.name;
    return;
  }
  if (e.geometry.macs > 0) {
    EXPECT_EQ(e.operations, e.geometry.macs) << e.simulated.name;
  }
  const double cycles =
      static_cast<double>(e.operations) / accelerator.peak_macs_per_cycle() / product_of(e.factors);
  EXPECT_NEAR(cycles, static_cast<double>(simulated), 1e-9 * cycles + 1e-5)
      << e.simulated.name << " " << e.simulated.mapping;
}

/// The loops of the array as a whole: what they would execute if every edge were whole.
void expect_covers(const MappingExplanation& e, const AcceleratorConfig& accelerator) {
  const LayerGeometry& g = e.geometry;
  double in_space = 1, in_time = 1, channels = 1, positions = 1, inputs = 1;
  for (const MappingLoop& loop : e.loops) {
    const auto count = static_cast<double>(loop.count);
    (loop.parallel ? in_space : in_time) *= count;
    if (loop.axis == LoopAxis::kChannels) {
      channels *= count;
    } else if (loop.axis == LoopAxis::kInputChannels || loop.axis == LoopAxis::kWindow) {
      inputs *= count;
    } else {
      positions *= count;
    }
  }
  const bool pooled = g.kind == WorkKind::kGlobalPool;
  EXPECT_GE(channels, g.out_c);
  EXPECT_GE(positions, pooled ? g.in_h * g.in_w : g.out_h * g.out_w);
  EXPECT_LE(in_space, accelerator.peak_macs_per_cycle());
  if (e.factors.empty()) return;
  EXPECT_GE(inputs, g.taps() * g.reduction_channels());
  // What is not parallel takes its time, and each tile a whole number of cycles; edges less.
  const LaneOption lanes = *lane_option(g, accelerator, e.rivals[0].mapping.lanes);
  double all_whole = in_time / static_cast<double>(lanes.steps) * lanes.block_cycles +
                     e.rivals[0].mapping.tiling.count();
  const UtilizationFactor& last = e.factors.back();
  if (last.what.starts_with("partial sums")) all_whole /= last.share;
  EXPECT_GE(all_whole * (1 + 1e-9), static_cast<double>(e.simulated.breakdown.compute));
}

TEST(MappingExplanation, FactorsLeadToTheSimulatedCyclesOfRandomLayers) {
  Rng rng(12);
  int explained = 0, cut = 0, idle = 0, waiting = 0;
  for (int i = 0; i < 600; ++i) {
    Network network = i % 2 == 0 ? test::random_layer_network(rng) : test::random_single_layer(rng);
    AcceleratorConfig accelerator = test::random_accelerator(rng);
    if (i % 3 == 0) accelerator.local_memory_mib = 0.05;  // cuts layers into many tiles
    if (i % 5 == 0) accelerator.activation_bytes_per_lane_cycle = 24;  // steps of 2.67 cycles
    if (i % 7 == 0) {  // to read the weights once, sums have to wait
      network = test::conv_network({14, 14, 1024}, 64, 3, 1, 1);
      accelerator.pes_x = accelerator.pes_y = accelerator.compute_lanes = 1;
      accelerator.simd_units = 64;
      accelerator.register_file_kib = 8;
      accelerator.io_bandwidth_gbps = 1;
      accelerator.local_memory_mib = 0.05 + 0.02 * static_cast<double>(i % 11);
    }
    SimulationResult result;
    for (const MappingExplanation& e : explain_mapping(network, accelerator, "", 1, result)) {
      expect_exact(e, accelerator);
      expect_covers(e, accelerator);
      explained += e.factors.empty() ? 0 : 1;
      if (e.factors.empty()) continue;
      cut += e.rivals[0].mapping.tiling.count() > 1 ? 1 : 0;
      for (const UtilizationFactor& factor : e.factors) {
        // Units idle in a tile are a class of their own, and so are sums that wait.
        idle += factor.what.starts_with("tiles") && factor.share < 1 ? 1 : 0;
        waiting += factor.what.starts_with("partial sums") ? 1 : 0;
      }
    }
  }
  EXPECT_GT(explained, 300);
  EXPECT_GT(cut, 80);
  EXPECT_GT(idle, 10);
  EXPECT_GT(waiting, 0);
}

TEST(MappingExplanation, FactorsLeadToTheSimulatedCyclesOfNetworks) {
  for (const char* preset : {"nahas_baseline", "coral_edge_tpu", "pixel6_like", "nvdla_256"}) {
    const auto accelerator = AcceleratorConfig::load(resolve_config("accelerators", preset));
    for (const char* name : {"mobilenet_v2", "resnet_18", "efficientnet_b0_224"}) {
      SimulationResult result;
      const auto layers = explain_mapping(find_network(name), accelerator, "", 1, result);
      ASSERT_EQ(layers.size(), result.layers.size()) << result.reason_text;
      for (const MappingExplanation& e : layers) {
        expect_exact(e, accelerator);
        expect_covers(e, accelerator);
      }
    }
  }
}

// A closed form: 7x7x960 -> 7x7x320 on 4x4 PEs, in tiles of 96 channels whose sums come in four
// parts. Of 16 PEs' 2x2 positions 49 of 64 are there, half of the units have two ways of four each.
TEST(MappingExplanation, FactorsOfACutReduction) {
  const AcceleratorConfig accelerator =
      AcceleratorConfig::load(resolve_config("accelerators", "nahas_baseline_streamed"));
  SimulationResult result;
  const auto layers =
      explain_mapping(find_network("mobilenet_v2"), accelerator, "blocks.16.project", 1, result);
  ASSERT_EQ(layers.size(), 1u);
  const MappingExplanation& e = layers[0];
  ASSERT_EQ(e.simulated.mapping,
            "PE 4r x 4c x 1k | lanes 1k x 4p | units 32k x 1p x 2w | tiles 1r x 4k x 4i (bands "
            "outside)");
  EXPECT_EQ(e.simulated.breakdown.compute, 10 * (480 + 10));
  const double expected[] = {49.0 / 64, 1, 1.0 / 2, 1, 1, 2.0 / 4, 1, 480.0 / 490};
  ASSERT_EQ(e.factors.size(), std::size(expected));
  for (std::size_t i = 0; i < e.factors.size(); ++i) {
    EXPECT_NEAR(e.factors[i].share, expected[i], 1e-12) << e.factors[i].what;
  }
}

TEST(MappingExplanation, TheFirstRivalIsWhatTheSimulatorRan) {
  const Network network = find_network("mobilenet_v3_large");
  const AcceleratorConfig accelerator;
  for (const int effort : {1, 3}) {
    SimulatorOptions options;
    options.effort = effort;
    Simulator simulator(options);
    const SimulationResult result = simulator.run(network, accelerator);
    SimulationResult explained;
    const auto explanations = explain_mapping(network, accelerator, "", effort, explained);
    ASSERT_EQ(explanations.size(), result.layers.size());
    EXPECT_EQ(explained.cycles, result.cycles);
    for (std::size_t i = 0; i < explanations.size(); ++i) {
      const TriedMapping& chosen = explanations[i].rivals[0];
      EXPECT_EQ(chosen.mapping.str(), result.layers[i].mapping);
      EXPECT_EQ(chosen.compute_cycles, result.layers[i].breakdown.compute);
      EXPECT_EQ(chosen.vector_cycles, result.layers[i].breakdown.vector);
      for (const TriedMapping& rival : explanations[i].rivals) {
        EXPECT_TRUE(!rival.fits ||
                    rival.mapping.predicted_cycles >= chosen.mapping.predicted_cycles);
      }
    }
  }
}

TEST(MappingExplanation, ADepthwiseLayerAndAnUnknownOne) {
  const Network network = find_network("mobilenet_v2");
  SimulationResult result;
  const auto one = explain_mapping(network, {}, "blocks.3.dw", 1, result);
  ASSERT_EQ(one.size(), 1u);
  const std::string text = explanation_text(one[0], {});
  for (const char* words :
       {"chosen", "slower", "1 of 4", "activations wanted", "parallel for", "3x3 taps"}) {
    EXPECT_NE(text.find(words), std::string::npos) << words << "\n" << text;
  }
  const std::string message =
      message_of<InputError>([&] { explain_mapping(network, {}, "blocks.3.dv", 1, result); });
  EXPECT_NE(message.find("did you mean 'blocks.3.dw'"), std::string::npos) << message;
}

TEST(MappingExplanation, AnInfeasibleNetworkHasAReason) {
  AcceleratorConfig accelerator;
  accelerator.register_file_kib = 0.5;
  SimulationResult result;
  EXPECT_TRUE(explain_mapping(find_network("mobilenet_v2"), accelerator, "", 1, result).empty());
  EXPECT_EQ(result.reason, InfeasibleReason::kRegisterFileTooSmall);
}

}  // namespace
}  // namespace dovetail
