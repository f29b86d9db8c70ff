#include "cost/table/cost_table.h"

#include <gtest/gtest.h>

#include <set>

#include "sim/simulator.h"
#include "tests/base/files/test_files.h"
#include "tests/cost/table/tiny_table.h"

namespace dovetail {
namespace {

class CostTableTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  NetworkSpace networks_ = NetworkSpace::load(folder_.write("networks.yaml", kTinyTableNetworks));
  DesignSpace accelerators_ =
      DesignSpace::load(folder_.write("accelerators.yaml", kTinyTableAccelerators));
};

TEST_F(CostTableTest, IsWhatTheSimulatorSaysOfEveryPair) {
  const CostTable table = CostTable::enumerate(networks_, accelerators_, {});
  ASSERT_EQ(table.accelerators(), 6u);
  Simulator simulator;
  std::set<std::string> keys;
  std::size_t feasible = 0;
  std::set<std::size_t> rows;
  for (std::uint64_t point = 0; point < 9; ++point) {
    const Choices choices = networks_.decisions().from_index(point);
    if (!keys.insert(networks_.canonical_key(choices)).second) continue;
    rows.insert(table.network_row(point));
    for (std::size_t a = 0; a < 6; ++a) {
      const auto config = accelerators_.decode(accelerators_.decisions().from_index(a));
      const SimulationResult result = simulator.run(networks_.build(choices), config);
      EXPECT_EQ(table.latency_ms(table.network_row(point), a),
                result.feasible() ? result.latency_ms : 0);
      EXPECT_EQ(table.area_mm2(a), simulator.area_mm2(config));
      feasible += result.feasible();
    }
  }
  EXPECT_EQ(table.networks(), keys.size());
  EXPECT_EQ(rows.size(), keys.size());
  EXPECT_LT(keys.size(), 9u);
  EXPECT_EQ(table.feasible_pairs(), feasible);
}

TEST_F(CostTableTest, IsTheSameWithAnyNumberOfWorkersAndReadsBack) {
  CostTable::Options options;
  CostTable::enumerate(networks_, accelerators_, options)
      .save(folder_.path() / "one.h5", networks_, accelerators_);
  options.workers = 3;
  CostTable::enumerate(networks_, accelerators_, options)
      .save(folder_.path() / "three.h5", networks_, accelerators_);
  EXPECT_EQ(folder_.read("one.h5"), folder_.read("three.h5"));
  const CostTable read =
      CostTable::load(folder_.path() / "one.h5", networks_, accelerators_, "16nm");
  const CostTable made = CostTable::enumerate(networks_, accelerators_, {});
  for (std::size_t n = 0; n < made.networks(); ++n) {
    for (std::size_t a = 0; a < 6; ++a) {
      EXPECT_EQ(read.latency_ms(n, a), made.latency_ms(n, a));
      EXPECT_EQ(read.peak_local_memory_kib(n, a), made.peak_local_memory_kib(n, a));
      EXPECT_EQ(read.peak_local_memory_kib(n, a) > 0, read.latency_ms(n, a) > 0);
    }
  }
}

TEST_F(CostTableTest, OneOfOtherSpacesOrTechnologyIsRefused) {
  const auto file = folder_.path() / "table.h5";
  CostTable::enumerate(networks_, accelerators_, {}).save(file, networks_, accelerators_);
  EXPECT_THROW(CostTable::load(file, networks_, accelerators_, "28nm"), InputError);
  std::string other = kTinyTableAccelerators;
  other.replace(other.find("[1, 2, 4]"), 9, "[1, 2, 8]");
  const DesignSpace changed = DesignSpace::load(folder_.write("other.yaml", other));
  EXPECT_THROW(CostTable::load(file, networks_, changed, "16nm"), InputError);
}

}  // namespace
}  // namespace dovetail
