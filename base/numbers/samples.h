#pragma once

#include <vector>

namespace dovetail {

/// Mean, and the sample standard deviation (0 of a single value).
struct Spread {
  double mean = 0, deviation = 0;
  static Spread of(const std::vector<double>& values);
};

/// The quartiles.
struct Quartiles {
  double first = 0, median = 0, third = 0;
  /// Linear between the order statistics; `values` must not be empty.
  static Quartiles of(std::vector<double> values);
};

/// Share of pairs (x of a, y of b) with x > y, ties counted half (Vargha & Delaney 2000).
double superiority(const std::vector<double>& a, const std::vector<double>& b);
/// Whether a is larger than b at 5 %, one-sided, by Mann & Whitney's test (1947, normal
/// approximation with the correction for ties).
bool significantly_larger(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace dovetail
