#include "sim/silicon/area_model.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "base/numbers/random.h"
#include "sim/silicon/energy_model.h"
#include "sim/silicon/memory_model.h"
#include "tests/base/files/test_files.h"
#include "tests/sim/random_cases.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

Technology technology(const std::string& name) {
  return Technology::load(resolve_config("technology", name));
}

AcceleratorConfig preset(const std::string& name) {
  return AcceleratorConfig::load(resolve_config("accelerators", name));
}

const std::vector<std::string> kNodes = {"28nm", "16nm", "7nm"};

/// One of the three.
Technology any_technology(Rng& rng) {
  return technology(kNodes[rng.index(kNodes.size())]);
}

struct Nvdla {
  const char* accelerator;
  int macs, buffer_kib;
  double gbps, mm2_28, mm2_16;
};
// NVDLA primer, "Example area and performance with NVDLA". The coefficients are fitted to the rows
// with 2048, 512, 128 and 32 MACs; the others are held out.
constexpr Nvdla kNvdla[] = {
    {"nvdla_2048", 2048, 512, 20, 5.5, 3.3}, {"nvdla_1024", 1024, 256, 15, 3.0, 1.8},
    {"nvdla_512", 512, 256, 10, 2.3, 1.4},   {"nvdla_256", 256, 256, 5, 1.7, 1.0},
    {"nvdla_128", 128, 256, 2, 1.4, 0.84},   {"nvdla_64", 64, 128, 1, 0.91, 0.55},
    {"nvdla_32", 32, 128, 0.5, 0.85, 0.51}};

class NvdlaArea : public testing::TestWithParam<Nvdla> {};

TEST_P(NvdlaArea, IsWithinTenPercent) {
  const AcceleratorConfig accelerator = preset(GetParam().accelerator);
  EXPECT_NEAR(area_of(accelerator, technology("28nm")).total() / GetParam().mm2_28, 1, 0.10);
  EXPECT_NEAR(area_of(accelerator, technology("16nm")).total() / GetParam().mm2_16, 1, 0.10);
}

TEST_P(NvdlaArea, ThePresetIsThePublishedDesign) {
  const AcceleratorConfig accelerator = preset(GetParam().accelerator);
  EXPECT_EQ(accelerator.peak_macs_per_cycle(), GetParam().macs);
  EXPECT_EQ(accelerator.local_memory_mib * 1024, GetParam().buffer_kib);
  EXPECT_EQ(accelerator.io_bandwidth_gbps, GetParam().gbps);
  EXPECT_EQ(accelerator.clock_ghz, 1);
}

// Nor does it hang on how a design is written down in this model's terms.
TEST_P(NvdlaArea, IsWithinTenPercentInOtherWordsToo) {
  AcceleratorConfig plain;
  plain.pes_x = plain.pes_y = plain.compute_lanes = 1;
  plain.simd_width = 8;
  plain.simd_units = GetParam().macs / 8;
  plain.register_file_kib = 1;
  plain.local_memory_bytes_per_pe_cycle = 64;
  plain.local_memory_mib = GetParam().buffer_kib / 1024.0;
  plain.io_bandwidth_gbps = GetParam().gbps;
  EXPECT_NEAR(area_of(plain, technology("28nm")).total() / GetParam().mm2_28, 1, 0.10);
  EXPECT_NEAR(area_of(plain, technology("16nm")).total() / GetParam().mm2_16, 1, 0.10);
}

INSTANTIATE_TEST_SUITE_P(Published, NvdlaArea, testing::ValuesIn(kNvdla),
                         [](const auto& row) { return std::string(row.param.accelerator); });

// Jouppi et al. 2017, figure 2: of the die, buffers take 37 %, compute 30 %, I/O 10 %. Blocks
// without a label take the rest, so shares are compared both with those of what the model knows and
// with the area of the die, of which it is only said that it is at most 331 mm2.
TEST(AreaModel, SharesOfTpuV1AreWithinTenPoints) {
  const Technology nm28 = technology("28nm");
  const AcceleratorConfig tpu = preset("tpu_v1");
  const ComponentBreakdown area = area_of(tpu, nm28);
  const double phy = io_phy_mm2(tpu, nm28);
  ASSERT_EQ(tpu.peak_macs_per_cycle(), 65536);
  ASSERT_EQ(tpu.local_memory_mib + tpu.compute_lanes * tpu.register_file_kib / 1024, 28);
  EXPECT_LT(area.total() + phy, 331);
  for (const double whole : {area.total() + phy, 331.0}) {
    EXPECT_NEAR((area.local_memory + area.register_files) / whole, 0.37, 0.10);
    EXPECT_NEAR((area.macs + area.vector_units) / whole, 0.30, 0.10);
    EXPECT_NEAR((area.io + phy) / whole, 0.10, 0.10);
  }
}

