#include "models/network/space/network_point.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/paths.h"
#include "base/numbers/random.h"
#include "models/network/zoo.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

NetworkSpace space(const std::string& name) {
  return NetworkSpace::load(resolve_config("spaces", name));
}

std::string refusal(const NetworkSpace& space, const BlockNetwork& network) {
  return message_of<InputError>([&] { point_of(space, network); });
}

/// A slot beyond the depth leads from one network to the same by several ways.
TEST(NetworkPoint, IsFoundOfWhateverASpaceBuilds) {
  Rng rng(7);
  for (const std::string& name : list_configs("spaces")) {
    if (name.find("nahas_s") == std::string::npos && name.find("nas_bench") == std::string::npos &&
        name.find("ofa_mbv3") == std::string::npos && name != "anb_effnet" &&
        name != "edge_fused") {
      continue;
    }
    const NetworkSpace networks = space(name);
    for (int i = 0; i < 20; ++i) {
      const Choices drawn = networks.decisions().sample(rng);
      const BlockNetwork network{"drawn", networks.build(drawn).input(), networks.blocks(drawn)};
      const Choices found = point_of(networks, network);
      EXPECT_EQ(networks.canonical_key(found), networks.canonical_key(drawn)) << name;
      EXPECT_EQ(networks.canonical(found), found) << name;
    }
  }
}

TEST(NetworkPoint, OfTheZooHasItsLayers) {
  for (const auto& [in, network] : {std::pair{"nahas_s1", "mobilenetv2_1.0_224"},
                                    {"nahas_s2", "efficientnet_b0_224"},
                                    {"nahas_s2", "efficientnet_lite0_224"},
                                    {"nahas_s2_b1", "efficientnet_b1_240"}}) {
    const NetworkSpace networks = space(in);
    const Network built = networks.build(point_of(networks, find_block_network(network)));
    EXPECT_EQ(built.layers(), find_network(network).layers()) << network;
  }
}

TEST(NetworkPoint, OfAnotherNetworkIsRefusedWithTheBlockThatNoChoiceGives) {
  const NetworkSpace s1 = space("nahas_s1");
  EXPECT_THAT(refusal(s1, find_block_network("mobilenetv2_1.3_224")),
              AllOf(HasSubstr("mobilenetv2_1.3_224"), HasSubstr("nahas_s1"),
                    HasSubstr("block 1 is 'conv k=3 s=2 c=40"), HasSubstr("nahas_s1.yaml:12")));
  EXPECT_THAT(refusal(space("edge_fused"), find_block_network("mobilenet_v2@200px")),
              HasSubstr("its input is 200x200x3, which no choice gives"));
  EXPECT_THAT(refusal(s1, find_block_network("mobilenet_v2@192px")),
              HasSubstr("192x192x3, not 224x224x3"));

  BlockNetwork shorter = find_block_network("mobilenet_v2"), longer = shorter;
  shorter.blocks.pop_back();
  EXPECT_THAT(refusal(s1, shorter), HasSubstr("it ends after block 20"));
  longer.blocks.push_back(longer.blocks.back());
  EXPECT_THAT(refusal(s1, longer),
              AllOf(HasSubstr("block 22 is 'fc"), HasSubstr("where the space has ended")));
}

/// Groups that do not divide the channels at one choice are no reason to refuse another.
TEST(NetworkPoint, PassesByChoicesThatBuildNothing) {
  const NetworkSpace networks = NetworkSpace::parse(
      "schema: dovetail.network_space/1\nname: grouped\ninput: {height: 8, width: 8, channels: 3}\n"
      "defaults: act=relu\ndecisions:\n  - {name: c, choices: [8, 12, 16]}\n"
      "  - {name: g, choices: [4, 8]}\nblocks:\n  - conv k=3 c=$c name=a\n"
      "  - conv k=3 c=16 g=$g name=b\n",
      "grouped.yaml");
  for (const Choices& choices : {Choices{0, 1}, Choices{1, 0}, Choices{2, 1}}) {
    const BlockNetwork network{"drawn", {8, 8, 3}, networks.blocks(choices)};
    EXPECT_EQ(point_of(networks, network), choices);
  }
}

}  // namespace
}  // namespace dovetail
