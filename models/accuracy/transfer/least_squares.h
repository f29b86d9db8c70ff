#pragma once

#include <span>
#include <vector>

namespace dovetail {

/// Coefficients of the columns of `rows` that come nearest to `values` in the sum of squares, by a
/// QR decomposition with pivots. Empty where the rows do not tell the columns apart.
std::vector<double> least_squares(std::span<const std::vector<double>> rows,
                                  std::span<const double> values);

/// Each value as the coefficients fitted to all others give it; empty where those of one are.
std::vector<double> left_out_values(std::span<const std::vector<double>> rows,
                                    std::span<const double> values);

}  // namespace dovetail
