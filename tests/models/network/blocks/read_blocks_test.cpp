#include "models/network/blocks/read_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "models/network/zoo.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

std::vector<std::string> texts(const BlockNetwork& network) {
  std::vector<std::string> texts;
  for (Block block : network.blocks) {
    block.name = "";
    texts.emplace_back();
    append_text(texts.back(), block);
  }
  return texts;
}

bool is_residual(const Block& block) {
  return block.kind == BlockKind::kBasic || block.kind == BlockKind::kBottleneck;
}

// What block lines wrote is read back as the same block lines, for every network of the zoo but the
// residual ones, whose shortcuts are no chain.
TEST(ReadBlocks, GivesBackTheBlocksOfTheZoo) {
  int read = 0;
  for (const ZooEntry& entry : list_zoo()) {
    const BlockNetwork blocks = find_block_network(entry.name);
    if (std::ranges::any_of(blocks.blocks, is_residual)) continue;
    EXPECT_EQ(texts(read_blocks(blocks.build())), texts(blocks)) << entry.name;
    ++read;
  }
  EXPECT_GT(read, 90);
}

TEST(ReadBlocks, NamesTheLayerThatIsInNoBlock) {
  EXPECT_THAT(input_error([] { read_blocks(find_network("resnet_18")); }),
              testing::AllOf(testing::HasSubstr("network 'resnet_18': layer 'blocks.0."),
                             testing::HasSubstr("allowed are networks of conv, dw")));
  NetworkBuilder builder("odd", {8, 8, 3});
  const int first = builder.conv("first", kNetworkInput, 8, 3, 1, Activation::kRelu);
  const int second = builder.conv("second", first, 8, 3, 1, Activation::kRelu);
  builder.conv("third", first, 8, 3, 1, Activation::kRelu);
  static_cast<void>(second);
  EXPECT_THAT(input_error([&] { read_blocks(builder.finish()); }),
              testing::HasSubstr("layer 'third'"));
}

}  // namespace
}  // namespace dovetail
