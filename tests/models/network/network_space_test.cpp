#include "models/network/network_space.h"

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

TEST(NetworkSpace, Cardinalities) {
  EXPECT_DOUBLE_EQ(space("ofa_mbv3").decisions().cardinality(), std::pow(9, 20) * std::pow(3, 5));
  EXPECT_DOUBLE_EQ(space("nahas_s1").decisions().cardinality(), std::pow(3, 17) * std::pow(2, 16));
  EXPECT_NEAR(space("nahas_s1").decisions().cardinality(), 8.46e12, 0.005e12);
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
  const Network reference = find_network("mobilenet_v2");
  ASSERT_EQ(built.layers().size(), reference.layers().size());
  for (std::size_t i = 0; i < built.layers().size(); ++i) {
    EXPECT_EQ(built.layers()[i], reference.layers()[i]) << reference.layers()[i].name;
  }
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

/// Changes each decision in turn at random points: the key and the network change exactly where
/// the decision is active.
void check_activity(const std::string& name, int points) {
  const NetworkSpace family = space(name);
  const DecisionSpace& decisions = family.decisions();
  Rng rng(17);
  for (int point = 0; point < points; ++point) {
    const Choices choices = decisions.sample(rng);
    const std::vector<bool> active = family.active(choices);
    const Network network = family.build(choices);
    const Choices canonical = family.canonical(choices);
    EXPECT_EQ(family.canonical(canonical), canonical);
    EXPECT_EQ(family.canonical_key(canonical), family.canonical_key(choices));
    EXPECT_EQ(family.build(canonical).layers(), network.layers());
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      const std::size_t count = decisions[i].choices.size();
      Choices other = choices;
      other[i] = static_cast<std::uint16_t>((choices[i] + 1 + rng.index(count - 1)) % count);
      const Network changed = family.build(other);
      const bool same = changed.layers() == network.layers();
      EXPECT_EQ(same, !active[i]) << decisions[i].name << " at " << decisions.describe(choices);
      EXPECT_EQ(family.canonical_key(other) == family.canonical_key(choices), same);
      EXPECT_EQ(changed.name() == network.name(), same);
      EXPECT_EQ(family.canonical(other) == canonical, same);
    }
  }
}

TEST(NetworkSpace, ActiveDecisionsAreExactlyThoseWithAnEffect) {
  check_activity("ofa_mbv3", 40);
  check_activity("nahas_s1", 20);
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
  EXPECT_THAT(error(head + input + decisions + "  - {name: x, choices: [1, 2]}\n" + blocks),
              AllOf(HasSubstr(":7:5"), HasSubstr("no block line uses decision 'x'")));
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
