// What must hold for every network space of configs/spaces. A file that is put there is tested
// without a change here.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "base/files/atomic_file.h"
#include "base/numbers/random.h"
#include "models/network/space/network_samples.h"
#include "models/network/space/network_space.h"
#include "models/network/zoo.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

/// Calls `check` with every space.
template <typename Check>
void for_each_space(Check check) {
  int spaces = 0;
  for (const std::string& name : list_configs("spaces")) {
    const std::filesystem::path file = resolve_config("spaces", name);
    if (read_file(file).find("schema: dovetail.network_space/") == std::string::npos) continue;
    SCOPED_TRACE(name);
    const NetworkSpace space = NetworkSpace::load(file);
    EXPECT_EQ(space.name(), name);
    check(space);
    ++spaces;
  }
  EXPECT_GE(spaces, 5);
}

/// Some points of a space, always the same.
std::vector<Choices> some_points(const NetworkSpace& space, int count) {
  Rng rng(17);
  std::vector<Choices> points;
  for (int i = 0; i < count; ++i) points.push_back(space.decisions().sample(rng));
  return points;
}

// Names have a hash of the whole network. These are of points drawn when each decision had a line
// of its own: decisions, their order and their choices are the same where one line repeats them.
TEST(ConfigSpaces, RepeatedDecisionsAreThoseThatWereWrittenOut) {
  const struct {
    const char* space;
    std::vector<std::string> names;
  } kDrawn[] = {
      {"ofa_mbv3", {"1b5144b9eb7dd22c", "7c4e25cd3f2862c1", "92f99de46eafb97b"}},
      {"nahas_s1", {"05c34325de2665d1", "9b0db3c5153bab68"}},
      {"nahas_s2", {"ebc8e9a927d4e2f3", "4909787304de6fdc"}},
  };
  for (const auto& [name, hashes] : kDrawn) {
    const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", name));
    EXPECT_NE(space.text().find("repeat: "), std::string::npos);
    const auto samples = sample_networks(space, hashes.size(), 1);
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      EXPECT_EQ(samples[i].network.name(), std::string(name) + ":" + hashes[i]);
    }
  }
}

TEST(ConfigSpaces, SizesAreThoseOfThePapers) {
  struct Size {
    double points, canonical_points;
  };
  const auto ofa_stage = std::pow(9, 2) + std::pow(9, 3) + std::pow(9, 4);
  const std::map<std::string, Size> known = {
      {"nahas_s1", {std::pow(3, 17) * std::pow(2, 16), std::pow(3, 17) * std::pow(2, 16)}},
      {"nahas_s2", {std::pow(3, 16) * std::pow(2, 17), std::pow(3, 16) * std::pow(2, 17)}},
      {"ofa_mbv3", {std::pow(9, 20) * std::pow(3, 5), std::pow(ofa_stage, 5)}},
      {"ofa_mbv3_sizes", {5 * std::pow(9, 20) * std::pow(3, 5), 5 * std::pow(ofa_stage, 5)}},
      {"nahas_s2_b1", {std::pow(3, 23) * std::pow(2, 23), std::pow(3, 23) * std::pow(2, 23)}},
      {"nahas_s2_b2", {std::pow(3, 23) * std::pow(2, 23), std::pow(3, 23) * std::pow(2, 23)}},
      {"edge_fused", {4 * std::pow(432, 6), 4 * std::pow(432, 6)}},
      {"anb_effnet", {std::pow(36, 6) * 48, std::pow(36, 6) * 48}},
      {"nas_bench_macro", {6561, 6561}},
      {"fashion_tiny", {200000, 200000}},
      {"fashion_small", {200000, 200000}},
  };
  std::size_t compared = 0;
  for_each_space([&](const NetworkSpace& space) {
    const DecisionSpace& decisions = space.decisions();
    ASSERT_TRUE(space.canonical_points());
    EXPECT_LE(*space.canonical_points(), decisions.cardinality());
    if (decisions.cardinality() <= 10000) {  // few enough to try them all
      std::set<Choices> canonical;
      for (std::uint64_t i = 0; i < *decisions.count(); ++i) {
        canonical.insert(space.canonical(decisions.from_index(i)));
      }
      EXPECT_EQ(*space.canonical_points(), static_cast<double>(canonical.size()));
    }
    const auto expected = known.find(space.name());
    if (expected == known.end()) return;
    EXPECT_DOUBLE_EQ(decisions.cardinality(), expected->second.points);
    EXPECT_DOUBLE_EQ(*space.canonical_points(), expected->second.canonical_points);
    ++compared;
  });
  EXPECT_EQ(compared, known.size());
}

