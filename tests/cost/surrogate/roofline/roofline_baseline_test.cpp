#include "cost/surrogate/roofline/roofline_baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/files/paths.h"
#include "base/numbers/random.h"
#include "base/text/error.h"
#include "cost/surrogate/roofline/roofline_bound.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

constexpr RooflineRoof kWhole = RooflineRoof::kComputeAndIo;

NetworkSpace network_space(const std::string& name) {
  return NetworkSpace::load(resolve_config("spaces", name));
}

DesignSpace design_space(const std::string& name) {
  return DesignSpace::load(resolve_config("spaces", name));
}

/// Random pairs of two spaces.
struct DrawnPairs {
  DrawnPairs(const DecisionSpace& networks, const DecisionSpace& accelerators, std::size_t count) {
    Rng rng(7);
    for (std::size_t i = 0; i < count; ++i) {
      network.push_back(networks.sample(rng));
      hardware.push_back(accelerators.sample(rng));
    }
  }
  std::vector<Choices> network, hardware;
};

// Each block line is looked at alone and kept: the sum must be that of the network in one piece.
TEST(RooflineBaseline, IsTheRooflineOfTheNetworkThatIsBuilt) {
  const DesignSpace accelerators = design_space("nahas_edge");
  const Technology technology = Technology::load(resolve_config("technology", "16nm"));
  for (const char* name : {"ofa_mbv3", "ofa_mbv3_sizes", "nahas_s1", "nahas_s2", "edge_fused",
                           "anb_effnet", "nas_bench_macro", "fashion_tiny"}) {
    const NetworkSpace networks = network_space(name);
    const auto baseline = make_roofline_baseline(networks, accelerators, "16nm", kWhole);
    const DrawnPairs pairs(networks.decisions(), accelerators.decisions(), 60);
    const std::vector<CostBaseline> found = baseline->of(pairs.network, pairs.hardware);
    ASSERT_EQ(found.size(), 60U);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const Network network = networks.build(pairs.network[i]);
      const AcceleratorConfig accelerator = accelerators.decode(pairs.hardware[i]);
      const LayerGroup whole(network);
      const LayerGroup* const all = &whole;
      const RooflineBound bound = roofline_bound({&all, 1}, RooflineRates(accelerator));
      ASSERT_EQ(found[i].latency_ms, roofline_ms(network, accelerator)) << name;
      ASSERT_EQ(found[i].energy_mj, RooflineEnergy(accelerator, technology).mj(bound)) << name;
    }
  }
}

TEST(RooflineBaseline, WhatWasAskedBeforeChangesNothing) {
  const NetworkSpace networks = network_space("ofa_mbv3");
  const DesignSpace accelerators = design_space("nahas_edge");
  const auto asked = make_roofline_baseline(networks, accelerators, "16nm", kWhole),
             fresh = make_roofline_baseline(networks, accelerators, "16nm", kWhole);
  const DrawnPairs pairs(networks.decisions(), accelerators.decisions(), 40);
  const std::vector<CostBaseline> first = asked->of(pairs.network, pairs.hardware);
  for (std::size_t i = pairs.network.size(); i-- > 0;) {
    const std::span<const Choices> network(&pairs.network[i], 1), hardware(&pairs.hardware[i], 1);
    for (const auto& baseline : {asked, fresh}) {
      const CostBaseline again = baseline->of(network, hardware).front();
      EXPECT_EQ(again.latency_ms, first[i].latency_ms);
      EXPECT_EQ(again.energy_mj, first[i].energy_mj);
    }
  }
}

TEST(RooflineBaseline, TextGivesTheSameFigures) {
  const NetworkSpace networks = network_space("edge_fused");
  const DesignSpace accelerators = design_space("nahas_edge");
  const auto made = make_roofline_baseline(networks, accelerators, "7nm", RooflineRoof::kCompute);
  const auto read =
      RooflineBaseline::from_json_text(made->to_json_text(), "m.h5", RooflineRoof::kCompute);
  EXPECT_EQ(read->to_json_text(), made->to_json_text());
  const DrawnPairs pairs(networks.decisions(), accelerators.decisions(), 20);
  const auto a = made->of(pairs.network, pairs.hardware),
             b = read->of(pairs.network, pairs.hardware);
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].latency_ms, b[i].latency_ms);
    EXPECT_EQ(a[i].energy_mj, b[i].energy_mj);
  }
}

