#include "models/network/space/network_space.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "models/network/zoo.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

NetworkSpace space(const std::string& name) {
  return NetworkSpace::load(resolve_config("spaces", name));
}

Choices all(const NetworkSpace& space, const std::string& kernel, const std::string& expansion) {
  Choices choices(space.decisions().size(), 0);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const Decision& decision = space.decisions()[i];
    const std::string& wanted = decision.name[0] == 'k' ? kernel : expansion;
    const auto found = std::ranges::find(decision.choices, wanted);
    choices[i] = static_cast<std::uint16_t>(found - decision.choices.begin());
  }
  return choices;
}

/// The layers of two networks, one by one.
void expect_same_layers(const Network& found, const Network& expected) {
  ASSERT_EQ(found.layers().size(), expected.layers().size());
  for (std::size_t i = 0; i < found.layers().size(); ++i) {
    EXPECT_EQ(found.layers()[i], expected.layers()[i]) << expected.layers()[i].name;
  }
}

TEST(NetworkSpace, DecisionsOfOfaAreTheColumnsOfItsTables) {
  const NetworkSpace ofa = space("ofa_mbv3");
  ASSERT_EQ(ofa.decisions().size(), 45U);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(ofa.decisions()[i].name, fmt::format("ks{}", i));
    EXPECT_EQ(ofa.decisions()[i].choices, (std::vector<std::string>{"3", "5", "7"}));
    EXPECT_EQ(ofa.decisions()[20 + i].name, fmt::format("e{}", i));
    EXPECT_EQ(ofa.decisions()[20 + i].choices, (std::vector<std::string>{"3", "4", "6"}));
  }
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ofa.decisions()[40 + i].name, fmt::format("d{}", i));
}

TEST(NetworkSpace, NahasS1ContainsMobileNetV2) {
  const NetworkSpace s1 = space("nahas_s1");
  const Network built = s1.build(all(s1, "3", "6"));
  expect_same_layers(built, find_network("mobilenet_v2"));
  EXPECT_EQ(built.macs(), 300774272);
  EXPECT_EQ(built.parameters(), 3504872);
  EXPECT_GT(s1.build(all(s1, "7", "6")).macs(), built.macs());
  EXPECT_LT(s1.build(all(s1, "3", "3")).macs(), built.macs());
}

TEST(NetworkSpace, NetworksAreNamedByTheirStructure) {
  const NetworkSpace s1 = space("nahas_s1");
  // FNV-1a of the key, a fixed value: names stand in results and must not change between machines
  // or versions.
  EXPECT_EQ(s1.build(all(s1, "3", "6")).name(), "nahas_s1:7c0c47a8e4ea6236");
  EXPECT_THAT(s1.canonical_key(all(s1, "3", "6")),
              AllOf(HasSubstr("224x224x3; conv k=3 s=2 c=32 act=relu6 name=stem; "
                              "ds k=3 c=16 act=relu6; mb k=3 s=2 h=96 c=24 act=relu6; "),
                    HasSubstr("; conv c=1280 act=relu6 name=head; pool name=pool; "
                              "fc c=1000 name=fc")));
}

TEST(NetworkSpace, SlotsBeyondTheDepthAreInactive) {
  const NetworkSpace ofa = space("ofa_mbv3");
  const DecisionSpace& decisions = ofa.decisions();
  Choices choices(45, 0);
  choices[decisions.find("d1")] = 1;  // depth 3
  const std::vector<bool> active = ofa.active(choices);
  for (int slot = 0; slot < 20; ++slot) {
    const int depth = slot / 4 == 1 ? 3 : 2;
    EXPECT_EQ(active[decisions.find(fmt::format("ks{}", slot))], slot % 4 < depth) << slot;
    EXPECT_EQ(active[decisions.find(fmt::format("e{}", slot))], slot % 4 < depth) << slot;
  }
  for (int stage = 0; stage < 5; ++stage) EXPECT_TRUE(active[40 + stage]);
}

TEST(NetworkSpace, BadPointsAreErrors) {
  const NetworkSpace s1 = space("nahas_s1");
  Choices choices(s1.decisions().size(), 0);
  choices.pop_back();
  EXPECT_THROW(s1.build(choices), InputError);
  EXPECT_THROW(s1.active(choices), InputError);
  choices.push_back(2);
  EXPECT_THROW(s1.build(choices), InputError);
  EXPECT_THROW(s1.canonical_key(choices), InputError);
}

TEST(NetworkSpace, DifferentPathsToOneNetworkHaveOneKey) {
  // identity layers do nothing at stride 1, so mb-id and id-mb are one network
  const NetworkSpace family = NetworkSpace::load(
      write_yaml("schema: dovetail.network_space/1\n"
                 "name: swap\n"
                 "input: {height: 32, width: 32, channels: 16}\n"
                 "decisions: [{name: a, choices: [id, mb]}, {name: b, choices: [id, mb]}]\n"
                 "defaults: act=relu\n"
                 "blocks:\n"
                 "  - conv c=16\n"
                 "  - mb k=3 e=3 c=16 when $a == mb\n"
                 "  - mb k=3 e=3 c=16 when $b == mb\n"));
  EXPECT_EQ(family.canonical_key({0, 1}), family.canonical_key({1, 0}));
  EXPECT_EQ(family.build({0, 1}).layers(), family.build({1, 0}).layers());
  EXPECT_NE(family.canonical_key({1, 1}), family.canonical_key({1, 0}));
}