TEST(ConfigSpaces, FashionNetworksAreOfTheSizeThatTheyAreMeantToBe) {
  struct Extremes {
    std::int64_t smallest_block, largest_block, with_identities;  // multiply-accumulates
  };
  const std::map<std::string, Extremes> known = {{"fashion_tiny", {728728, 2005648, 286936}},
                                                 {"fashion_small", {1996096, 4943680, 866416}}};
  for (const auto& [name, extremes] : known) {
    SCOPED_TRACE(name);
    const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", name));
    const auto macs_of = [&](const std::string& first_of_stage, const std::string& other) {
      std::map<std::string, std::string> choices;
      for (int i = 0; i < 8; ++i) {
        choices["l" + std::to_string(i)] = i == 0 || i == 2 || i == 5 ? first_of_stage : other;
      }
      return space.build(space.decisions().encode(choices)).macs();
    };
    EXPECT_EQ(macs_of("e3k3", "e3k3"), extremes.smallest_block);
    EXPECT_EQ(macs_of("e6k5", "e6k5"), extremes.largest_block);
    EXPECT_EQ(macs_of("e3k3", "identity"), extremes.with_identities);
  }
}

/// What chi-squared of so many degrees of freedom exceeds once in a million (Wilson and Hilferty
/// 1931).
double rare_chi_squared(std::size_t freedom) {
  constexpr double kNormalQuantile = 4.753;  // of 1 - 1e-6
  const double spread = 2 / (9 * static_cast<double>(freedom));
  return static_cast<double>(freedom) *
         std::pow(1 - spread + kNormalQuantile * std::sqrt(spread), 3);
}

void expect_equal_shares(const std::vector<int>& counts, int draws, const std::string& what) {
  if (counts.size() < 2) return;
  const double expected = draws / static_cast<double>(counts.size());
  double statistic = 0;
  for (const int count : counts) statistic += (count - expected) * (count - expected) / expected;
  EXPECT_LT(statistic, rare_chi_squared(counts.size() - 1)) << what;
}

TEST(ConfigSpaces, SamplesAreUniformOverEveryDecisionAndEveryPairOfThem) {
  constexpr int kDraws = 4000;
  for_each_space([&](const NetworkSpace& space) {
    const DecisionSpace& decisions = space.decisions();
    const std::vector<Choices> points = some_points(space, kDraws);
    for (std::size_t a = 0; a < decisions.size(); ++a) {
      const std::size_t size = decisions[a].choices.size();
      std::vector<int> counts(size);
      for (const Choices& point : points) ++counts.at(point[a]);
      expect_equal_shares(counts, kDraws, decisions[a].name);
      for (std::size_t b = 0; b < a; ++b) {
        std::vector<int> pairs(size * decisions[b].choices.size());
        for (const Choices& point : points) ++pairs.at(point[b] * size + point[a]);
        expect_equal_shares(pairs, kDraws, decisions[b].name + " and " + decisions[a].name);
      }
    }
  });
}

TEST(ConfigSpaces, EqualNetworksHaveOneKeyAndOthersAnother) {
  for_each_space([&](const NetworkSpace& space) {
    const DecisionSpace& decisions = space.decisions();
    Rng rng(3);
    for (const Choices& choices : some_points(space, 20)) {
      const std::vector<bool> active = space.active(choices);
      const Network network = space.build(choices);
      const std::string key = space.canonical_key(choices);
      const Choices canonical = space.canonical(choices);
      EXPECT_EQ(space.canonical(canonical), canonical);
      EXPECT_EQ(space.canonical_key(canonical), key);
      EXPECT_EQ(space.build(canonical).layers(), network.layers());
      // Change each decision: the key changes exactly where the network does.
      for (std::size_t i = 0; i < decisions.size(); ++i) {
        const std::size_t count = decisions[i].choices.size();
        if (count < 2) continue;
        Choices other = choices;
        other[i] = static_cast<std::uint16_t>((choices[i] + 1 + rng.index(count - 1)) % count);
        const Network changed = space.build(other);
        const bool same = changed.layers() == network.layers();
        EXPECT_EQ(space.canonical_key(other) == key, same) << decisions[i].name;
        EXPECT_EQ(changed.name() == network.name(), same) << decisions[i].name;
        if (!active[i]) {
          EXPECT_TRUE(same) << decisions[i].name;
          EXPECT_EQ(space.canonical(other), canonical) << decisions[i].name;
        }
      }
    }
  });
}

