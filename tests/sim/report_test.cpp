#include "sim/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "models/network/blocks/network_builder.h"
#include "models/network/zoo.h"
#include "tests/base/files/test_files.h"
#include "tests/base/text/csv_rows.h"

namespace dovetail {
namespace {

using nlohmann::json;

TEST(Report, JsonAddsUp) {
  const Network network = find_network("mobilenet_v2");
  const AcceleratorConfig accelerator;
  Simulator simulator;
  const json report =
      json::parse(simulation_json(network, accelerator, simulator.run(network, accelerator)));
  EXPECT_EQ(report["schema"], "dovetail.simulation/1");
  EXPECT_NEAR(report["macs"].get<double>(), 300.8e6, 300.8e6 * 0.002);
  std::int64_t cycles = 0, io = 0;
  for (const json& layer : report["layers"]) {
    std::int64_t parts = 0;
    for (const char* part :
         {"compute_cycles", "vector_cycles", "stall_io_cycles", "stall_weights_cycles",
          "stall_interconnect_cycles", "stall_local_memory_cycles", "stall_launch_cycles"}) {
      parts += layer.at(part).get<std::int64_t>();
    }
    EXPECT_EQ(parts, layer.at("cycles").get<std::int64_t>());
    EXPECT_GE(layer.at("cycles").get<std::int64_t>(),
              layer.at("lower_bound_cycles").get<std::int64_t>());
    for (const char* key : {"name", "op", "macs", "utilization", "io_bytes", "mapping"}) {
      EXPECT_TRUE(layer.contains(key)) << key;
    }
    cycles += layer.at("cycles").get<std::int64_t>();
    io += layer.at("io_bytes").get<std::int64_t>();
  }
  EXPECT_EQ(cycles, report["cycles"].get<std::int64_t>());
  EXPECT_EQ(io, report["io_bytes"].get<std::int64_t>());
}

// A layer that no other reads is an output: it goes to DRAM, and is there when it has been
// computed.
TEST(Report, EveryOutputSaysWhenItIsComplete) {
  NetworkBuilder builder("heads", {16, 16, 8});
  const int stem = builder.conv("stem", kNetworkInput, 16, 3, 1, Activation::kRelu);
  builder.conv("small", stem, 4, 1, 1, Activation::kNone);
  builder.conv("large", stem, 64, 3, 1, Activation::kNone);
  const Network network = builder.finish();
  Simulator simulator;
  const SimulationResult result = simulator.run(network, AcceleratorConfig());
  const json report = json::parse(simulation_json(network, AcceleratorConfig(), result));
  ASSERT_EQ(report["outputs"].size(), 2U);
  EXPECT_EQ(report["outputs"][0]["layer"], "small");
  EXPECT_DOUBLE_EQ(report["outputs"][0]["latency_ms"].get<double>() / result.latency_ms,
                   static_cast<double>(result.layers[0].cycles + result.layers[1].cycles) /
                       static_cast<double>(result.cycles));
  EXPECT_DOUBLE_EQ(report["outputs"][1]["latency_ms"].get<double>(), result.latency_ms);
  EXPECT_GE(report["layers"][1]["io_bytes"].get<std::int64_t>(), 16 * 16 * 4);
}

TEST(Report, ThroughputAndTheFirstInference) {
  const Network network = find_network("mobilenet_v2");
  AcceleratorConfig accelerator;
  Simulator simulator;
  for (const WeightPolicy policy : {WeightPolicy::kCached, WeightPolicy::kStreamed}) {
    accelerator.weights = policy;
    const SimulationResult result = simulator.run(network, accelerator);
    const json report = json::parse(simulation_json(network, accelerator, result));
    EXPECT_DOUBLE_EQ(report["inferences_per_s"].get<double>() * report["latency_ms"].get<double>(),
                     1000);
    EXPECT_EQ(report["cold_latency_ms"].get<double>(), result.cold_latency_ms);
    EXPECT_EQ(report["weight_load_cycles"].get<std::int64_t>(), result.weight_load_cycles);
    EXPECT_EQ(report["weight_load_mj"].get<double>(), result.weight_load_energy.total());
    EXPECT_EQ(report["temperature_c"], 85);
    EXPECT_FALSE(report.contains("rate")) << "nobody asked for one";
    const std::string summary = simulation_summary(network, accelerator, result);
    EXPECT_NE(summary.find(policy == WeightPolicy::kCached ? "MB of weights\n"
                                                           : "the first takes as long\n"),
              std::string::npos)
        << summary;
  }
}

// What is shown as the highest rate can be asked for: it is rounded down.
TEST(Report, TheHighestFrameRateThatIsShownCanBeKept) {
  Simulator simulator;
  const AcceleratorConfig accelerator;
  for (const char* name : {"mobilenet_v2", "efficientnet_b0", "resnet_50", "vgg_16"}) {
    const Network network = find_network(name);
    const SimulationResult result = simulator.run(network, accelerator);
    ASSERT_TRUE(result.feasible());
    const std::string refused = simulation_summary(network, accelerator, result, 1e6);
    const std::string words = "infeasible, an inference takes ";
    ASSERT_NE(refused.find(words), std::string::npos) << refused;
    const double shown = std::stod(refused.substr(refused.find("; at most ") + 10));
    EXPECT_NEAR(shown * result.latency_ms, 1000, 0.1);
    const auto rate_at = [&](double per_s) {
      return json::parse(simulation_json(network, accelerator, result, per_s))["rate"];
    };
    EXPECT_EQ(rate_at(shown)["feasible"], true);
    const json above = rate_at(1.001 * shown);
    EXPECT_EQ(above["feasible"], false);
    EXPECT_FALSE(above.contains("energy_mj"));
    EXPECT_NE(above["reason_text"].get<std::string>().find("at most"), std::string::npos);
    EXPECT_EQ(rate_at(above["highest_frames_per_s"].get<double>())["feasible"], true);
  }
}

TEST(Report, InfeasibleHasAReasonAndNoLatency) {
  const Network network = find_network("mnasnet_b1");
  AcceleratorConfig accelerator;
  accelerator.simd_units = 128;
  accelerator.register_file_kib = 4;
  Simulator simulator;
  const SimulationResult result = simulator.run(network, accelerator);
  ASSERT_FALSE(result.feasible());
  const json report = json::parse(simulation_json(network, accelerator, result));
  EXPECT_EQ(report["feasible"], false);
  EXPECT_EQ(report["reason"], "register_file_too_small");
  EXPECT_FALSE(report.contains("latency_ms"));
  EXPECT_NE(simulation_summary(network, accelerator, result).find("infeasible"), std::string::npos);
}

TEST(Report, CsvHasALineALayer) {
  const Network network = find_network("mobilenet_v2");
  Simulator simulator;
  const SimulationResult result = simulator.run(network, {});
  std::istringstream csv(without_comments(simulation_csv(result)));
  std::string line;
  std::getline(csv, line);
  const auto columns = std::count(line.begin(), line.end(), ',');
  std::size_t rows = 0;
  while (std::getline(csv, line)) {
    EXPECT_EQ(std::count(line.begin(), line.end(), ','), columns) << line;
    ++rows;
  }
  EXPECT_EQ(rows, network.layers().size());
}

TEST(Report, BoundIsTheLargestPart) {
  CycleBreakdown breakdown;
  breakdown.compute = 10;
  breakdown.stall_weights = 11;
  EXPECT_EQ(bound_of(breakdown), "weights");
}

TEST(SimulationCsv, ANameOfALayerMayHaveAnythingInIt) {
  SimulationResult result;
  result.layers.resize(2);
  result.layers[0].name = "stem, \"first\"\nof two # or more";
  result.layers[0].energy.macs = 1.0 / 3;
  result.layers[1].name = "plain";
  const std::string text = simulation_csv(result);
  EXPECT_EQ(text.find("# schema: dovetail.layers/1\n# build: "), 0U);
  const auto rows = csv_rows(text);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0][0], "name");
  EXPECT_EQ(rows[1][0], result.layers[0].name);
  EXPECT_EQ(rows[2][0], "plain");
  EXPECT_EQ(rows[1].size(), rows[0].size());
  EXPECT_EQ(csv_rows(simulation_csv({})).size(), 1U) << "a design that cannot run has no layers";
}

}  // namespace
}  // namespace dovetail
