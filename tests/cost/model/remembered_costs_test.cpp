#include "cost/model/remembered_costs.h"

#include <gtest/gtest.h>

namespace dovetail {
namespace {

/// Counts what it is asked for.
class CountingCosts : public CostModel {
 public:
  std::uint64_t stream(const PairStream& pairs) override {
    for (std::uint64_t i = 0; i < pairs.count; ++i) {
      PairCosts found;
      found.costs.cycles = ++asked;
      pairs.deliver(i, pairs.pair(i), found);
    }
    return pairs.count;
  }
  bool simulates() const override { return false; }
  int asked = 0;
};

TEST(RememberedCostsTest, EachPairIsAskedForOnce) {
  const auto counting = std::make_shared<CountingCosts>();
  RememberedCosts remembered(counting);
  EXPECT_FALSE(remembered.simulates());
  const std::vector<Pair> pairs{{{1}, {2}}, {{2}, {1}}, {{1}, {2}}, {{}, {}}};
  std::vector<std::int64_t> cycles;
  for (const PairCosts& found : remembered.costs(pairs)) cycles.push_back(found.costs.cycles);
  EXPECT_EQ(cycles, (std::vector<std::int64_t>{1, 2, 1, 3}));
  EXPECT_EQ(remembered.costs_of(pairs[1]).cycles, 2);
  EXPECT_EQ(counting->asked, 3);
}

}  // namespace
}  // namespace dovetail
