#include "cost/surrogate/validation/uncertainty.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/cost/surrogate/training/synthetic_data.h"

namespace dovetail {
namespace {

class Uncertainty : public testing::Test {
 protected:
  Uncertainty() : data_(synthetic_data(800, 1, true)), rows_(data_.rows()) {
    std::iota(rows_.begin(), rows_.end(), std::size_t{0});
  }

  /// Predictions that miss each latency by `error` x a spread between 1 and 9 %, up and down in
  /// turn. Energies are exact and their spread is always 2 %.
  std::vector<CostPrediction> predictions(double error) const {
    std::vector<CostPrediction> result;
    for (const std::size_t r : rows_) {
      CostPrediction p;
      const double spread = 1 + static_cast<double>(r % 9);
      const double log_error = (r % 2 ? 1 : -1) * error * spread / 100;
      p.costs.latency_ms = data_.label(r).latency_ms * std::exp(log_error);
      p.costs.spread = {spread, 2};
      p.costs.energy_mj = data_.label(r).energy_mj;
      result.push_back(p);
    }
    return result;
  }

  Dataset data_;
  std::vector<std::size_t> rows_;
};

TEST_F(Uncertainty, TellsACalibratedEnsembleFromATooSureOne) {
  const auto calibrated = calibrate_uncertainty(data_, rows_, predictions(1));
  ASSERT_EQ(calibrated.size(), kPredictedCosts);
  const UncertaintyCalibration& latency = calibrated[0];
  EXPECT_NEAR(latency.error_over_spread, 1, 1e-9);
  EXPECT_GT(latency.rank_correlation, 0.99);
  double last = 0;
  std::size_t pairs = 0;
  for (const auto& quartile : latency.quartiles) {
    EXPECT_EQ(quartile.pairs, rows_.size() / 4);
    EXPECT_GT(quartile.mape_percent, last);
    EXPECT_NEAR(quartile.mape_percent, quartile.spread_percent, 0.5);
    last = quartile.mape_percent;
    pairs += quartile.pairs;
  }
  EXPECT_EQ(pairs, rows_.size());
  EXPECT_NEAR(calibrate_uncertainty(data_, rows_, predictions(3))[0].error_over_spread, 3, 1e-9);
  EXPECT_EQ(calibrated[1].error_over_spread, 0);
}

TEST_F(Uncertainty, IsUnknownOfOneNetworkAndOfTooFewPairs) {
  auto without = predictions(1);
  for (CostPrediction& p : without) p.costs.spread.reset();
  EXPECT_TRUE(calibrate_uncertainty(data_, rows_, without).empty());
  EXPECT_EQ(to_json_text(calibrate_uncertainty(data_, rows_, without)), "null");
  const std::vector<std::size_t> few = {0, 1, 2};
  EXPECT_TRUE(calibrate_uncertainty(data_, few, predictions(1)).empty());
}

}  // namespace
}  // namespace dovetail