TEST(AreaModel, TheBaselineIsOfThePublishedOrder) {
  const ComponentBreakdown area = area_of(preset("nahas_baseline"), technology("16nm"));
  EXPECT_NEAR(area.total(), 80, 16);
  EXPECT_GT(area.local_memory / area.total(), 0.60);
  EXPECT_LT(area.local_memory / area.total(), 0.75);
}

// Published: buffers take 2.9 to 3.9 times the area of their bit cells.
TEST(AreaModel, BuffersAreDearerThanTheirBitCellsAndSmallOnesMost) {
  for (const std::string& node : kNodes) {
    const Technology t = technology(node);
    AcceleratorConfig accelerator;
    double before = INFINITY;
    for (const double mib : {0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 24.0}) {
      accelerator.local_memory_mib = mib;
      const double factor =
          area_mm2(local_memory_array(accelerator, t), t) / (mib * t.sram_bit_cell_mm2_per_mib);
      EXPECT_GE(factor, 2.9 - 1e-9) << node << " " << mib;
      EXPECT_LE(factor, 3.9 + 1e-9) << node << " " << mib;
      EXPECT_LE(factor, before) << node << " " << mib;
      before = factor;
    }
    EXPECT_GT(area_mm2({1, 1024, 1}, t) / 1024, area_mm2({1, 32768, 1}, t) / 32768);
  }
}

TEST(AreaModel, ARegisterFileIsDearerByTheBitThanLocalMemory) {
  Rng rng(1);
  for (int i = 0; i < 200; ++i) {
    const AcceleratorConfig accelerator = test::random_accelerator(rng);
    for (const std::string& node : kNodes) {
      const Technology t = technology(node);
      const MacroArray bank = register_file_array(accelerator, t);
      const MacroArray memory = local_memory_array(accelerator, t);
      EXPECT_GT(area_mm2(bank, t) / bank.bytes(), area_mm2(memory, t) / memory.bytes());
    }
  }
}

TEST(AreaModel, AWiderPortCostsArea) {
  const Technology t = technology("16nm");
  AcceleratorConfig accelerator;
  accelerator.local_memory_mib = 0.5;
  const double narrow = area_of(accelerator, t).local_memory;
  accelerator.local_memory_bytes_per_pe_cycle = 1024;
  EXPECT_GT(area_of(accelerator, t).local_memory, 1.05 * narrow);
}

// A lane's units read one register file: what a byte of it costs hangs on its port and its size,
// not on how many units share the port.
TEST(AreaModel, ARegisterFileIsPaidByItsSizeAndTheWidthOfItsPort) {
  Rng rng(4);
  for (int i = 0; i < 300; ++i) {
    const Technology t = any_technology(rng);
    AcceleratorConfig accelerator = test::random_accelerator(rng);
    const MacroArray narrow = register_file_array(accelerator, t);
    AcceleratorConfig other = accelerator;
    other.simd_units *= 2;
    other.register_file_bytes_per_unit_cycle /= 2;
    EXPECT_EQ(area_mm2(register_file_array(other, t), t), area_mm2(narrow, t));

    other = accelerator;
    other.register_file_bytes_per_unit_cycle *= 2;
    const MacroArray wide = register_file_array(other, t);
    EXPECT_EQ(wide.bytes(), narrow.bytes());
    const double port = accelerator.register_file_bytes_per_unit_cycle * accelerator.simd_units;
    if (2 * port > narrow.macros * t.sram_macro_port_bytes) {
      EXPECT_GT(area_mm2(wide, t), area_mm2(narrow, t));
      EXPECT_LT(access_pj_per_byte(wide, t), access_pj_per_byte(narrow, t));
    } else {
      EXPECT_EQ(area_mm2(wide, t), area_mm2(narrow, t));
    }
    EXPECT_GE(wide.macros * t.sram_macro_port_bytes, 2 * port - 1e-9);
  }
  AcceleratorConfig baseline;
  const double one_byte = area_of(baseline, technology("16nm")).register_files;
  baseline.register_file_bytes_per_unit_cycle = 4;
  EXPECT_GT(area_of(baseline, technology("16nm")).register_files, 1.2 * one_byte);
}

