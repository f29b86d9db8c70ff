#include "models/network/space/space_input.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/network/space/network_space.h"
#include "models/network/zoo.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

NetworkSpace space_with(const std::string& input, const std::string& blocks = "  - pool\n") {
  return NetworkSpace::parse(
      "schema: dovetail.network_space/1\nname: sized\ninput: " + input +
          "\ndecisions:\n  - {name: r, choices: [32, 48, 64]}\n  - {name: f, choices: [a, b]}\n"
          "  - {name: k, choices: [3, 1x9, 5x3]}\nblocks:\n"
          "  - conv k=$k s=2 c=$f[8, 16] act=relu\n" +
          blocks,
      "sized.yaml");
}

TEST(SpaceInput, HeightAndWidthAreThoseOfTheirChoices) {
  const NetworkSpace space = space_with("{height: $r, width: '$f[20, 30]', channels: 3}");
  for (std::uint64_t i = 0; i < *space.decisions().count(); ++i) {
    const Choices choices = space.decisions().from_index(i);
    const Network network = space.build(choices);
    EXPECT_EQ(network.input(), (TensorShape{32 + 16 * choices[0], 20 + 10 * choices[1], 3}));
    EXPECT_EQ(network.layers().front().output,
              (TensorShape{16 + 8 * choices[0], 10 + 5 * choices[1], 8 + 8 * choices[1]}));
    // What is written is the same network.
    EXPECT_EQ(read_network(YamlNode::parse(space.to_yaml(choices), "again.yaml")).layers(),
              network.layers());
  }
}

TEST(SpaceInput, ItsDecisionsAreActiveEverywhere) {
  const NetworkSpace space = space_with("{height: $r, width: $r, channels: 1}",
                                        "  - mb k=3 e=2 c=8 act=relu when $f == b\n");
  EXPECT_EQ(*space.canonical_points(), 18);
  const Choices choices{1, 0, 0};
  EXPECT_TRUE(space.active(choices)[0]);
  EXPECT_EQ(space.canonical(choices), choices);
  EXPECT_NE(space.canonical_key(choices), space.canonical_key({2, 0, 0}));
  EXPECT_NE(space.build(choices).name(), space.build({2, 0, 0}).name());
  // Two other sizes, the other width, two other kernels.
  EXPECT_EQ(space.neighbours(choices).size(), 5U);
}

TEST(SpaceInput, AnythingElseIsRefusedWithItsPlace) {
  const auto error = [](const std::string& input) {
    return input_error([&] { space_with(input); });
  };
  EXPECT_THAT(error("{height: $q, width: $r, channels: 3}"),
              AllOf(HasSubstr("sized.yaml:3:17"), HasSubstr("unknown decision 'q'")));
  EXPECT_THAT(
      error("{height: $f, width: $r, channels: 3}"),
      HasSubstr("height: found 'a' (a choice of $f), allowed a whole number from 1 to 65536"));
  EXPECT_THAT(error("{height: '$r[8, 16]', width: 8, channels: 3}"),
              HasSubstr("found 2 values, decision 'r' has 3 choices"));
  EXPECT_THAT(error("{height: '$r[8, 16, 0]', width: 8, channels: 3}"),
              HasSubstr("found '0' (for choice 64 of $r)"));
  EXPECT_THAT(error("{height: 0, width: $r, channels: 3}"), HasSubstr("height"));
  EXPECT_THAT(error("{height: $r, width: 8, channels: $r}"), HasSubstr("channels"));
  EXPECT_THAT(error("{height: 8, width: 8, channels: 3}"),
              HasSubstr("neither a block line nor the input uses decision 'r'"));
}

// A network of a plain file has no decisions.
TEST(SpaceInput, ANetworkHasNumbers) {
  EXPECT_THAT(input_error([] {
                read_network(YamlNode::parse(
                    "schema: dovetail.network/1\nname: n\ninput: {height: $r, width: 8, channels: "
                    "3}\nblocks:\n  - conv c=4 act=none\n",
                    "n.yaml"));
              }),
              HasSubstr("height"));
}

}  // namespace
}  // namespace dovetail
