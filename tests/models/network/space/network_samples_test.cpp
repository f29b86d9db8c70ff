#include "models/network/space/network_samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "models/network/zoo.h"
#include "tests/base/files/test_files.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

NetworkSpace space(const std::string& name) {
  return NetworkSpace::load(resolve_config("spaces", name));
}

TEST(NetworkSamples, AreDifferentAndDoNotDependOnTheirNumber) {
  const NetworkSpace macro = space("nas_bench_macro");
  const auto samples = sample_networks(macro, 1000, 5);
  ASSERT_EQ(samples.size(), 1000U);
  std::set<std::string> names;
  for (const auto& [choices, network] : samples) {
    EXPECT_EQ(macro.canonical(choices), choices);
    EXPECT_EQ(macro.build(choices).name(), network.name());
    EXPECT_TRUE(names.insert(network.name()).second) << network.name();
  }
  const auto few = sample_networks(macro, 10, 5);
  for (std::size_t i = 0; i < few.size(); ++i) EXPECT_EQ(few[i].choices, samples[i].choices);
  EXPECT_NE(sample_networks(macro, 10, 6)[0].choices, few[0].choices);
}

TEST(NetworkSamples, MoreThanThereAreIsAnError) {
  const NetworkSpace small = NetworkSpace::load(
      write_yaml("schema: dovetail.network_space/1\nname: small\n"
                 "input: {height: 8, width: 8, channels: 3}\n"
                 "decisions: [{name: k, choices: [3, 5]}, {name: c, choices: [8, 16]}]\n"
                 "blocks: [conv k=$k c=$c act=relu]\n"));
  EXPECT_EQ(sample_networks(small, 4, 0).size(), 4U);
  EXPECT_THAT(input_error([&] { sample_networks(small, 5, 0); }),
              testing::AllOf(HasSubstr("space 'small'"), HasSubstr("no more than 4")));
}

TEST(NetworkSamples, FilesHaveTheNetworksAndTheirChoices) {
  const NetworkSpace ofa = space("ofa_mbv3");
  const std::filesystem::path folder = write_yaml("").replace_extension("samples");
  const auto samples = sample_networks(ofa, 12, 1);
  const std::vector<CsvRow> rows = read_csv(write_samples(folder, ofa, samples));
  ASSERT_EQ(rows.size(), samples.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& [choices, network] = samples[i];
    const std::vector<bool> active = ofa.active(choices);
    for (std::size_t d = 0; d < choices.size(); ++d) {
      const Decision& decision = ofa.decisions()[d];
      EXPECT_EQ(rows[i].at(decision.name), active[d] ? decision.choices[choices[d]] : "");
    }
    EXPECT_EQ(rows[i].at("macs"), std::to_string(network.macs()));
    EXPECT_EQ(rows[i].at("parameters"), std::to_string(network.parameters()));
    const Network read = load_network(folder / rows[i].at("file"));
    EXPECT_EQ(read.name(), network.name());
    EXPECT_EQ(read.layers(), network.layers());
  }
  std::filesystem::remove_all(folder);
}

TEST(NetworkSamples, WhatAnEarlierSampleLeftIsRemovedAndNothingElse) {
  const TemporaryFolder folder;
  const NetworkSpace macro = space("nas_bench_macro");
  write_samples(folder.path(), macro, sample_networks(macro, 5, 1));
  folder.write("network_7.yaml", "mine");
  folder.write("mine.yaml", "mine");
  write_samples(folder.path(), macro, sample_networks(macro, 3, 1));
  EXPECT_EQ(folder.count(), 6U) << "three networks, their list and two files of others";
  EXPECT_EQ(folder.read("network_7.yaml"), "mine");
  EXPECT_EQ(folder.read("network_3.yaml"), "");
}

}  // namespace
}  // namespace dovetail
