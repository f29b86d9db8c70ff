#include "models/network/blocks/scaled_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/network/zoo.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ScalableNetwork scalable(const std::string& name) {
  return ScalableNetwork(find_block_network(name));
}

TEST(ScaledBlocks, FindsTheStagesOfMobileNetV2) {
  const ScalableNetwork network = scalable("mobilenetv2_0.5_160");
  EXPECT_EQ(network.scale().resolution, 160);
  EXPECT_THAT(network.scale().blocks, ElementsAre(1, 1, 2, 3, 4, 3, 3, 1));
  EXPECT_THAT(network.scale().channels, ElementsAre(16, 8, 16, 16, 32, 48, 80, 160));
  EXPECT_TRUE(network.stages()[0].stem);
  EXPECT_FALSE(network.stages()[1].stem);
  EXPECT_EQ(network.stages()[4].reduction, 16);
  EXPECT_EQ(network.stages()[7].reduction, 32);
}

TEST(ScaledBlocks, GivesBackTheNetworkAtItsOwnScale) {
  for (const ZooEntry& entry : list_zoo()) {
    const ScalableNetwork network = scalable(entry.name);
    EXPECT_EQ(network.at(network.scale(), entry.name).build().layers(),
              find_network(entry.name).layers())
        << entry.name;
  }
}

// Published networks of one family are the scales of one another, but for the head above width 1.
TEST(ScaledBlocks, ScalesOneMemberOfAFamilyIntoAnother) {
  const ScalableNetwork from = scalable("mobilenetv2_0.5_160");
  for (const char* name : {"mobilenetv2_1.0_224", "mobilenetv2_0.35_96", "mobilenetv2_0.75_192"}) {
    EXPECT_EQ(from.at(scalable(name).scale(), name).build().layers(), find_network(name).layers())
        << name;
  }
  const ScalableNetwork a1 = scalable("mnasnet_a1_0.5_224");  // with squeeze-and-excite
  EXPECT_EQ(a1.at(scalable("mnasnet_a1_1.0_128").scale(), "").build().layers(),
            find_network("mnasnet_a1_1.0_128").layers());
}

TEST(ScaledBlocks, AddsBlocksThatKeepSizeAndChannels) {
  const ScalableNetwork network = scalable("mobilenetv2_0.5_160");
  NetworkScale scale = network.scale();
  scale.blocks[7] = 3;  // of one block, with another number of channels than its input
  const BlockNetwork deeper = network.at(scale, "deeper");
  const std::vector<int> stages = network.stage_of_blocks(scale);
  ASSERT_EQ(stages.size(), deeper.blocks.size());
  EXPECT_EQ(std::ranges::count(stages, 7), 3);
  EXPECT_EQ(std::ranges::count(stages, -1), 3);  // head, pool, fc
  const Block& last = deeper.blocks[deeper.blocks.size() - 4];
  EXPECT_EQ(last.channels, 160);
  EXPECT_EQ(last.hidden, 960);
  EXPECT_EQ(last.stride, 1);
  const Network built = deeper.build();
  EXPECT_EQ(built.layers().size(), network.base().build().layers().size() + 2 * 4);  // with add
  scale = network.scale();
  scale.blocks[2] = 1;
  EXPECT_EQ(network.at(scale, "").blocks.size(), network.base().blocks.size() - 1);
  EXPECT_EQ(network.at(scale, "").blocks[2].stride, 2);
}

TEST(ScaledBlocks, RefusesWhatIsNoScale) {
  const ScalableNetwork network = scalable("mobilenetv2_0.5_160");
  const auto refusal = [&](auto change) {
    NetworkScale scale = network.scale();
    change(scale);
    return input_error([&] { network.at(scale, ""); });
  };
  EXPECT_THAT(refusal([](NetworkScale& s) { s.channels[3] = 0; }), HasSubstr("8 stages"));
  EXPECT_THAT(refusal([](NetworkScale& s) { s.blocks[0] = 2; }),
              HasSubstr("one block for the stem"));
  EXPECT_THAT(refusal([](NetworkScale& s) { s.blocks.pop_back(); }), HasSubstr("8 stages"));
  EXPECT_THAT(refusal([](NetworkScale& s) { s.resolution = 0; }), HasSubstr("8 stages"));
  BlockNetwork flat{"flat", {1, 1, 8}, {}};
  flat.blocks.push_back({});
  flat.blocks.back().kind = BlockKind::kFullyConnected;
  EXPECT_THAT(input_error([&] { ScalableNetwork{flat}; }), HasSubstr("found no stage"));
}

}  // namespace
}  // namespace dovetail