TEST(NetworkSpace, APointWithoutANetworkIsNoNeighbour) {
  const NetworkSpace family = NetworkSpace::load(
      write_yaml("schema: dovetail.network_space/1\n"
                 "name: groups\n"
                 "input: {height: 8, width: 8, channels: 16}\n"
                 "decisions: [{name: c, choices: [12, 14, 16]}, {name: g, choices: [2, 4]}]\n"
                 "blocks:\n  - conv c=$c act=relu\n  - conv k=3 c=16 g=$g act=relu\n"));
  EXPECT_THAT(input_error([&] { family.build({1, 1}); }), HasSubstr("g '4' must divide 14"));
  EXPECT_EQ(family.neighbours({0, 1}), (std::vector<Choices>{{0, 0}}));
  EXPECT_EQ(family.neighbours({1, 0}), (std::vector<Choices>{{0, 0}, {2, 0}}));
}

/// A space of two decisions, `a` of {no, yes} and `b` of {1, 2, 3}.
NetworkSpace with_lines(const std::string& blocks) {
  return NetworkSpace::load(
      write_yaml("schema: dovetail.network_space/1\n"
                 "name: listed\n"
                 "input: {height: 32, width: 32, channels: 16}\n"
                 "decisions: [{name: a, choices: [no, yes]}, {name: b, choices: [1, 2, 3]}]\n" +
                 blocks));
}

TEST(NetworkSpace, AListGivesTheValueOfEachChoice) {
  const NetworkSpace family = with_lines(
      "defaults: act=$a[relu6,swish] se=$a[0,0.25] se_inner=$a[relu6,swish]\n"
      "blocks:\n"
      "  - mb k=$b[3,5,7] e=$b[1,4,4] c=16\n"
      "  - conv c=8\n");
  EXPECT_EQ(family.canonical_key({0, 0}),
            "32x32x16; ds k=3 c=16 act=relu6; conv c=8 act=relu6 name=conv");
  EXPECT_EQ(family.canonical_key({1, 2}),
            "32x32x16; mb k=7 h=64 c=16 act=swish se_c=4 se_inner=swish; "
            "conv c=8 act=swish name=conv");
  EXPECT_EQ(family.active({0, 0}), (std::vector<bool>{true, true}));
}

TEST(NetworkSpace, ListsAreCheckedChoiceByChoice) {
  const auto error = [](const std::string& line) {
    return input_error([&] {
      with_lines("blocks:\n  - conv c=16 act=relu\n  - mb k=$b[3,5,7] c=16 act=relu e=6 " + line);
    });
  };
  EXPECT_EQ(error("se=$a[0,0.25]\n"), "");
  EXPECT_THAT(error("se=$a[0]\n"),
              AllOf(HasSubstr(":7:5"), HasSubstr("'$a[0]': found 1 values, decision 'a' has 2 "
                                                 "choices (no, yes)")));
  EXPECT_THAT(error("se=$a[0,0.25,1]\n"), HasSubstr("found 3 values"));
  EXPECT_THAT(error("se=$a[0,2]\n"),
              HasSubstr("se '2' (for choice yes of $a): must be number 0 to 1"));
  EXPECT_THAT(error("se=$a[0,]\n"), HasSubstr("se '' (for choice yes of $a)"));
  EXPECT_EQ(error("se=$a[ 0, 0.25 ] s=2\n"), "");
  EXPECT_THAT(error("se=$a[0,0.25 s=2\n"), HasSubstr("$DECISION[VALUE, VALUE]"));
  EXPECT_THAT(error("se=$a[0,0.25]s\n"), HasSubstr("$DECISION[VALUE, VALUE]"));
  EXPECT_THAT(error("se=$c[0,0.25]\n"), HasSubstr("unknown decision 'c'"));
  EXPECT_THAT(error("se=$a\n"), HasSubstr("se 'no' (a choice of $a)"));
}

TEST(NetworkSpace, NahasS2ContainsEfficientNetWithAndWithoutItsExtras) {
  const NetworkSpace s2 = space("nahas_s2");
  const std::vector<int> kernels = {3, 3, 3, 5, 5, 3, 3, 3, 5, 5, 5, 5, 5, 5, 5, 3};
  std::map<std::string, std::string> point = {{"se", "yes"}, {"swish", "yes"}};
  for (int i = 0; i < 16; ++i) point[fmt::format("k{}", i)] = std::to_string(kernels[i]);
  for (int i = 1; i < 16; ++i) point[fmt::format("e{}", i)] = "6";
  expect_same_layers(s2.build(s2.decisions().encode(point)), find_network("efficientnet_b0"));
  point["se"] = point["swish"] = "no";
  expect_same_layers(s2.build(s2.decisions().encode(point)), find_network("efficientnet_lite0"));
  // one without the other
  const auto activations = [&](const char* se, const char* swish) {
    point["se"] = se;
    point["swish"] = swish;
    std::set<std::string> found;
    for (const Layer& layer : s2.build(s2.decisions().encode(point)).layers()) {
      found.insert(to_string(layer.activation));
    }
    return found;
  };
  EXPECT_EQ(activations("yes", "no"), (std::set<std::string>{"none", "relu6", "sigmoid"}));
  EXPECT_EQ(activations("no", "yes"), (std::set<std::string>{"none", "swish"}));
}

