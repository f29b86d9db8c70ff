#include "hw_space/accelerator_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "base/numbers/random.h"
#include "base/text/text.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

AcceleratorConfig read(const std::string& text) {
  return AcceleratorConfig::from_yaml(YamlNode::parse(text, "acc.yaml"));
}

const std::string kHead = "schema: dovetail.accelerator/1\nname: x\n";

// A configuration with every parameter at random in its range.
AcceleratorConfig random_config(Rng& rng) {
  AcceleratorConfig config;
  config.name = "random: \"" + std::to_string(rng.bits()) + "\"";
  for (const AcceleratorParameter& p : accelerator_parameters()) {
    const double value = p.min + rng.uniform() * (p.max - p.min);
    p.set(config, p.integer ? std::round(value) : value);
  }
  return config;
}

TEST(AcceleratorConfigTest, RoundTripIsExact) {
  Rng rng(1);
  for (int i = 0; i < 300; ++i) {
    const AcceleratorConfig config = random_config(rng);
    config.validate();
    EXPECT_EQ(read(config.to_yaml()), config) << config.to_yaml();
    EXPECT_EQ(read(config.to_yaml()).to_yaml(), config.to_yaml());
  }
}

TEST(AcceleratorConfigTest, WritesBackToAFile) {
  const TemporaryFolder folder;
  Rng rng(2);
  const AcceleratorConfig config = random_config(rng);
  write_file_atomically(folder.path() / "effective.yaml", config.to_yaml());
  EXPECT_EQ(AcceleratorConfig::load(folder.path() / "effective.yaml"), config);
}

TEST(AcceleratorConfigTest, MissingKeysTakeTheirDefaults) {
  AcceleratorConfig expected;
  expected.name = "x";
  EXPECT_EQ(read(kHead), expected);
  expected.simd_units = 128;
  EXPECT_EQ(read(kHead + "simd_units: 128\n"), expected);
}

// Each field of the structure has its row: a field without one would not survive the round trip.
TEST(AcceleratorConfigTest, EveryParameterIsReadWrittenAndCompared) {
  std::set<std::string> keys;
  for (const AcceleratorParameter& p : accelerator_parameters()) {
    EXPECT_TRUE(keys.insert(p.key).second) << p.key;
    EXPECT_FALSE(p.unit.empty() || p.meaning.empty() || p.source.empty()) << p.key;
    EXPECT_FALSE(p.comment.empty()) << p.key;
    const AcceleratorConfig defaults;
    AcceleratorConfig changed;
    p.set(changed, p.get(defaults) == p.max ? p.min : p.max);
    EXPECT_NE(changed, defaults) << p.key;
    const AcceleratorConfig back = read(changed.to_yaml());
    EXPECT_EQ(back, changed) << p.key;
    for (const AcceleratorParameter& other : accelerator_parameters()) {
      if (other.key == p.key) continue;
      EXPECT_EQ(other.get(back), other.get(defaults)) << other.key;
    }
  }
}

TEST(AcceleratorConfigTest, EveryRangeIsEnforcedWithItsPlace) {
  for (const AcceleratorParameter& p : accelerator_parameters()) {
    AcceleratorConfig config;
    for (const double bound : {p.min, p.max}) {
      const std::string text = kHead + p.key + ": " + p.text_of(bound) + "\n";
      EXPECT_EQ(p.get(read(text)), bound) << text;
      const double step = p.integer ? 1 : 1e-6 * bound + 1e-9;
      const double outside = bound == p.min ? bound - step : bound + step;
      EXPECT_THAT(
          message_of<InputError>(
              [&] { read(kHead + p.key + ": " + format_number(outside) + "\n"); }),
          HasSubstr("acc.yaml:3:" + std::to_string(p.key.size() + 3) + ": " + p.key + ": "));
      p.set(config, outside);
      EXPECT_THAT(message_of<InputError>([&] { config.validate(); }),
                  HasSubstr(p.key + ": found " + format_number(outside)));
      p.set(config, bound);
      EXPECT_NO_THROW(config.validate());
    }
    if (p.integer) {
      EXPECT_THROW(read(kHead + p.key + ": 1.5\n"), InputError) << p.key;
    } else {
      p.set(config, std::numeric_limits<double>::quiet_NaN());
      EXPECT_THROW(config.validate(), InputError) << p.key;
    }
  }
}

// Names stand where numbers do: the position of a name is the value.
TEST(AcceleratorConfigTest, AChoiceIsReadAndWrittenByName) {
  int choices = 0;
  for (const AcceleratorParameter& p : accelerator_parameters()) {
    if (!p.is_choice()) continue;
    ++choices;
    EXPECT_EQ(p.min, 0);
    EXPECT_EQ(p.max, static_cast<double>(p.names.size()) - 1);
    for (std::size_t i = 0; i < p.names.size(); ++i) {
      const AcceleratorConfig config = read(kHead + p.key + ": " + p.names[i] + "\n");
      EXPECT_EQ(p.get(config), static_cast<double>(i));
      EXPECT_EQ(p.text_in(config), p.names[i]);
    }
    EXPECT_THROW(read(kHead + p.key + ": 0\n"), InputError);
  }
  EXPECT_GE(choices, 2);
  EXPECT_EQ(read(kHead + "weights: cached\n").weights, WeightPolicy::kCached);
  EXPECT_EQ(to_string(WeightPolicy::kStreamed), "streamed");
}

