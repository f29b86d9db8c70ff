#include "base/numbers/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/numbers/random.h"

namespace dovetail {
namespace {

/// Tau-b by its definition, over all pairs.
double brute_force_tau(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0, untied_a = 0, untied_b = 0;
  const auto sign = [](double x) { return (x > 0) - (x < 0); };
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const int x = sign(a[i] - a[j]), y = sign(b[i] - b[j]);
      sum += x * y;
      untied_a += x * x;
      untied_b += y * y;
    }
  }
  return sum / std::sqrt(untied_a * untied_b);
}

TEST(KendallTau, EqualsBruteForceWithAndWithoutTies) {
  Rng rng(5);
  for (int round = 0; round < 200; ++round) {
    const std::size_t n = 2 + rng.index(60);
    const std::size_t levels = round % 2 ? 4 : 1000000;  // many ties, or hardly any
    std::vector<double> a(n), b(n);
    for (std::size_t i = 0; i < n; ++i) {
      a[i] = static_cast<double>(rng.index(levels));
      b[i] = round % 3 ? static_cast<double>(rng.index(levels)) : a[i] + rng.normal();
    }
    const double expected = brute_force_tau(a, b);
    const double found = kendall_tau(a, b);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(found));
    } else {
      EXPECT_NEAR(found, expected, 1e-12);
    }
  }
}

TEST(SpearmanCorrelation, ByHandAndInvariantUnderMonotonicMaps) {
  const std::vector<double> up = {1, 2, 3, 4}, down = {8, 6, 4, 2}, flat = {1, 1, 1, 1};
  EXPECT_DOUBLE_EQ(spearman_correlation(up, up), 1);
  EXPECT_DOUBLE_EQ(spearman_correlation(up, down), -1);
  EXPECT_TRUE(std::isnan(spearman_correlation(up, flat)));
  EXPECT_TRUE(std::isnan(spearman_correlation({}, {})));
  EXPECT_THROW(spearman_correlation(up, std::vector<double>{1}), std::invalid_argument);
  // Ranks 0 1.5 1.5 3 and 0 1 2 3: covariance 4.5, squares 4.5 and 5.
  const std::vector<double> tied = {1, 5, 5, 9};
  EXPECT_DOUBLE_EQ(spearman_correlation(tied, up), 4.5 / std::sqrt(4.5 * 5));
  Rng rng(3);
  std::vector<double> a, b, exp_a;
  for (int i = 0; i < 500; ++i) {
    a.push_back(rng.normal());
    b.push_back(a.back() + rng.normal());
    exp_a.push_back(std::exp(a.back()));
  }
  EXPECT_EQ(spearman_correlation(a, b), spearman_correlation(exp_a, b));
  EXPECT_NEAR(spearman_correlation(a, b), 0.69, 0.06);  // of two normals correlated by 0.71
}

TEST(KendallTau, Extremes) {
  const std::vector<double> up = {1, 2, 3, 4}, down = {8, 6, 4, 2}, flat = {1, 1, 1, 1};
  EXPECT_DOUBLE_EQ(kendall_tau(up, up), 1);
  EXPECT_DOUBLE_EQ(kendall_tau(up, down), -1);
  EXPECT_TRUE(std::isnan(kendall_tau(up, flat)));
  EXPECT_TRUE(std::isnan(kendall_tau({}, {})));
  EXPECT_THROW(kendall_tau(up, std::vector<double>{1}), std::invalid_argument);
}

TEST(KendallTau, LargeInputTakesNoTime) {
  Rng rng(1);
  std::vector<double> a(300000), b(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) b[i] = (a[i] = rng.normal()) + 0.1 * rng.normal();
  // For a correlation r of two normals tau is 2/pi asin(r).
  EXPECT_NEAR(kendall_tau(a, b), 2 / M_PI * std::asin(1 / std::sqrt(1.01)), 0.003);
}

TEST(RegressionMetrics, ByHand) {
  const std::vector<double> truth = {1, 2, 4}, predicted = {1.1, 2, 3};
  const RegressionMetrics m = regression_metrics(truth, predicted);
  EXPECT_EQ(m.count, 3U);
  EXPECT_NEAR(m.mape_percent, (10 + 0 + 25) / 3.0, 1e-9);
  EXPECT_NEAR(m.p95_percent, 25, 1e-9);
  EXPECT_NEAR(m.max_percent, 25, 1e-9);
  EXPECT_NEAR(m.rmse, std::sqrt((0.01 + 1) / 3), 1e-12);
  EXPECT_NEAR(m.r2, 1 - 1.01 / (16.0 / 9 + 1.0 / 9 + 25.0 / 9), 1e-12);
  EXPECT_DOUBLE_EQ(m.kendall_tau, 1);
}

TEST(RegressionMetrics, PercentileIsTheNearestRank) {
  std::vector<double> truth(100, 1), predicted(100);
  for (int i = 0; i < 100; ++i) predicted[static_cast<std::size_t>(i)] = 1 + (i + 1) / 100.0;
  EXPECT_NEAR(regression_metrics(truth, predicted).p95_percent, 95, 1e-9);
}

TEST(RegressionMetrics, UndefinedIsNotANumber) {
  EXPECT_TRUE(std::isnan(regression_metrics({}, {}).mape_percent));
  const std::vector<double> zero = {0, 1}, any = {1, 1};
  EXPECT_TRUE(std::isnan(regression_metrics(zero, any).mape_percent));
  EXPECT_TRUE(std::isnan(regression_metrics(any, zero).r2));
}

TEST(DetectionMetrics, ByHand) {
  DetectionMetrics m;
  for (int i = 0; i < 6; ++i) m.add(true, true);
  for (int i = 0; i < 2; ++i) m.add(true, false);
  m.add(false, true);
  for (int i = 0; i < 91; ++i) m.add(false, false);
  EXPECT_EQ(m.positives(), 8U);
  EXPECT_DOUBLE_EQ(m.precision(), 6.0 / 7);
  EXPECT_DOUBLE_EQ(m.recall(), 0.75);
  EXPECT_DOUBLE_EQ(m.f1(), 12.0 / 15);
  EXPECT_TRUE(std::isnan(DetectionMetrics{}.precision()));
  EXPECT_TRUE(std::isnan(DetectionMetrics{}.recall()));
  EXPECT_TRUE(std::isnan(DetectionMetrics{}.f1()));
}

}  // namespace
}  // namespace dovetail
