// Costs in the metadata of an ONNX file add up, and the file is the same network.

#include "sim/exchange/onnx_costs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "base/text/error.h"
#include "models/network/onnx/onnx.h"
#include "models/network/zoo.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

std::string value_of(const OnnxMetadata::Entries& entries, const std::string& key) {
  for (const auto& [each, value] : entries) {
    if (each == key) return value;
  }
  ADD_FAILURE() << key;
  return "0";
}

AcceleratorConfig baseline() {
  return AcceleratorConfig::load(resolve_config("accelerators", "nahas_baseline"));
}

TEST(OnnxCostsTest, LayersAddUpToTheNetwork) {
  const Network network = find_network("mobilenet_v3_small");
  const OnnxMetadata costs = simulated_costs(network, baseline(), "16nm");
  const SimulationResult result = Simulator().run(network, baseline());
  ASSERT_EQ(costs.layers.size(), network.layers().size());
  std::int64_t cycles = 0, macs = 0;
  double energy_uj = 0, latency_us = 0;
  for (const Layer& layer : network.layers()) {
    const OnnxMetadata::Entries& entries = costs.layers.at(layer.name);
    cycles += std::stoll(value_of(entries, "dovetail.cycles"));
    macs += std::stoll(value_of(entries, "dovetail.macs"));
    energy_uj += std::stod(value_of(entries, "dovetail.energy_uj"));
    latency_us += std::stod(value_of(entries, "dovetail.latency_us"));
  }
  EXPECT_EQ(cycles, result.cycles);
  EXPECT_EQ(macs, network.macs());
  EXPECT_NEAR(energy_uj, result.energy.total() * 1e3, 1e-4 * energy_uj);
  EXPECT_NEAR(latency_us, result.latency_ms * 1e3, 1e-4 * latency_us);
  EXPECT_EQ(value_of(costs.model, "dovetail.cycles"), std::to_string(result.cycles));
  EXPECT_EQ(value_of(costs.model, "dovetail.accelerator"), "nahas_baseline");
  EXPECT_EQ(value_of(costs.model, "dovetail.technology"), "16nm");
}

TEST(OnnxCostsTest, AFileWithCostsIsTheSameNetwork) {
  const TemporaryFolder folder;
  const Network network = find_network("mobilenet_v3_small");
  const std::filesystem::path file = folder.path() / "n.onnx";
  OnnxOptions options{.weights = OnnxWeights::kZero};
  save_onnx(network, file, options);
  const auto before = std::filesystem::file_size(file);
  options.metadata = simulated_costs(network, baseline(), "16nm");
  save_onnx(network, file, options);
  EXPECT_EQ(load_onnx(file).layers(), network.layers());
  EXPECT_GT(std::filesystem::file_size(file), before + 100 * network.layers().size());
}

TEST(OnnxCostsTest, WhatCannotRunHasNoCosts) {
  AcceleratorConfig tiny = baseline();
  tiny.local_memory_mib = 0.03;
  tiny.pes_x = tiny.pes_y = 1;
  tiny.weights = WeightPolicy::kCached;
  EXPECT_THAT(
      message_of<InputError>([&] { simulated_costs(find_network("resnet_50"), tiny, "16nm"); }),
      HasSubstr("there are no costs: "));
}

}  // namespace
}  // namespace dovetail
