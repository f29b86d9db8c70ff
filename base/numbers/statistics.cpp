#include "base/numbers/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace dovetail {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? kUndefined : static_cast<double>(part) / static_cast<double>(whole);
}

/// Pairs within runs of equal neighbours in positions 0 .. n-1.
template <typename Equal>
std::uint64_t tied_pairs(std::size_t n, Equal equal) {
  std::uint64_t pairs = 0, run = 1;
  for (std::size_t i = 1; i <= n; ++i) {
    if (i < n && equal(i - 1, i)) {
      ++run;
    } else {
      pairs += run * (run - 1) / 2;
      run = 1;
    }
  }
  return pairs;
}

/// Sorts `values` and returns how many exchanges of neighbours (strict inversions) that takes.
std::uint64_t sort_counting_exchanges(std::vector<double>& values) {
  const std::size_t n = values.size();
  std::vector<double> merged(n);
  std::uint64_t exchanges = 0;
  for (std::size_t width = 1; width < n; width *= 2) {
    for (std::size_t begin = 0; begin < n; begin += 2 * width) {
      const std::size_t middle = std::min(begin + width, n), end = std::min(begin + 2 * width, n);
      std::size_t left = begin, right = middle;
      for (std::size_t out = begin; out < end; ++out) {
        const bool take_right = left == middle || (right < end && values[right] < values[left]);
        if (take_right && left < middle) exchanges += middle - left;
        merged[out] = take_right ? values[right++] : values[left++];
      }
    }
    values.swap(merged);
  }
  return exchanges;
}

/// From 0; equal values share the mean of their ranks.
std::vector<double> ranks_of(std::span<const double> values) {
  const std::size_t n = values.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t i, std::size_t j) { return values[i] < values[j]; });
  std::vector<double> ranks(n);
  for (std::size_t begin = 0, end = 0; begin < n; begin = end) {
    while (end < n && values[order[end]] == values[order[begin]]) ++end;
    const double shared = static_cast<double>(begin + end - 1) / 2;
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = shared;
  }
  return ranks;
}

}  // namespace

double spearman_correlation(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) throw std::invalid_argument("spearman_correlation: lengths differ");
  const std::vector<double> x = ranks_of(a), y = ranks_of(b);
  const double mean = (static_cast<double>(a.size()) - 1) / 2;  // of both
  double xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean) * (x[i] - mean);
    yy += (y[i] - mean) * (y[i] - mean);
    xy += (x[i] - mean) * (y[i] - mean);
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : kUndefined;
}

double kendall_tau(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) throw std::invalid_argument("kendall_tau: lengths differ");
  const std::size_t n = a.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t i, std::size_t j) { return a[i] != a[j] ? a[i] < a[j] : b[i] < b[j]; });
  const auto same_a = [&](std::size_t i, std::size_t j) { return a[order[i]] == a[order[j]]; };
  const auto same_b = [&](std::size_t i, std::size_t j) { return b[order[i]] == b[order[j]]; };
  const std::uint64_t ties_a = tied_pairs(n, same_a);
  const std::uint64_t ties_both =
      tied_pairs(n, [&](std::size_t i, std::size_t j) { return same_a(i, j) && same_b(i, j); });

  std::vector<double> by_a(n);
  std::transform(order.begin(), order.end(), by_a.begin(), [&](std::size_t i) { return b[i]; });
  const std::uint64_t discordant = sort_counting_exchanges(by_a);
  const std::uint64_t ties_b =
      tied_pairs(n, [&](std::size_t i, std::size_t j) { return by_a[i] == by_a[j]; });

  const std::uint64_t pairs = n < 2 ? 0 : static_cast<std::uint64_t>(n) * (n - 1) / 2;
  const double scale = std::sqrt(static_cast<double>(pairs - ties_a)) *
                       std::sqrt(static_cast<double>(pairs - ties_b));
  if (scale == 0) return kUndefined;
  const double untied = static_cast<double>(pairs - ties_a - ties_b + ties_both);
  return (untied - 2 * static_cast<double>(discordant)) / scale;
}

RegressionMetrics regression_metrics(std::span<const double> truth,
                                     std::span<const double> predicted) {
  if (truth.size() != predicted.size()) {
    throw std::invalid_argument("regression_metrics: lengths differ");
  }
  RegressionMetrics m;
  m.count = truth.size();
  m.kendall_tau = kendall_tau(truth, predicted);
  if (truth.empty()) {
    m.mape_percent = m.p95_percent = m.max_percent = m.rmse = m.r2 = kUndefined;
    return m;
  }
  const double n = static_cast<double>(m.count);
  const double mean = std::accumulate(truth.begin(), truth.end(), 0.0) / n;
  double residual = 0, total = 0, relative = 0;
  std::vector<double> errors(m.count);
  for (std::size_t i = 0; i < m.count; ++i) {
    const double error = predicted[i] - truth[i];
    residual += error * error;
    total += (truth[i] - mean) * (truth[i] - mean);
    errors[i] = truth[i] == 0 ? kUndefined : 100 * std::abs(error / truth[i]);
    relative += errors[i];
  }
  m.mape_percent = relative / n;
  m.rmse = std::sqrt(residual / n);
  m.r2 = total > 0 ? 1 - residual / total : kUndefined;
  if (std::isnan(relative)) {
    m.p95_percent = m.max_percent = kUndefined;
    return m;
  }
  std::sort(errors.begin(), errors.end());
  m.p95_percent = errors[static_cast<std::size_t>(std::ceil(0.95 * n)) - 1];
  m.max_percent = errors.back();
  return m;
}

void DetectionMetrics::add(bool truth, bool predicted) {
  ++(truth ? (predicted ? true_positive : false_negative)
           : (predicted ? false_positive : true_negative));
}

double DetectionMetrics::precision() const {
  return ratio(true_positive, true_positive + false_positive);
}

double DetectionMetrics::recall() const {
  return ratio(true_positive, positives());
}

double DetectionMetrics::f1() const {
  return ratio(2 * true_positive, 2 * true_positive + false_positive + false_negative);
}

}  // namespace dovetail
