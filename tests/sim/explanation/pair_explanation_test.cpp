#include "sim/explanation/pair_explanation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/files/paths.h"
#include "models/network/zoo.h"
#include "sim/explanation/explanation_files.h"
#include "tests/base/files/test_files.h"
#include "tests/base/text/csv_rows.h"

namespace dovetail {
namespace {

using nlohmann::json;
using testing::HasSubstr;

AcceleratorConfig baseline() {
  return AcceleratorConfig::load(resolve_config("accelerators", "nahas_baseline"));
}

PairExplanation explain(const AcceleratorConfig& accelerator, const std::string& layer = "") {
  return explain_pair(find_network("mobilenet_v2"), accelerator, layer,
                      DesignSpace::load(resolve_config("spaces", "nahas_edge")), "16nm", 1);
}

TEST(PairExplanation, EffectsAreWhatSimulateSaysOfTheNeighbour) {
  const Network network = find_network("mobilenet_v2");
  for (const char* layer : {"", "blocks.16.project"}) {
    const PairExplanation e = explain(baseline(), layer);
    const json steps = json::parse(explanation_json(e))["steps"];
    ASSERT_EQ(steps.size(), e.neighbours.size());
    EXPECT_EQ(steps.size(), 14u);
    Simulator simulator;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const SimulationResult fresh = simulator.run(network, e.neighbours[i].accelerator);
      ASSERT_EQ(steps[i]["feasible"], fresh.feasible());
      EXPECT_EQ(steps[i]["latency_ms"], fresh.latency_ms);
      EXPECT_EQ(steps[i]["area_mm2"], fresh.area_mm2);
      EXPECT_EQ(steps[i]["energy_mj"], fresh.energy.total());
      EXPECT_DOUBLE_EQ(steps[i]["latency_change_percent"].get<double>(),
                       100 * (fresh.latency_ms / e.result.latency_ms - 1));
      if (e.layer) {
        EXPECT_EQ(steps[i]["layer_cycles"], fresh.layers[*e.layer].cycles);
      } else {
        EXPECT_TRUE(steps[i]["layer_cycles"].is_null());
      }
    }
  }
}

TEST(PairExplanation, TheLargestEffectComesFirst) {
  const PairExplanation e = explain(baseline());
  std::vector<double> largest;  // of each parameter, in the order of the table
  std::string parameter;
  for (const Neighbour& n : e.neighbours) {
    if (n.parameter != parameter) largest.push_back(0);
    parameter = n.parameter;
    largest.back() = std::max(largest.back(), std::abs(e.change_percent_by(n).value_or(0)));
  }
  EXPECT_EQ(largest.size(), 7u);
  EXPECT_TRUE(std::is_sorted(largest.rbegin(), largest.rend()));
}

TEST(PairExplanation, ALayerIsExplainedInItsOwnCycles) {
  const PairExplanation e = explain(baseline(), "blocks.16.project");
  EXPECT_EQ(e.window.cycles(), e.result.layers[*e.layer].cycles);
  const std::string text = pair_explanation_text(e);
  EXPECT_THAT(text, HasSubstr("blocks.16.project is bound by "));
  EXPECT_THAT(text, HasSubstr("layer (cycles)"));
  EXPECT_THAT(message_of<InputError>([] { explain(baseline(), "blocks.16.projct"); }),
              HasSubstr("did you mean 'blocks.16.project'"));
}

TEST(PairExplanation, AnInfeasibleStepSaysItsReason) {
  AcceleratorConfig accelerator = baseline();
  accelerator.simd_units = 64;
  accelerator.register_file_kib = 8;
  const PairExplanation e = explain_pair(
      find_network("mobilenet_v2"), accelerator, "",
      DesignSpace::read(YamlNode::parse("schema: dovetail.design_space/1\n"
                                        "name: small\n"
                                        "base: nahas_baseline\n"
                                        "decisions:\n"
                                        "  - {name: register_file_kib, choices: [0.5, 8, 16]}\n",
                                        "small.yaml"),
                        "."),
      "16nm", 1);
  ASSERT_EQ(e.neighbours.size(), 2u);
  const std::string text = pair_explanation_text(e);
  EXPECT_THAT(text, HasSubstr("register_file_kib 0.5: layer "));
  const json steps = json::parse(explanation_json(e))["steps"];
  EXPECT_EQ(steps[0]["reason"], "register_file_too_small");
  EXPECT_TRUE(steps[0]["latency_ms"].is_null());
  EXPECT_LT(steps[0]["area_change_mm2"].get<double>(), 0);
  EXPECT_THAT(without_comments(explanation_csv(e)), HasSubstr("register_file_kib,8,0.5,down,,,,,"));
}

TEST(PairExplanation, OfAPairThatCannotRunTheStepsThatCanAreShown) {
  AcceleratorConfig accelerator = baseline();
  accelerator.register_file_kib = 0.5;
  const PairExplanation e = explain(accelerator);
  EXPECT_FALSE(e.result.feasible());
  const json file = json::parse(explanation_json(e));
  EXPECT_EQ(file["reason"], "register_file_too_small");
  int can_run = 0;
  for (const json& step : file["steps"]) {
    EXPECT_TRUE(step["latency_change_percent"].is_null());
    if (!step["feasible"].get<bool>()) continue;
    EXPECT_EQ(step["parameter"], "register_file_kib");
    EXPECT_GT(step["latency_ms"].get<double>(), 0);
    ++can_run;
  }
  EXPECT_EQ(can_run, 1);
  EXPECT_THAT(pair_explanation_text(e), HasSubstr("infeasible (register_file_too_small)"));
}

}  // namespace
}  // namespace dovetail
