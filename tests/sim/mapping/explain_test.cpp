#include "sim/mapping/explain.h"

#include <gtest/gtest.h>

#include "models/network/zoo.h"
#include "sim/simulator.h"
#include "tests/base/files/test_files.h"
#include "tests/sim/random_cases.h"

namespace dovetail {
namespace {

TEST(Explain, FactorsMultiplyToTheUtilisation) {
  Rng rng(12);
  int explained = 0;
  for (int i = 0; i < 200; ++i) {
    const Network network = test::random_layer_network(rng);
    const AcceleratorConfig accelerator = test::random_accelerator(rng);
    std::optional<Infeasible> infeasible;
    for (const MappingExplanation& e : explain_mapping(network, accelerator, "", 1, infeasible)) {
      if (e.factors.empty() || e.geometry.table_activation) continue;
      double product = 1;
      for (const UtilizationFactor& factor : e.factors) {
        EXPECT_LE(factor.share, 1 + 1e-9) << factor.what;
        EXPECT_GT(factor.share, 0) << factor.what;
        product *= factor.share;
      }
      const LaneSplit& lanes = e.rivals[0].mapping.lanes;
      const PeTileCost cost =
          pe_tile_cost(e.geometry, accelerator, *lane_option(e.geometry, accelerator, lanes),
                       pe_share(e.geometry, e.rivals[0].mapping.pes));
      const double expected =
          static_cast<double>(e.geometry.macs) /
          (accelerator.peak_macs_per_cycle() * static_cast<double>(cost.cycles));
      // Cycles are rounded up to whole ones.
      EXPECT_NEAR(product / expected, 1, 1.5 / static_cast<double>(cost.cycles)) << e.layer;
      ++explained;
    }
  }
  EXPECT_GT(explained, 80);
}

TEST(Explain, TheFirstRivalIsWhatTheSimulatorRan) {
  const Network network = find_network("mobilenet_v3_large");
  const AcceleratorConfig accelerator;
  std::optional<Infeasible> infeasible;
  const auto explanations = explain_mapping(network, accelerator, "", 1, infeasible);
  Simulator simulator;
  const SimulationResult result = simulator.run(network, accelerator);
  ASSERT_EQ(explanations.size(), result.layers.size());
  for (std::size_t i = 0; i < explanations.size(); ++i) {
    EXPECT_EQ(explanations[i].rivals[0].mapping.str(), result.layers[i].mapping);
    for (const TriedMapping& rival : explanations[i].rivals) {
      EXPECT_TRUE(!rival.fits || rival.mapping.predicted_cycles >=
                                     explanations[i].rivals[0].mapping.predicted_cycles);
    }
  }
}

TEST(Explain, ADepthwiseLayerAndAnUnknownOne) {
  const Network network = find_network("mobilenet_v2");
  std::optional<Infeasible> infeasible;
  const auto one = explain_mapping(network, {}, "blocks.3.dw", 1, infeasible);
  ASSERT_EQ(one.size(), 1u);
  const std::string text = explanation_text(one[0], {});
  for (const char* words : {"chosen", "slower", "1 of 4", "activations wanted"}) {
    EXPECT_NE(text.find(words), std::string::npos) << words << "\n" << text;
  }
  const std::string message =
      message_of<InputError>([&] { explain_mapping(network, {}, "blocks.3.dv", 1, infeasible); });
  EXPECT_NE(message.find("did you mean 'blocks.3.dw'"), std::string::npos) << message;
}

TEST(Explain, AnInfeasibleNetworkHasAReason) {
  AcceleratorConfig accelerator;
  accelerator.register_file_kib = 0.5;
  std::optional<Infeasible> infeasible;
  EXPECT_TRUE(
      explain_mapping(find_network("mobilenet_v2"), accelerator, "", 1, infeasible).empty());
  ASSERT_TRUE(infeasible);
  EXPECT_EQ(infeasible->reason, InfeasibleReason::kRegisterFileTooSmall);
}

}  // namespace
}  // namespace dovetail
