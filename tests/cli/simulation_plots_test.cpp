// The plots of what simulate and explore write: what they show, and what they refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/command_runner.h"

namespace dovetail::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// A layer as simulate writes it; its cycles are the sum of their parts.
json layer(const std::string& name, std::int64_t macs, std::int64_t io_bytes, std::int64_t compute,
           std::int64_t waiting) {
  return {{"name", name},
          {"macs", macs},
          {"cycles", compute + waiting},
          {"compute_cycles", compute},
          {"stall_weights_cycles", waiting},
          {"lower_bound_cycles", compute},
          {"bound", compute > waiting ? "compute" : "weights"},
          {"io_bytes", io_bytes},
          {"prefetched_bytes", 0}};
}

json simulation() {
  return {{"schema", "dovetail.simulation/1"},
          {"network", "net"},
          {"accelerator",
           {{"name", "acc"},
            {"pes_x", 2},
            {"pes_y", 2},
            {"compute_lanes", 1},
            {"simd_units", 16},
            {"simd_width", 4},
            {"io_bandwidth_gbps", 4},
            {"clock_ghz", 0.5}}},
          {"feasible", true},
          {"macs", 250000},
          {"io_bytes", 3000},
          {"cycles", 2000},
          {"layers",
           {layer("blocks.0.expand", 100000, 1000, 700, 100),
            layer("blocks.0.dw", 50000, 2000, 300, 500), layer("head", 100000, 0, 300, 0),
            layer("pool", 0, 0, 100, 0)}}};
}

class SimulationPlotsTest : public testing::Test {
 protected:
  std::string draw(const std::string& kind, const std::string& content,
                   const std::string& picture) const {
    files_.write("in", content);
    const CommandResult result = dovetail_.run({"plot", kind, "in", "-o", picture});
    EXPECT_EQ(result.status, 0) << result.err;
    return files_.read(picture);
  }
  std::string draw(const std::string& kind, const json& content) const {
    return draw(kind, content.dump(), "out.svg");
  }
  std::string refusal(const std::string& kind, const std::string& content) const {
    files_.write("in", content);
    const CommandResult result = dovetail_.run({"plot", kind, "in", "-o", "refused.svg"});
    EXPECT_EQ(result.status, 2);
    EXPECT_FALSE(std::filesystem::exists(dovetail_.path("refused.svg")));
    return result.err;
  }
  std::string refusal(const std::string& kind, const json& content) const {
    return refusal(kind, content.dump());
  }

  CommandRunner dovetail_;
  const TemporaryFolder& files_ = dovetail_.folder();
};