TEST(RooflineBaseline, OtherTextIsRefused) {
  const std::string text =
      make_roofline_baseline(network_space("ofa_mbv3"), design_space("nahas_edge"), "16nm", kWhole)
          ->to_json_text();
  const auto error = [&](const std::function<void(nlohmann::json&)>& change) {
    nlohmann::json node = nlohmann::json::parse(text);
    change(node);
    return message_of<InputError>(
        [&] { RooflineBaseline::from_json_text(node.dump(), "m.h5", kWhole); });
  };
  EXPECT_THAT(error([](auto& n) { n["technology"]["node_nm"] = -3; }),
              HasSubstr("m.h5: technology: node_nm: found -3, allowed 1 to 1000"));
  EXPECT_THAT(error([](auto& n) { n["technology"].erase("node_nm"); }), HasSubstr("node_nm"));
  EXPECT_THAT(error([](auto& n) { n.erase("network_space"); }), HasSubstr("network_space"));
  EXPECT_THAT(error([](auto& n) { n["network_space"] = 3; }), HasSubstr("m.h5"));
  EXPECT_THAT(error([](auto& n) { n["hardware_space"] = "name: x"; }), HasSubstr("m.h5"));
  EXPECT_THAT(error([](auto& n) {
                n["hardware_space"] =
                    "schema: dovetail.design_space/1\nname: s\nbase: /etc/fstab\n"
                    "decisions: [{name: pes_x, choices: [1]}]\n";
              }),
              HasSubstr("allowed here is the accelerator itself"));
  EXPECT_THAT(message_of<InputError>([] { RooflineBaseline::from_json_text("{", "m.h5", kWhole); }),
              HasSubstr("m.h5: not a roofline"));
}

TEST(RooflineBaseline, TheComputeRoofIsThatOfAChipThatKeepsEverything) {
  const NetworkSpace networks = network_space("ofa_mbv3");
  const DesignSpace accelerators = design_space("nahas_edge");
  const auto whole = make_roofline_baseline(networks, accelerators, "16nm", kWhole),
             compute =
                 make_roofline_baseline(networks, accelerators, "16nm", RooflineRoof::kCompute);
  const DrawnPairs pairs(networks.decisions(), accelerators.decisions(), 60);
  const auto a = whole->of(pairs.network, pairs.hardware),
             b = compute->of(pairs.network, pairs.hardware);
  std::size_t lower = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_LE(b[i].latency_ms, a[i].latency_ms);
    EXPECT_LE(b[i].energy_mj, a[i].energy_mj);
    lower += b[i].latency_ms < a[i].latency_ms;
    AcceleratorConfig roomy = accelerators.decode(pairs.hardware[i]);
    roomy.local_memory_mib = 1024;
    EXPECT_EQ(b[i].latency_ms, roofline_ms(networks.build(pairs.network[i]), roomy));
  }
  EXPECT_GT(lower, 0U);
}

TEST(RooflineBaseline, APointWithoutANetworkHasNone) {
  const NetworkSpace networks = NetworkSpace::parse(R"(schema: dovetail.network_space/1
name: grouped
input: {height: 16, width: 16, channels: 3}
defaults: act=relu6
decisions:
  - {name: c, choices: [16, 24, 32]}
  - {name: g, choices: [1, 16]}
blocks:
  - conv k=3 s=2 c=$c name=stem
  - conv k=3 c=32 g=$g name=middle
  - pool
  - fc c=10
)",
                                                    "grouped.yaml");
  const DesignSpace accelerators = design_space("nahas_edge");
  const auto baseline = make_roofline_baseline(networks, accelerators, "16nm", kWhole);
  const std::vector<Choices> network = {{0, 1}, {1, 1}, {1, 0}};
  const std::vector<Choices> hardware(3, Choices(accelerators.decisions().size(), 0));
  EXPECT_THROW(networks.build(network[1]), InputError);
  const std::vector<CostBaseline> found = baseline->of(network, hardware);
  EXPECT_GT(found[0].latency_ms, 0);
  EXPECT_TRUE(std::isnan(found[1].latency_ms));
  EXPECT_TRUE(std::isnan(found[1].energy_mj));
  EXPECT_GT(found[2].energy_mj, 0);
}

}  // namespace
}  // namespace dovetail
