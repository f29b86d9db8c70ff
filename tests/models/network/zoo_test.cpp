#include "models/network/zoo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

struct Known {
  std::string name, alias;
  std::int64_t macs, parameters;
};

// Counted independently of this code, from published layer tables and parameter counts.
const std::vector<Known> kKnown = {
    {"mobilenetv2_1.0_224", "mobilenet_v2", 300774272, 3504872},
    {"mnasnet_b1_1.0_224", "mnasnet_b1", 314415872, 4383312},
    {"mobilenetv3_large_1.0_224", "mobilenet_v3_large", 216589760, 5483032},
    {"efficientnet_b0_224", "efficientnet_b0", 385814752, 5288548},
};

TEST(Zoo, ExactCounts) {
  for (const Known& known : kKnown) {
    const Network network = find_network(known.name);
    EXPECT_EQ(network.name(), known.name);
    EXPECT_EQ(network.macs(), known.macs) << known.name;
    EXPECT_EQ(network.parameters(), known.parameters) << known.name;
    EXPECT_EQ(network.layers().back().output, (TensorShape{1, 1, 1000}));
  }
}

TEST(Zoo, EveryNetworkIsCloseToItsPublishedFigures) {
  // Published figures are rounded to two or three digits, and some leave out batch normalisation.
  constexpr double kTolerance = 0.02;
  for (const ZooEntry& entry : list_zoo()) {
    const Network network = load_network(entry.file);
    const PublishedFigures& published = network.published;
    EXPECT_FALSE(published.source.empty()) << entry.name;
    if (published.macs_millions) {
      EXPECT_NEAR(network.macs() / 1e6 / *published.macs_millions, 1, kTolerance) << entry.name;
    }
    if (published.parameters_millions) {
      EXPECT_NEAR(network.parameters() / 1e6 / *published.parameters_millions, 1, kTolerance)
          << entry.name;
    }
    ASSERT_TRUE(published.top1_percent) << entry.name;
    EXPECT_GT(*published.top1_percent, 40) << entry.name;
  }
}

TEST(Zoo, ListsNamesAndAliases) {
  const std::vector<ZooEntry> zoo = list_zoo();
  for (const Known& known : kKnown) {
    const auto entry = std::find_if(zoo.begin(), zoo.end(),
                                    [&](const ZooEntry& e) { return e.name == known.name; });
    ASSERT_NE(entry, zoo.end()) << known.name;
    EXPECT_THAT(entry->aliases, testing::Contains(known.alias));
    EXPECT_EQ(entry->file.stem(), known.name);
  }
  EXPECT_TRUE(std::is_sorted(zoo.begin(), zoo.end(),
                             [](const ZooEntry& a, const ZooEntry& b) { return a.name < b.name; }));
}

TEST(Zoo, FindsByNameAliasAndPath) {
  const Network by_name = find_network("mobilenetv2_1.0_224");
  EXPECT_EQ(find_network("mobilenet_v2").layers(), by_name.layers());
  const std::filesystem::path file = configs_folder() / "networks/mobilenetv2_1.0_224.yaml";
  EXPECT_EQ(find_network(file.string()).layers(), by_name.layers());
}

TEST(Zoo, UnknownNamesAndFilesAreErrors) {
  EXPECT_THAT(input_error([] { find_network("mobilnet_v2"); }),
              testing::AllOf(HasSubstr("mobilnet_v2"), HasSubstr("did you mean 'mobilenet_v2'")));
  EXPECT_THAT(input_error([] { find_network("no/such.yaml"); }), HasSubstr("no/such.yaml"));
}

TEST(Zoo, SqueezeExciteHasTheNetworksOwnActivations) {
  const auto gates = [](const std::string& name) {
    std::map<std::string, int> count;
    for (const Layer& layer : find_network(name).layers()) {
      if (layer.name.ends_with("se.reduce") || layer.name.ends_with("se.expand")) {
        ++count[layer.name.substr(layer.name.rfind('.') + 1) + " " + to_string(layer.activation)];
      }
    }
    return count;
  };
  EXPECT_EQ(gates("mobilenet_v3_large"),
            (std::map<std::string, int>{{"reduce relu", 8}, {"expand hsigmoid", 8}}));
  EXPECT_EQ(gates("efficientnet_b0"),
            (std::map<std::string, int>{{"reduce swish", 16}, {"expand sigmoid", 16}}));
  EXPECT_TRUE(gates("mobilenet_v2").empty());
}

TEST(Zoo, FilesAreReadStrictly) {
  const std::string head = "schema: dovetail.network/1\nname: small\n";
  const std::string input = "input: {height: 32, width: 32, channels: 3}\n";
  const std::string blocks = "blocks:\n  - conv k=3 c=8 act=relu\n";
  const auto error = [&](const std::string& text) {
    return input_error([&] { load_network(write_yaml(text)); });
  };
  EXPECT_EQ(error(head + input + blocks), "");
  EXPECT_THAT(error(head + input + blocks + "inputt: 3\n"), HasSubstr("inputt"));
  EXPECT_THAT(error(head + blocks), HasSubstr("input"));
  EXPECT_THAT(error(head + input), HasSubstr("blocks"));
  EXPECT_THAT(error("schema: dovetail.network/2\nname: a\n" + input + blocks),
              HasSubstr("dovetail.network/1"));
  EXPECT_THAT(error(head + "input: {height: 0, width: 32, channels: 3}\n" + blocks),
              HasSubstr("height"));
  EXPECT_THAT(error(head + input + blocks + "published: {top1_percent: 75}\n"),
              HasSubstr("source"));
  EXPECT_THAT(error(head + input + blocks + "published: {top1_percent: 175, source: x}\n"),
              HasSubstr("175"));
  EXPECT_THAT(error(head + input + "blocks: []\n"), HasSubstr("at least one block line"));
  EXPECT_THAT(error(head + input + "blocks:\n  - conv k=$k c=8 act=relu\n"),
              HasSubstr("a network has no decisions"));
}

}  // namespace
}  // namespace dovetail