// Data sets and models keep this text and compare it: no byte of these lines may change.
TEST(AcceleratorConfigTest, WhatIsWrittenStaysAsItWas) {
  const std::string text = AcceleratorConfig().to_yaml();
  for (const char* line : {"pes_x: 4  # PEs",
                           "pes_y: 4  # PEs",
                           "simd_units: 64  # units per lane",
                           "compute_lanes: 4  # lanes per PE",
                           "register_file_kib: 32  # KiB per lane",
                           "local_memory_mib: 2  # MiB per PE",
                           "io_bandwidth_gbps: 20  # GB/s (1e9 bytes)",
                           "clock_ghz: 0.8  # GHz",
                           "simd_width: 4  # int8 MACs per unit and cycle",
                           "register_file_bytes_per_unit_cycle: 1  # bytes per unit and cycle",
                           "activation_bytes_per_lane_cycle: 32  # bytes per lane and cycle",
                           "local_memory_bytes_per_pe_cycle: 128  # bytes per PE and cycle",
                           "broadcast_bytes_per_cycle: 256  # bytes per cycle",
                           "link_bytes_per_pe_cycle: 4  # bytes per PE and cycle",
                           "drain_cycles: 10  # cycles per block of outputs",
                           "dram_efficiency: 1  # share of the bandwidth",
                           "io_latency_cycles: 160  # cycles",
                           "io_phy_area: excluded  # excluded | included",
                           "interconnect_hop_cycles: 2  # cycles per hop",
                           "layer_launch_cycles: 400  # cycles per layer",
                           "tile_issue_cycles: 16  # cycles per tile",
                           "vector_elements_per_lane_cycle: 0.25  # elements per lane and cycle",
                           "weight_prefetch_layers: 1  # layers",
                           "weights: auto  # auto | cached | streamed"}) {
    EXPECT_THAT(text, HasSubstr("\n" + std::string(line) + "\n"));
  }
}

TEST(AcceleratorConfigTest, BadFilesNameThePlace) {
  EXPECT_THAT(message_of<InputError>([] { read(kHead + "simd_unit: 3\n"); }),
              HasSubstr("acc.yaml:3:1: simd_unit: unknown key 'simd_unit'; did you mean "
                        "'simd_units'?"));
  // Names of a lane's port, which is of the PE now, and of a PE's vector unit, which is of the
  // lane.
  EXPECT_THAT(
      message_of<InputError>([] { read(kHead + "local_memory_bytes_per_lane_cycle: 64\n"); }),
      HasSubstr("did you mean 'local_memory_bytes_per_pe_cycle'?"));
  EXPECT_THAT(message_of<InputError>([] { read(kHead + "vector_elements_per_pe_cycle: 1\n"); }),
              HasSubstr("did you mean 'vector_elements_per_lane_cycle'?"));
  EXPECT_THAT(message_of<InputError>([] { read(kHead + "weights: stremed\n"); }),
              HasSubstr("allowed auto | cached | streamed; did you mean 'streamed'?"));
  EXPECT_THAT(message_of<InputError>([] { read("pes_x: 4\n"); }),
              HasSubstr("the key 'schema' is missing"));
  EXPECT_THAT(message_of<InputError>([] { read("schema: dovetail.accelerator/2\n"); }),
              HasSubstr("allowed 'dovetail.accelerator/1'"));
  EXPECT_THAT(message_of<InputError>([] { read(kHead + "pes_x: four\n"); }),
              HasSubstr("acc.yaml:3:8: pes_x: found 'four', allowed an integer from 1 to 64"));
}

TEST(AcceleratorConfigTest, EveryDefaultIsInItsRange) {
  EXPECT_NO_THROW(AcceleratorConfig().validate());
}

TEST(AcceleratorConfigTest, EveryFileIsReadAndNamedAsTheFile) {
  const auto names = list_configs("accelerators");
  EXPECT_THAT(names, testing::IsSupersetOf({"coral_edge_tpu", "nahas_baseline"}));
  for (const std::string& name : names) {
    EXPECT_EQ(AcceleratorConfig::load(resolve_config("accelerators", name)).name, name);
  }
}

// NAHAS, table 1: 16,384 multiply-accumulates a cycle, 26.2 TOPS.
TEST(AcceleratorConfigTest, TheBaselineIsThePublishedOne) {
  AcceleratorConfig config =
      AcceleratorConfig::load(resolve_config("accelerators", "nahas_baseline"));
  EXPECT_EQ(config.peak_macs_per_cycle(), 16384);
  EXPECT_NEAR(2 * config.peak_macs_per_cycle() * config.clock_ghz / 1000, 26.2, 0.05);
  EXPECT_EQ(config.io_bandwidth_gbps, 20);
  EXPECT_EQ(config.local_memory_bytes(), 2 * 1024 * 1024);
  EXPECT_EQ(config.register_file_bytes(), 32 * 1024);
  EXPECT_EQ(config.weights, WeightPolicy::kAuto);
}

// Coral: 4 TOPS, and 192 KiB + 512 KiB in each of 16 PEs.
TEST(AcceleratorConfigTest, CoralIsThePublishedOne) {
  const auto config = AcceleratorConfig::load(resolve_config("accelerators", "coral_edge_tpu"));
  EXPECT_DOUBLE_EQ(2 * config.peak_macs_per_cycle() * config.clock_ghz / 1000, 4.096);
  EXPECT_EQ(config.local_memory_bytes(), (192 + 512) * 1024);
  EXPECT_EQ(config.weights, WeightPolicy::kCached);
}

}  // namespace
}  // namespace dovetail
