#include "cost/table/table_costs.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cost/simulation/simulation_costs.h"
#include "tests/base/files/test_files.h"
#include "tests/cost/table/tiny_table.h"

namespace dovetail {
namespace {

class TableCostsTest : public testing::Test {
 protected:
  std::vector<Pair> all_pairs() const {
    std::vector<Pair> pairs;
    for (std::uint64_t n = 0; n < *networks_.decisions().count(); ++n) {
      for (std::uint64_t a = 0; a < *accelerators_.decisions().count(); ++a) {
        pairs.push_back(
            {networks_.decisions().from_index(n), accelerators_.decisions().from_index(a)});
      }
    }
    return pairs;
  }
  TemporaryFolder folder_;
  NetworkSpace networks_ = NetworkSpace::load(folder_.write("networks.yaml", kTinyTableNetworks));
  DesignSpace accelerators_ =
      DesignSpace::load(folder_.write("accelerators.yaml", kTinyTableAccelerators));
  PairDomain domain_ = pair_domain(networks_, accelerators_);
};

TEST_F(TableCostsTest, SaysOfEveryPairWhatTheSimulatorSaid) {
  TableCosts table(domain_, std::make_shared<const CostTable>(
                                CostTable::enumerate(networks_, accelerators_, {})));
  SimulationCosts simulation(domain_, {});
  EXPECT_TRUE(table.simulates());
  const std::vector<Pair> pairs = all_pairs();
  const auto looked_up = table.costs(pairs), simulated = simulation.costs(pairs);
  ASSERT_EQ(looked_up.size(), pairs.size());
  int infeasible = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Costs &found = looked_up[i].checked(), &truth = simulated[i].checked();
    EXPECT_EQ(found.feasible(), truth.feasible());
    EXPECT_EQ(found.area_mm2, truth.area_mm2);
    EXPECT_EQ(std::isnan(found.latency_ms), !truth.feasible());
    if (truth.feasible()) {
      EXPECT_EQ(found.latency_ms, truth.latency_ms);
      EXPECT_EQ(found.energy_mj, truth.energy_mj);
      EXPECT_EQ(found.peak_local_memory_kib, truth.peak_local_memory_kib);
    }
    infeasible += !truth.feasible();
  }
  EXPECT_GT(infeasible, 0);
}

TEST_F(TableCostsTest, APairOutsideHasItsFailure) {
  TableCosts table(domain_, std::make_shared<const CostTable>(
                                CostTable::enumerate(networks_, accelerators_, {})));
  EXPECT_THROW(table.costs_of({{0, 3}, {0, 0}}), InputError);
  EXPECT_THROW(table.costs_of({{}, {0, 0}}), InputError);
  EXPECT_THROW(TableCosts({}, nullptr), InputError);
}

}  // namespace
}  // namespace dovetail
