#pragma once

#include <cstdint>
#include <span>

namespace dovetail {

/// How well `predicted` follows `truth`. Relative errors are |predicted - truth| / truth.
struct RegressionMetrics {
  std::size_t count = 0;
  double mape_percent = 0;  // mean relative error
  double p95_percent = 0;   // 95th percentile of the relative error (nearest rank)
  double max_percent = 0;   // largest relative error
  double rmse = 0;          // in the unit of the values
  double r2 = 0;            // 1 - residual over total sum of squares
  double kendall_tau = 0;   // tau-b
};

/// Throws std::invalid_argument if the lengths differ. Figures that are not defined (no rows, a
/// truth of zero, no variance) are NaN.
RegressionMetrics regression_metrics(std::span<const double> truth,
                                     std::span<const double> predicted);

/// Kendall's tau-b (pairs in the same order minus pairs in opposite order, corrected for ties) in
/// O(n log n): W. R. Knight, "A computer method for calculating Kendall's tau with ungrouped data",
/// JASA 61 (1966). NaN if either side has no two different values.
double kendall_tau(std::span<const double> a, std::span<const double> b);

/// Spearman's rank correlation: Pearson's, of the ranks, where equal values share the mean of their
/// ranks. Throws std::invalid_argument if the lengths differ; NaN if either side has no two
/// different values.
double spearman_correlation(std::span<const double> a, std::span<const double> b);

/// How well one class is found; "positive" is that class.
struct DetectionMetrics {
  std::uint64_t true_positive = 0, false_positive = 0, false_negative = 0, true_negative = 0;

  void add(bool truth, bool predicted);
  std::uint64_t positives() const { return true_positive + false_negative; }
  /// Of those called positive, the share that is; NaN if none was called positive.
  double precision() const;
  /// Of the positives, the share that was found; NaN if there is none.
  double recall() const;
  /// Harmonic mean of the two; NaN if there is neither a positive nor a call.
  double f1() const;
};

}  // namespace dovetail