TEST_F(SimulationPlotsTest, TheRooflineNamesItsRoofsAndClasses) {
  const std::string svg = draw("roofline", simulation());
  // 2 * 2 * 1 * 16 * 4 MACs a cycle; 4 GB/s at 0.5 GHz
  for (const char* text :
       {"compute, 256 MACs per cycle", "IO, 8 bytes per cycle", "MACs per IO byte",
        "attained MACs per cycle", "compute (2)", "wait for weights (1)", "no IO", "(1 layers)",
        "net on acc", "whole network", "1 layers without MACs are not shown"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
}

TEST_F(SimulationPlotsTest, TheLayersAreStackedByClass) {
  const std::string svg = draw("layers", simulation());
  for (const char* text :
       {"blocks.0.expand", "blocks.0.dw", "head", "pool", "compute (70.0 %)",
        "wait for weights (30.0 %)", "net on acc: 2,000 cycles by layer", "cycles [thousands]"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
}

TEST_F(SimulationPlotsTest, AClassOfCyclesThatIsNewIsDrawnToo) {
  json result = simulation();
  json& head = result["layers"][2];
  head["stall_moon_phase_cycles"] = 700;
  head["cycles"] = 1000;
  head["bound"] = "moon_phase";
  for (json& other : result["layers"]) {
    if (!other.contains("stall_moon_phase_cycles")) other["stall_moon_phase_cycles"] = 0;
  }
  EXPECT_THAT(draw("roofline", result), HasSubstr("moon phase (1)"));
  EXPECT_THAT(draw("layers", result), HasSubstr("moon phase (35.0 %)"));
}

TEST_F(SimulationPlotsTest, ALongNetworkIsDrawnByBlocks) {
  json result = simulation();
  for (int block = 1; block < 50; ++block) {
    const std::string name = "blocks." + std::to_string(block);
    result["layers"].push_back(layer(name + ".expand", 10, 10, 100, 0));
    result["layers"].push_back(layer(name + ".se.scale", 10, 10, 100, 0));
  }
  const std::string svg = draw("layers", result);
  EXPECT_THAT(svg, HasSubstr("cycles by block"));
  EXPECT_THAT(svg, HasSubstr("blocks.49"));
  EXPECT_THAT(svg, testing::Not(HasSubstr("se.scale")));
}

TEST_F(SimulationPlotsTest, TheSuffixDecidesAndTheSameFileGivesTheSamePicture) {
  const std::string text = simulation().dump();
  EXPECT_EQ(draw("roofline", text, "a.png").substr(1, 3), "PNG");
  EXPECT_EQ(draw("layers", text, "a.pdf").substr(0, 5), "%PDF-");
  for (const char* kind : {"roofline", "layers"}) {
    EXPECT_EQ(draw(kind, text, "a.svg"), draw(kind, text, "b.svg"));
  }
}

TEST_F(SimulationPlotsTest, ATraceIsDrawnAgentByAgent) {
  ASSERT_EQ(
      dovetail_
          .run({"simulate", "-n", "efficientnet_b0", "-a", "nahas_baseline", "--trace", "t", "-q"})
          .status,
      0);
  const CommandResult drawn =
      dovetail_.run({"plot", "trace", "t", "-o", "t.svg", "--layers", "blocks.3.se"});
  ASSERT_EQ(drawn.status, 0) << drawn.err;
  const std::string svg = files_.read("t.svg");
  for (const char* text :
       {"Sequencer", "PE array", "IO port", "vector unit", "blocks.3.se.scale"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  EXPECT_THAT(svg, testing::Not(HasSubstr("blocks.4")));
  const CommandResult refused =
      dovetail_.run({"plot", "trace", "t", "-o", "u.svg", "--layers", "blocks.99"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("no layer begins with 'blocks.99'"));
  EXPECT_THAT(refusal("trace", std::string("{")), HasSubstr("in: "));
}

TEST_F(SimulationPlotsTest, WhatSimulateWritesIsDrawn) {
  ASSERT_EQ(
      dovetail_
          .run({"simulate", "-q", "-n", "mobilenet_v2", "-a", "nahas_baseline", "--json", "s.json"})
          .status,
      0);
  const std::string real = files_.read("s.json");
  const std::string roofline = draw("roofline", real, "r.svg");
  EXPECT_THAT(roofline, HasSubstr("compute, 4096 MACs per cycle"));
  EXPECT_THAT(roofline, HasSubstr("peak, 16384"));
  EXPECT_THAT(draw("layers", real, "l.svg"), HasSubstr("blocks.16.project"));
}

TEST_F(SimulationPlotsTest, WhatCannotBeDrawnIsRefusedWithTheReason) {
  EXPECT_THAT(refusal("layers", std::string("run,seed\n1,2\n")), HasSubstr("in: "));
  EXPECT_THAT(refusal("roofline", json::array()), HasSubstr("dovetail simulate --json"));
  for (const char* kind : {"layers", "trace", "tornado", "area"}) {
    EXPECT_THAT(refusal(kind, std::string(100'000, '[')), HasSubstr("in: is nested too deep"));
    EXPECT_THAT(refusal(kind, std::string("a\xff")), HasSubstr("found byte 1, which is not UTF-8"));
  }
  json result = simulation();
  result["schema"] = "dovetail.area/1";
  EXPECT_THAT(refusal("layers", result), HasSubstr("found \"dovetail.area/1\""));
  result = simulation();
  result["feasible"] = false;
  result["reason_text"] = "too small";
  EXPECT_THAT(refusal("roofline", result), HasSubstr("cannot run: too small"));
  result = simulation();
  result["layers"][1]["compute_cycles"] = 299;
  EXPECT_THAT(refusal("layers", result), HasSubstr("layer 'blocks.0.dw': the parts of its cycles"));
  result = simulation();
  result["layers"][1]["macs"] = "many";
  EXPECT_THAT(refusal("roofline", result), HasSubstr("layer 'blocks.0.dw': macs: found \"many\""));
  result["layers"] = json::array();
  EXPECT_THAT(refusal("layers", result), HasSubstr("no layers"));
  result = simulation();
  result["accelerator"].erase("clock_ghz");
  EXPECT_THAT(refusal("roofline", result), HasSubstr("clock_ghz"));
}

// A step of an explanation; without a change it is one on which the network cannot run.
json step(const std::string& parameter, const std::string& direction, const json& change) {
  const json price = change.is_null() ? json(nullptr) : json(1.5);
  return {{"parameter", parameter},
          {"from", "2"},
          {"to", direction == "up" ? "3" : "1"},
          {"direction", direction},
          {"reason", "local_memory_too_small"},
          {"latency_change_percent", change},
          {"layer_change_percent", nullptr},
          {"area_change_mm2", -0.25},
          {"power_change_mw", price}};
}

TEST_F(SimulationPlotsTest, ATornadoShowsEachStepWithItsPrice) {
  json explanation = {
      {"schema", "dovetail.explanation/1"},
      {"network", "net"},
      {"accelerator", "acc"},
      {"layer", nullptr},
      {"feasible", true},
      {"latency_ms", 0.5},
      {"cycles", 400000},
      {"steps",
       {step("lanes", "down", 40.0), step("lanes", "up", -20.0), step("memory", "down", nullptr)}}};
  const std::string svg = draw("tornado", explanation);
  for (const char* text :
       {"net on acc: 0.5 ms", "lanes = 2", "memory = 2", "→ 3: -0.25 mm², +1.5 mW",
        "→ 1: local memory too small", "change of latency [%]", "to the next larger"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  explanation["feasible"] = false;
  EXPECT_THAT(refusal("tornado", explanation), HasSubstr("cannot run"));
  explanation["schema"] = "dovetail.area/2";
  EXPECT_THAT(refusal("tornado", explanation), HasSubstr("dovetail explain --json"));
}

TEST_F(SimulationPlotsTest, FrontsOfAnExplorationAreDrawn) {
  const std::string csv =
      "# schema: dovetail.exploration_front/1\n# build: any\n"
      "network,index,latency_ms,cycles,area_mm2\n"
      "net_a,5,0.3,300,30\nnet_a,2,0.6,600,12\nnet_b,5,0.2,200,30\n";
  const std::string svg = draw("fronts", csv, "f.svg");
  for (const char* text : {"net_a (2 points)", "net_b (1 point)", "latency [ms]"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  std::string spoilt = csv;
  spoilt.replace(spoilt.find("0.6"), 3, "abc");
  EXPECT_THAT(refusal("fronts", spoilt), HasSubstr("in:5: latency_ms: found 'abc'"));
  EXPECT_THAT(refusal("fronts", csv.substr(0, csv.find("net_a"))), HasSubstr("no rows"));
}

}  // namespace
}  // namespace dovetail::test