TEST(NetworkSpace, TheLargerEfficientNetsArePointsOfTheirSpaces) {
  const struct {
    const char *space, *network;
  } kLarger[] = {{"nahas_s2_b1", "efficientnet_b1"}, {"nahas_s2_b2", "efficientnet_b2"}};
  // Of each block of EfficientNet-B1 and -B2, which have the same depths.
  const std::string kernels = "33333555333355555555533";
  for (const auto& [name, network] : kLarger) {
    const NetworkSpace larger = space(name);
    std::map<std::string, std::string> point = {{"se", "yes"}, {"swish", "yes"}};
    for (std::size_t i = 0; i < kernels.size(); ++i) point[fmt::format("k{}", i)] = kernels[i];
    for (std::size_t i = 2; i < kernels.size(); ++i) point[fmt::format("e{}", i)] = "6";
    expect_same_layers(larger.build(larger.decisions().encode(point)), find_network(network));
  }
}

TEST(NetworkSpace, AStageOfEdgeFusedIsOfOneKindOfBlock) {
  const NetworkSpace edge = space("edge_fused");
  Choices choices(edge.decisions().size(), 0);
  const auto kinds = [&] {
    std::string found;
    for (const Block& block : edge.blocks(choices)) found += to_string(block.kind) + " ";
    return found;
  };
  EXPECT_EQ(kinds(), "conv ds mb mb mb mb mb mb mb mb mb mb conv pool fc ");
  for (const std::size_t stage : {0, 2}) {
    choices[edge.decisions().find(fmt::format("op{}", stage))] = 1;
    choices[edge.decisions().find(fmt::format("d{}", stage))] = 1;
  }
  EXPECT_EQ(kinds(), "conv ds fused fused mb fused fused fused mb mb mb mb mb mb conv pool fc ");
  choices[edge.decisions().find("r")] = 3;
  EXPECT_EQ(edge.build(choices).input(), (TensorShape{260, 260, 3}));
}

TEST(NetworkSpace, FilesAreReadStrictly) {
  const std::string head = "schema: dovetail.network_space/1\nname: small\n";
  const std::string input = "input: {height: 32, width: 32, channels: 3}\n";
  const std::string decisions =
      "decisions:\n  - {name: k, choices: [3, 5]}\n  - {name: d, choices: [1, 2]}\n";
  const std::string blocks =
      "blocks:\n  - conv c=16 act=relu\n  - mb k=$k e=6 c=16 n=$d act=relu\n";
  const auto error = [&](const std::string& text) {
    return input_error([&] { NetworkSpace::load(write_yaml(text)); });
  };
  EXPECT_EQ(error(head + input + decisions + blocks), "");
  EXPECT_THAT(
      error(head + input + decisions + "  - {name: x, choices: [1, 2]}\n" + blocks),
      AllOf(HasSubstr(":7:5"), HasSubstr("neither a block line nor the input uses decision 'x'")));
  const std::string repeated =
      "decisions:\n  - {name: k, choices: [3, 5], repeat: 2}\n  - {name: d, choices: [1, 2]}\n";
  const std::string of_both =
      "blocks:\n  - mb k=$k0 e=6 c=16 act=relu\n  - conv k=$k1 c=8 act=relu\n";
  EXPECT_EQ(error(head + input + repeated + of_both + "  - mb k=3 e=6 c=8 n=$d act=relu\n"), "");
  EXPECT_THAT(
      error(head + input + repeated + of_both),
      AllOf(HasSubstr(":6:5"), HasSubstr("neither a block line nor the input uses decision 'd'")));
  EXPECT_THAT(error(head + input + decisions + blocks + "  - conv c=$x act=relu\n"),
              AllOf(HasSubstr(":10:5"), HasSubstr("unknown decision 'x'")));
  EXPECT_THAT(error(head + input + decisions + blocks + "  - fc c=10\n"),
              AllOf(HasSubstr(":10:5"), HasSubstr("put 'pool' before it")));
  EXPECT_THAT(error(head + input + decisions + blocks + "block: 3\n"), HasSubstr("'blocks'"));
  EXPECT_THAT(error(head + input + blocks), HasSubstr("decisions"));
  EXPECT_THAT(error("schema: dovetail.network/1\nname: small\n" + input + decisions + blocks),
              HasSubstr("dovetail.network_space/1"));
}

}  // namespace
}  // namespace dovetail
