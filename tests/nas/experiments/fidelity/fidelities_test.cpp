#include "nas/experiments/fidelity/halving.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/files/paths.h"
#include "base/text/error.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

const std::string kHeader = "network,fidelity,seed,top1_percent,seconds\n";

class FidelitiesTest : public testing::Test {
 protected:
  Fidelities read(const std::string& rows) const {
    return Fidelities::load(folder_.write("data.csv", rows));
  }
  std::string refusal(const std::string& rows) const {
    return message_of<InputError>([&] { read(rows); });
  }
  TemporaryFolder folder_;
};

/// The published table: taus recomputed with an O(n^2) count, times as its rows have them.
TEST(Fidelities, OfAccelNasBenchAreWhatItsTableSays) {
  const Fidelities data = Fidelities::load(configs_folder() / "benchmarks" / "anb_fidelities.csv");
  EXPECT_EQ(data.networks, 117U);
  EXPECT_NEAR(data.low.seconds, 2051.4, 0.05);
  EXPECT_NEAR(data.high.seconds, 11508.3, 0.05);
  const FidelityRanks ranks = fidelity_ranks(data);
  const std::vector<double> truth = data.truth();
  ASSERT_EQ(ranks.tau_with_truth.size(), 3U);
  for (std::size_t s = 0; s < 3; ++s) {
    double balance = 0, pairs = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j, ++pairs) {
        const double product =
            (truth[i] - truth[j]) * (data.low.top1_percent[s][i] - data.low.top1_percent[s][j]);
        balance += product > 0 ? 1 : product < 0 ? -1 : 0;
      }
    }
    EXPECT_NEAR(ranks.tau_with_truth[s], balance / pairs, 2e-3);
    EXPECT_TRUE(ranks.same_best[s]);
  }
  EXPECT_NEAR(ranks.tau_with_truth[0], 0.913, 0.001);
  EXPECT_NEAR(ranks.tau_with_truth[1], 0.908, 0.001);
  EXPECT_NEAR(ranks.tau_with_truth[2], 0.913, 0.001);
}

TEST_F(FidelitiesTest, RegretsAreThoseOfAHandMadeTable) {
  // The cheap training orders the networks the other way round.
  std::string rows = kHeader;
  for (int i = 0; i < 4; ++i) {
    rows += fmt::format("n{},cheap,1,{},1\nn{},dear,1,{},10\n", i, 50 - i, i, 60 + i);
  }
  const Fidelities data = read(rows);
  EXPECT_EQ(data.truth(), (std::vector<double>{60, 61, 62, 63}));
  EXPECT_DOUBLE_EQ(fidelity_ranks(data).tau_with_truth[0], -1);
  HalvingOptions options{{4}, 2, 200, 1};
  const auto all = halving_regrets(data, options);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].networks, 4U);
  EXPECT_EQ(all[0].regret_points, 0);          // every one trained in full
  EXPECT_NEAR(all[1].regret_points, 3, 1e-9);  // the cheap training picks the worst
  EXPECT_NEAR(all[2].regret_points, 2, 1e-9);  // and promotes the two worst
  EXPECT_DOUBLE_EQ(all[2].seconds, 4 + 20);

  options.budgets = {1};
  const auto one = halving_regrets(data, options);
  EXPECT_EQ(one[0].networks, 1U);
  EXPECT_NEAR(one[0].regret_points, 1.5, 0.25);  // any of the four
  EXPECT_NEAR(one[0].best_found_percent, 25, 8);
  EXPECT_EQ(one[1].networks, 4U);
}

TEST_F(FidelitiesTest, SearchesNeverSpendMoreThanTheirBudgetWhereOneNetworkFits) {
  const Fidelities data = Fidelities::load(configs_folder() / "benchmarks" / "anb_fidelities.csv");
  for (const HalvingRow& row : halving_regrets(data, {{2, 7, 40}, 3, 20, 0})) {
    EXPECT_LE(row.seconds, row.budget * data.high.seconds);
    EXPECT_GE(row.networks, 1U);
  }
}

TEST_F(FidelitiesTest, WhatIsNotATableOfTwoFidelitiesIsRefused) {
  const std::string row = "a,cheap,1,50,1\n";
  EXPECT_NE(refusal("network,seed\n").find("the columns must be"), std::string::npos);
  EXPECT_NE(refusal(kHeader).find("holds no training"), std::string::npos);
  EXPECT_NE(refusal(kHeader + row).find("allowed two"), std::string::npos);
  EXPECT_NE(refusal(kHeader + "a,cheap,1,150,1\n").find("data.csv:2"), std::string::npos);
  EXPECT_NE(refusal(kHeader + "a,cheap,1,50\n").find("found 4 cells"), std::string::npos);
  EXPECT_NE(refusal(kHeader + row + "a,dear,1,60,9\na,dear,1,61,9\n").find("twice"),
            std::string::npos);
  EXPECT_NE(refusal(kHeader + row + "a,dear,1,60,9\nb,cheap,1,60,9\n").find("lacks seed"),
            std::string::npos);
}

}  // namespace
}  // namespace dovetail
