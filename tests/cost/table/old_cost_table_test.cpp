// A table of all pairs (dovetail.cost_table/2), as a program of version 0.1.0 wrote it.
#include <gtest/gtest.h>

#include "base/files/paths.h"
#include "cost/table/cost_table.h"

namespace dovetail {
namespace {

TEST(OldCostTable, OpensAndIsOfTodaysSimulator) {
  const std::filesystem::path assets =
      std::filesystem::path(DOVETAIL_SOURCE_DIR) / "tests/cost/table/assets";
  const NetworkSpace networks = NetworkSpace::load(resolve_config("spaces", "nas_bench_macro"));
  const DesignSpace accelerators = DesignSpace::load(assets / "one_accelerator.yaml");
  // load() simulates some pairs again and throws if they come out differently.
  const CostTable table =
      CostTable::load(assets / "cost_table_2.h5", networks, accelerators, "16nm");
  EXPECT_EQ(table.accelerators(), 1U);
  EXPECT_EQ(table.feasible_pairs(), table.networks());
  EXPECT_FALSE(table.has_memory());
}

}  // namespace
}  // namespace dovetail
