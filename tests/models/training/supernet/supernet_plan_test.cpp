#include "models/training/supernet/supernet_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/files/paths.h"
#include "base/numbers/random.h"

namespace dovetail {
namespace {

std::shared_ptr<const NetworkSpace> space_called(const std::string& name) {
  return std::make_shared<NetworkSpace>(NetworkSpace::load(resolve_config("spaces", name)));
}

/// The shared tensor of each tensor of a network, by name.
std::map<std::string, std::size_t> tensors_by_name(const SubNetwork& network) {
  std::map<std::string, std::size_t> tensors;
  for (const SubNetwork::Part& part : network.parts) tensors[part.spec.name] = part.tensor;
  return tensors;
}

/// Depth, kernels, expansions, widths and identities of the spaces that come with the program.
class SupernetOfTest : public testing::TestWithParam<const char*> {};

TEST_P(SupernetOfTest, EveryNetworkHasItsTensorsInTheSharedOnesOnce) {
  const auto space = space_called(GetParam());
  const SupernetPlan plan(space);
  Rng rng(7);
  for (int i = 0; i < 100; ++i) {
    const Choices choices = space->decisions().sample(rng);
    const SubNetwork network = plan.sub_network(choices);
    std::int64_t numbers = 0;
    std::set<std::size_t> used;
    for (const SubNetwork::Part& part : network.parts) {
      numbers += static_cast<std::int64_t>(part.spec.elements());
      EXPECT_TRUE(used.insert(part.tensor).second) << part.spec.name << " shares with itself";
      const ParameterSpec& whole = plan.tensors()[part.tensor];
      ASSERT_EQ(part.spec.dims.size(), whole.dims.size());
      for (std::size_t d = 0; d < whole.dims.size(); ++d) {
        EXPECT_LE(part.spec.dims[d], whole.dims[d]) << part.spec.name;
      }
      // The centre of a kernel is one only if what is left over is the same on both sides.
      for (std::size_t d = 2; d < whole.dims.size(); ++d) {
        EXPECT_EQ((whole.dims[d] - part.spec.dims[d]) % 2, 0);
      }
    }
    EXPECT_EQ(numbers, network.network.parameters());
  }
  // No network has more numbers than the largest.
  const std::int64_t most = plan.sub_network(plan.largest()).network.parameters();
  for (int i = 0; i < 100; ++i) {
    EXPECT_LE(space->build(space->decisions().sample(rng)).parameters(), most);
  }
}

INSTANTIATE_TEST_SUITE_P(Spaces, SupernetOfTest,
                         testing::Values("fashion_tiny", "fashion_small", "nas_bench_macro",
                                         "ofa_mbv3", "anb_effnet", "nahas_s1", "nahas_s2"));

TEST(SupernetPlan, AlternativesOfAPlaceShareAndPlacesDoNot) {
  const auto space = space_called("fashion_tiny");
  const SupernetPlan plan(space);
  EXPECT_EQ(plan.largest(), (Choices{3, 4, 3, 4, 4, 3, 4, 4}));
  const auto small = tensors_by_name(plan.sub_network(Choices(8, 0)));  // l1, l3, l4, ...: identity
  const auto large = tensors_by_name(plan.sub_network(plan.largest()));
  EXPECT_EQ(small.at("blocks.0.dw.weight"), large.at("blocks.0.dw.weight"));
  // With three layers less the second block of the small one stands where the third of the large
  // is.
  EXPECT_EQ(small.at("blocks.1.project.weight"), large.at("blocks.2.project.weight"));
  EXPECT_EQ(small.at("fc.weight"), large.at("fc.weight"));
  EXPECT_NE(small.at("blocks.0.project.weight"), small.at("blocks.1.project.weight"));
}

TEST(SupernetPlan, BlocksOfDifferentKindsShareNothing) {
  const auto space = std::make_shared<NetworkSpace>(NetworkSpace::parse(R"(
schema: dovetail.network_space/1
name: kinds
input: {height: 8, width: 8, channels: 3}
defaults: act=relu
decisions:
  - {name: op, choices: [mb, fused]}
blocks:
  - conv k=3 c=8 name=stem
  - mb k=3 e=4 c=8 when $op == mb
  - fused k=3 e=4 c=8 when $op == fused
  - pool
  - fc c=4
)",
                                                                        "kinds.yaml"));
  const SupernetPlan plan(space);
  const auto mb = tensors_by_name(plan.sub_network({0})),
             fused = tensors_by_name(plan.sub_network({1}));
  EXPECT_NE(mb.at("blocks.0.project.weight"), fused.at("blocks.0.project.weight"));
  EXPECT_EQ(mb.at("stem.weight"), fused.at("stem.weight"));
}

}  // namespace
}  // namespace dovetail