// The shipped files are of the temperature at which their leakage is published: a factor of exactly
// one. From there every component's leakage doubles by the file's rule, and areas stay.
TEST(AreaModel, LeakageIsAPowerOfTwoOfTheTemperature) {
  for (const std::string& node : kNodes) {
    Technology t = technology(node);
    EXPECT_EQ(t.leakage_factor(), 1);
    const ComponentBreakdown given = leakage_of({}, t), area = area_of({}, t);
    EXPECT_EQ(given.macs, area.macs * t.logic_leakage_mw_per_mm2);
    for (const int doublings : {-6, -1, 1, 3}) {
      t.temperature_c = t.leakage_temperature_c + doublings * t.leakage_doubling_k;
      const ComponentBreakdown leakage = leakage_of({}, t);
      for (const HardwareComponent& c : hardware_components()) {
        EXPECT_DOUBLE_EQ(leakage.*c.value, std::ldexp(given.*c.value, doublings)) << c.name;
        EXPECT_EQ(area_of({}, t).*c.value, area.*c.value) << c.name;
      }
    }
    t.temperature_c = t.leakage_temperature_c + 5;
    const double a_little = t.leakage_factor();
    EXPECT_GT(a_little, 1);
    t.temperature_c += 5;
    EXPECT_NEAR(t.leakage_factor(), a_little * a_little, 1e-12);
  }
}

TEST(AreaModel, PartsAddUpAndNoneIsForgotten) {
  for (const std::string& node : kNodes) {
    const ComponentBreakdown area = area_of({}, technology(node));
    const ComponentBreakdown leakage = leakage_of({}, technology(node));
    double mm2 = 0, mw = 0;
    for (const HardwareComponent& component : hardware_components()) {
      EXPECT_EQ(area.*component.value > 0, component.kind != ComponentKind::kPads);
      EXPECT_EQ(leakage.*component.value > 0, component.kind != ComponentKind::kPads);
      mm2 += area.*component.value;
      mw += leakage.*component.value;
    }
    EXPECT_DOUBLE_EQ(mm2, area.total());
    EXPECT_DOUBLE_EQ(mw, leakage.total());
  }
  static_assert(sizeof(ComponentBreakdown) == 9 * sizeof(double), "a component without a name?");
  EXPECT_EQ(hardware_components().size(), 9u);
}

// Pads in the area or beside it: the total differs by them, and nothing else does.
TEST(AreaModel, PadsCountWhereTheAcceleratorSaysSo) {
  Rng rng(8);
  for (int i = 0; i < 100; ++i) {
    const Technology t = any_technology(rng);
    AcceleratorConfig accelerator = test::random_accelerator(rng);
    const ComponentBreakdown without = area_of(accelerator, t);
    const EnergyModel energy_without(accelerator, t);
    accelerator.io_phy_area = IoPhyArea::kIncluded;
    const ComponentBreakdown with = area_of(accelerator, t);
    EXPECT_NEAR(with.total(), without.total() + io_phy_mm2(accelerator, t), 1e-9);
    EXPECT_DOUBLE_EQ(with.io_phy, accelerator.io_bandwidth_gbps * t.io_phy_mm2_per_gbps);
    for (const HardwareComponent& c : hardware_components()) {
      if (c.kind == ComponentKind::kPads) continue;
      EXPECT_EQ(with.*c.value, without.*c.value) << c.name;
    }
    const EnergyModel energy(accelerator, t);
    for (std::size_t e = 0; e < energy.events().size(); ++e) {
      EXPECT_NEAR(energy.events()[e].pj, energy_without.events()[e].pj, 1e-9);
    }
    EXPECT_EQ(energy.leakage_mw(), energy_without.leakage_mw());
  }
}

/// Anywhere in the physical ranges, on a logarithmic scale.
AcceleratorConfig random_hardware(Rng& rng) {
  AcceleratorConfig accelerator;
  for (const AcceleratorParameter& p : accelerator_parameters()) {
    const double low = std::max(p.min, 1e-3);
    const double value = low * std::pow(p.max / low, rng.uniform());
    p.set(accelerator, p.integer ? std::floor(value) : value);
  }
  accelerator.validate();
  return accelerator;
}