// A decision that is said to be active and has no effect would make a search waste its trials.
TEST(ConfigSpaces, EveryActiveDecisionHasAnEffect) {
  for_each_space([&](const NetworkSpace& space) {
    const DecisionSpace& decisions = space.decisions();
    for (const Choices& choices : some_points(space, 20)) {
      const std::vector<bool> active = space.active(choices);
      const std::string key = space.canonical_key(choices);
      for (std::size_t i = 0; i < decisions.size(); ++i) {
        for (std::uint16_t c = 0; c < decisions[i].choices.size(); ++c) {
          if (c == choices[i]) continue;
          Choices other = choices;
          other[i] = c;
          EXPECT_EQ(space.canonical_key(other) != key, active[i])
              << decisions[i].name << "=" << decisions[i].choices[c] << " at "
              << decisions.describe(choices);
        }
      }
    }
  });
}

/// Neighbours worked out from what they are: one active decision changed, by one step if it is
/// ordered, and another network.
std::set<Choices> expected_neighbours(const NetworkSpace& space, const Choices& choices) {
  const std::vector<bool> active = space.active(choices);
  std::set<Choices> expected;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const Decision& decision = space.decisions()[i];
    for (int c = 0; active[i] && c < static_cast<int>(decision.choices.size()); ++c) {
      const int steps = std::abs(c - choices[i]);
      if (decision.ordered() ? steps != 1 : steps == 0) continue;
      Choices other = choices;
      other[i] = static_cast<std::uint16_t>(c);
      if (space.build(other).layers() != space.build(choices).layers()) expected.insert(other);
    }
  }
  return expected;
}

TEST(ConfigSpaces, NeighboursAreAllNetworksOneStepAway) {
  for_each_space([&](const NetworkSpace& space) {
    for (const Choices& choices : some_points(space, 10)) {
      const std::vector<Choices> neighbours = space.neighbours(choices);
      EXPECT_EQ(std::set<Choices>(neighbours.begin(), neighbours.end()),
                expected_neighbours(space, choices));
      EXPECT_EQ(std::set<Choices>(neighbours.begin(), neighbours.end()).size(), neighbours.size());
      for (const Choices& other : neighbours) {
        EXPECT_NO_THROW(space.decisions().validate(other));
        EXPECT_NE(space.canonical_key(other), space.canonical_key(choices));
        EXPECT_THAT(space.neighbours(other), testing::Contains(choices));  // and back
      }
    }
  });
}

TEST(ConfigSpaces, PointsAreReadAsTheyAreWritten) {
  for_each_space([&](const NetworkSpace& space) {
    const DecisionSpace& decisions = space.decisions();
    for (const Choices& choices : some_points(space, 200)) {
      EXPECT_EQ(decisions.encode(decisions.decode(choices)), choices);
      if (decisions.count()) {
        EXPECT_EQ(decisions.from_index(decisions.index_of(choices)), choices);
      }
    }
  });
}

TEST(ConfigSpaces, EveryNetworkIsANetworkYamlToo) {
  for_each_space([&](const NetworkSpace& space) {
    for (const Choices& choices : some_points(space, 50)) {
      const Network built = space.build(choices);
      const Network read = load_network(write_yaml(space.to_yaml(choices)));
      EXPECT_EQ(read.name(), built.name());
      EXPECT_EQ(read.input(), built.input());
      EXPECT_EQ(read.layers(), built.layers());
    }
  });
}

}  // namespace
}  // namespace dovetail
