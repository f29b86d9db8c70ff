// Accelerators for other tools: what their files say is what the accelerator has.

#include "sim/exchange/foreign_accelerators.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/files/paths.h"
#include "base/files/yaml.h"
#include "sim/silicon/area_model.h"
#include "sim/silicon/energy_model.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

Technology technology() {
  return Technology::load(resolve_config("technology", "16nm"));
}

std::vector<AcceleratorConfig> presets() {
  std::vector<AcceleratorConfig> all;
  for (const std::string& name : list_configs("accelerators")) {
    all.push_back(AcceleratorConfig::load(resolve_config("accelerators", name)));
  }
  return all;
}

TEST(ForeignAcceleratorsTest, ZigzagHasTheMultipliersMemoriesAndEnergies) {
  for (const AcceleratorConfig& a : presets()) {
    SCOPED_TRACE(a.name);
    const EnergyModel energy(a, technology());
    YamlMap file = YamlNode::parse(zigzag_yaml(a, technology()), "zigzag.yaml").map();
    EXPECT_EQ(file.required("name").as_string(), a.name);
    YamlMap array = file.required("operational_array").map();
    double multipliers = 1;
    for (const YamlNode& size : array.required("sizes").items()) {
      multipliers *= static_cast<double>(size.as_int(1));
    }
    EXPECT_EQ(multipliers, a.peak_macs_per_cycle());
    EXPECT_NEAR(array.required("unit_energy").as_double(), energy.pj(Event::kMac), 1e-4);
    EXPECT_NEAR(array.required("unit_area").as_double() * multipliers,
                area_of(a, technology()).macs, 1e-3 * area_of(a, technology()).macs);
    std::map<std::string, YamlNode> memories;
    YamlMap listed = file.required("memories").map();
    for (const auto& [name, memory] : listed.entries()) memories.emplace(name, memory);
    ASSERT_EQ(memories.size(), 3U);
    const auto number = [&](const char* memory, const char* key) {
      YamlMap map = memories.at(memory).map();
      return map.required(key).as_double();
    };
    EXPECT_EQ(number("local_memory", "size"), std::llround(8 * a.local_memory_bytes()));
    EXPECT_NEAR(number("register_file", "size") * a.simd_units, 8 * a.register_file_bytes(),
                a.simd_units);
    EXPECT_NEAR(number("local_memory", "r_cost"),
                energy.pj(Event::kLocalMemoryByte) * a.local_memory_bytes_per_pe_cycle,
                1e-4 * number("local_memory", "r_cost"));
    EXPECT_NEAR(number("local_memory", "area") * a.pes(), area_of(a, technology()).local_memory,
                1e-3 * area_of(a, technology()).local_memory);
  }
}

/// What ZigZag's own validator asks of ports: their bandwidths in order, writers for what comes in
/// and readers for what goes out, and every operand of a memory in all its directions.
TEST(ForeignAcceleratorsTest, ZigzagPortsServeEveryOperand) {
  for (const AcceleratorConfig& a : presets()) {
    SCOPED_TRACE(a.name);
    YamlMap file = YamlNode::parse(zigzag_yaml(a, technology()), "zigzag.yaml").map();
    YamlMap memories = file.required("memories").map();
    for (const auto& [name, node] : memories.entries()) {
      YamlMap memory = node.map();
      std::size_t directions = 0, wanted = 0;
      for (const YamlNode& operand : memory.required("operands").items()) {
        wanted += operand.as_string() == "O" ? 4 : 2;
      }
      for (const YamlNode& each : memory.required("ports").items()) {
        YamlMap port = each.map();
        const std::int64_t most = port.required("bandwidth_max").as_int(1);
        EXPECT_LE(port.required("bandwidth_min").as_int(1), most);
        const std::string type = port.required("type").as_string();
        for (const YamlNode& use : port.required("allocation").items()) {
          const bool comes = use.as_string()[use.as_string().size() - 2] == 'f';
          EXPECT_NE(type, comes ? "read" : "write") << name << ": " << use.as_string();
          ++directions;
        }
      }
      EXPECT_EQ(directions, wanted) << name;
    }
  }
}

TEST(ForeignAcceleratorsTest, BothSayWhatTheyCannotSay) {
  const AcceleratorConfig a =
      AcceleratorConfig::load(resolve_config("accelerators", "nahas_baseline"));
  for (const std::string& text : {zigzag_yaml(a, technology()), timeloop_yaml(a, technology())}) {
    EXPECT_THAT(text, HasSubstr("# What this format cannot say"));
    EXPECT_THAT(text, HasSubstr("a layer's launch (2000 cycles)"));
    EXPECT_THAT(text, HasSubstr("0.25 elements a lane and cycle"));
  }
}

}  // namespace
}  // namespace dovetail
