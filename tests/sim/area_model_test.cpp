#include "sim/cost/area_model.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/paths.h"

namespace dovetail {
namespace {

struct Published {
  int macs, buffer_kib;
  double gbps, mm2_28, mm2_16;
};
// NVDLA, cells and memories: the points of configs/technology/*.yaml.
constexpr Published kNvdla[] = {{2048, 512, 20, 5.5, 3.3},
                                {512, 256, 10, 2.3, 1.4},
                                {128, 256, 2, 1.4, 0.84},
                                {32, 128, 0.5, 0.85, 0.51}};

/// NVDLA's accumulators and weight registers are in its MACs here, so the register file is nil.
double nvdla_area(const Published& point, const Technology& technology) {
  AcceleratorConfig accelerator;
  accelerator.pes_x = accelerator.pes_y = accelerator.compute_lanes = 1;
  accelerator.simd_units = point.macs / 4;
  accelerator.register_file_kib = 0;
  accelerator.local_memory_mib = point.buffer_kib / 1024.0;
  accelerator.io_bandwidth_gbps = point.gbps;
  return area_of(accelerator, technology).total();
}

TEST(AreaModel, ReproducesThePublishedPoints) {
  const Technology nm28 = Technology::load(resolve_config("technology", "28nm"));
  const Technology nm16 = Technology::load(resolve_config("technology", "16nm"));
  for (const Published& point : kNvdla) {
    EXPECT_NEAR(nvdla_area(point, nm28) / point.mm2_28, 1, 0.01) << point.macs;
    EXPECT_NEAR(nvdla_area(point, nm16) / point.mm2_16, 1, 0.01) << point.macs;
  }
}

TEST(AreaModel, BaselineIsOfThePublishedOrder) {
  const auto baseline = AcceleratorConfig::load(resolve_config("accelerators", "nahas_baseline"));
  const AreaBreakdown area =
      area_of(baseline, Technology::load(resolve_config("technology", "16nm")));
  EXPECT_NEAR(area.total(), 80, 15);
  EXPECT_GT(area.local_memory / area.total(), 0.60);
  EXPECT_LT(area.local_memory / area.total(), 0.75);
}

TEST(AreaModel, PartsAddUpAndNoneIsForgotten) {
  const AreaBreakdown area = area_of({}, Technology::load(resolve_config("technology", "16nm")));
  double sum = 0;
  for (const AreaComponent& component : area_components()) {
    EXPECT_GT(area.*component.mm2, 0) << component.name;
    sum += area.*component.mm2;
  }
  EXPECT_DOUBLE_EQ(sum, area.total());
}

TEST(AreaModel, GrowsWithEverySearchedParameter) {
  const Technology technology = Technology::load(resolve_config("technology", "16nm"));
  for (const AcceleratorParameter& parameter : accelerator_parameters()) {
    if (!parameter.searched) continue;
    AcceleratorConfig more;
    const double before = area_of(more, technology).total();
    parameter.set(more, 2 * parameter.get(more));
    EXPECT_GT(area_of(more, technology).total(), before) << parameter.key;
  }
}

TEST(Technology, RefusesTyposWithTheirPlace) {
  const auto file = std::filesystem::path(testing::TempDir()) / "typo_technology.yaml";
  std::string text = read_file(resolve_config("technology", "16nm"));
  text.replace(text.find("mac_mm2:"), 8, "mca_mm2:");
  write_file_atomically(file, text);
  try {
    Technology::load(file);
    FAIL() << "accepted an unknown key";
  } catch (const InputError& e) {
    EXPECT_NE(std::string(e.what()).find("mac_mm2"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("typo_technology.yaml"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace dovetail
