#include "sim/explanation/compared_pairs.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text/csv.h"
#include "hw_space/accelerator_name.h"
#include "models/network/zoo.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

std::vector<ComparedPair> pairs_on(const std::vector<std::string>& accelerators) {
  const Network network = find_network("mobilenetv1_0.25_128");
  Simulator simulator;
  std::vector<ComparedPair> pairs;
  for (const std::string& name : accelerators) {
    const AcceleratorConfig accelerator = find_accelerator(name);
    pairs.push_back({network.name(), accelerator.name, simulator.run(network, accelerator)});
  }
  return pairs;
}

TEST(ComparedPairs, LayersAddUpAtEachClock) {
  const auto pairs = pairs_on({"nahas_baseline", "nahas_baseline:clock_ghz=0.4"});
  const SimulationResult &fast = pairs[0].result, &slow = pairs[1].result;
  const std::string table = layers_against_table(pairs[0], pairs[1]);
  EXPECT_THAT(table, HasSubstr("A is nahas_baseline, B is nahas_baseline:clock_ghz=0.4"));
  EXPECT_THAT(table, HasSubstr(fast.layers.front().name));
  const std::string total = table.substr(table.rfind("total"));
  EXPECT_THAT(total, HasSubstr(fmt::format("{:.2f}", 1000 * fast.latency_ms)));
  EXPECT_THAT(total, HasSubstr(fmt::format("{:.2f}", 1000 * slow.latency_ms)));
  EXPECT_THAT(total, HasSubstr("100.0"));  // of the difference
}

TEST(ComparedPairs, WhatCannotRunHasItsReasonAndItsArea) {
  const auto pairs = pairs_on({"nahas_baseline",
                               "nahas_baseline:local_memory_mib=0.03,pes_x=1,"
                               "pes_y=1,register_file_kib=0.25"});
  ASSERT_FALSE(pairs[1].result.feasible());
  EXPECT_EQ(layers_against_table(pairs[0], pairs[1]), "");
  EXPECT_THAT(pairs_table(pairs), HasSubstr(to_string(pairs[1].result.reason)));
  CsvReader csv("pairs", pairs_csv(pairs));
  const auto columns = *csv.next(), runs = *csv.next(), fails = *csv.next();
  EXPECT_EQ(columns.size(), fails.size());
  EXPECT_NEAR(*number_of_cell(runs[2]), pairs[0].result.latency_ms, 1e-6);
  EXPECT_EQ(fails[2], "");
  EXPECT_NEAR(*number_of_cell(fails[5]), pairs[1].result.area_mm2, 1e-4);
  EXPECT_EQ(fails.back(), to_string(pairs[1].result.reason));
}

}  // namespace
}  // namespace dovetail