TEST(AreaModel, NeverShrinksWhenAParameterGrowsAndGrowsWithEverySearchedOne) {
  Rng rng(7);
  for (int i = 0; i < 2000; ++i) {
    const Technology t = any_technology(rng);
    const AcceleratorConfig accelerator = random_hardware(rng);
    const double before = area_of(accelerator, t).total();
    const double leakage_before = leakage_of(accelerator, t).total();
    for (const AcceleratorParameter& p : accelerator_parameters()) {
      if (p.is_choice()) continue;  // has no more and less
      AcceleratorConfig more = accelerator;
      const double value = p.get(accelerator) * (1 + 2 * rng.uniform());
      p.set(more, p.integer ? std::floor(value) + 1 : value);
      const double after = area_of(more, t).total();
      if (p.searched) {
        EXPECT_GT(after, before) << p.key;
      } else {
        EXPECT_GE(after, before) << p.key;
      }
      EXPECT_GE(leakage_of(more, t).total(), leakage_before) << p.key;
    }
  }
}

// Stillmaker and Baas 2017: logic at 7 nm takes 0.059 / 0.19 of its area at 16 nm.
TEST(AreaModel, ANewerNodeIsSmaller) {
  Rng rng(3);
  for (int i = 0; i < 100; ++i) {
    const AcceleratorConfig accelerator = random_hardware(rng);
    const ComponentBreakdown nm28 = area_of(accelerator, technology("28nm"));
    const ComponentBreakdown nm16 = area_of(accelerator, technology("16nm"));
    const ComponentBreakdown nm7 = area_of(accelerator, technology("7nm"));
    for (const HardwareComponent& c : hardware_components()) {
      if (c.kind == ComponentKind::kPads) continue;  // hardly shrink
      EXPECT_LT(nm16.*c.value, nm28.*c.value) << c.name;
      if (c.kind == ComponentKind::kMemory) {
        EXPECT_NEAR(nm7.*c.value / (nm16.*c.value), 0.23 / 0.62, 1e-6) << c.name;
      } else {
        EXPECT_NEAR(nm7.*c.value / (nm16.*c.value), 0.059 / 0.19, 1e-3) << c.name;
      }
    }
  }
}

/// The message with which 16nm.yaml is refused after `from` has become `to`.
std::string refusal(const std::string& from, const std::string& to) {
  std::string text = read_file(resolve_config("technology", "16nm"));
  const std::size_t at = text.find("\n" + from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at + 1, text.find('\n', at + 1) - at - 1, to);
  const TemporaryFolder folder;
  const auto file = folder.write("bad.yaml", text);
  return message_of<InputError>([&] { Technology::load(file); });
}

TEST(Technology, RefusesBadFilesWithLineAndKey) {
  EXPECT_THAT(refusal("mac_mm2:", "mca_mm2: 0.001"),
              testing::AllOf(HasSubstr("bad.yaml"), HasSubstr("mac_mm2")));
  EXPECT_THAT(refusal("mac_mm2:", ""), HasSubstr("the key 'mac_mm2' is missing"));
  EXPECT_THAT(refusal("multiply_pj:", "multiply_pj: -0.1"),
              testing::AllOf(HasSubstr("bad.yaml:28:"), HasSubstr("multiply_pj: found '-0.1'")));
  EXPECT_THAT(refusal("dram_pj_per_byte:", "dram_pj_per_byte: much"),
              testing::AllOf(HasSubstr("bad.yaml:34:"), HasSubstr("found 'much'")));
  EXPECT_THAT(refusal("data_activity:", "data_activity: 1.5"), HasSubstr("data_activity"));
  EXPECT_THAT(refusal("sram_macro_kib:", "sram_macro_kib: 0"), HasSubstr("sram_macro_kib"));
  EXPECT_THAT(refusal("schema:", "schema: dovetail.technology/2"),
              HasSubstr("dovetail.technology/4"));
  EXPECT_THAT(refusal("temperature_c:", "temperature_c: 151"),
              testing::AllOf(HasSubstr("bad.yaml:47:"), HasSubstr("temperature_c: found '151'"),
                             HasSubstr("-40 to 150")));
  EXPECT_THAT(refusal("leakage_doubling_k:", "leakage_doubling_k: 0"),
              HasSubstr("leakage_doubling_k: found '0'"));
  EXPECT_THAT(refusal("node_nm:", "node_nm: 16\nvoltage: 0.8"), HasSubstr("voltage"));
}

TEST(Technology, EveryCoefficientCanBeMissedAndIsThenNamed) {
  for (const TechnologyCoefficient& c : technology_coefficients()) {
    EXPECT_THAT(refusal(std::string(c.key) + ":", ""), HasSubstr(c.key));
    EXPECT_THAT(refusal(std::string(c.key) + ":", fmt::format("{}: {}", c.key, c.min - 1)),
                HasSubstr(c.key));
  }
}

}  // namespace
}  // namespace dovetail
