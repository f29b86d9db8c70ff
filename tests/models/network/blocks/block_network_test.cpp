#include "models/network/blocks/block_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/network/zoo.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

// Every network of the zoo is the same network by its blocks, and by the file that these write.
TEST(BlockNetwork, IsTheNetworkThatItsFileSays) {
  for (const ZooEntry& entry : list_zoo()) {
    const Network network = find_network(entry.name);
    const BlockNetwork blocks = find_block_network(entry.name);
    const Network built = blocks.build();
    EXPECT_EQ(built.layers(), network.layers()) << entry.name;
    EXPECT_EQ(built.name(), network.name());
    EXPECT_EQ(built.published.top1_percent, network.published.top1_percent) << entry.name;
    const Network again = read_network(YamlNode::parse(blocks.to_yaml(), "n.yaml"));
    EXPECT_EQ(again.layers(), network.layers()) << entry.name;
  }
}

TEST(BlockNetwork, IsFoundByEveryNameThatANetworkHas) {
  EXPECT_EQ(find_block_network("mobilenet_v2").name, "mobilenetv2_1.0_224");
  EXPECT_EQ(find_block_network("mobilenet_v2@96px").input.height, 96);
  const std::string point =
      "nas_bench_macro:l0=e3k3,l1=e3k3,l2=e6k5,l3=identity,l4=e3k3,l5=e3k3,l6=e3k3,l7=e3k3";
  EXPECT_EQ(find_block_network(point).build().layers(), find_network(point).layers());
  EXPECT_THAT(input_error([] { find_block_network("mobilenet_v9"); }),
              testing::HasSubstr("unknown network 'mobilenet_v9'"));
}

TEST(BlockNetwork, RefusesAFullyConnectedLayerOfAnImage) {
  BlockNetwork network = find_block_network("mobilenet_v2");
  std::erase_if(network.blocks, [](const Block& b) { return b.kind == BlockKind::kGlobalPool; });
  EXPECT_THAT(input_error([&] { network.build(); }),
              testing::HasSubstr("fc needs a 1x1 input and gets 7x7"));
}

}  // namespace
}  // namespace dovetail
