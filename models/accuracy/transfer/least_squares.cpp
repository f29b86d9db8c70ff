#include "models/accuracy/transfer/least_squares.h"

#include <Eigen/Dense>
#include <algorithm>
#include <numeric>

namespace dovetail {

std::vector<double> least_squares(std::span<const std::vector<double>> rows,
                                  std::span<const double> values) {
  if (rows.empty()) return {};
  Eigen::MatrixXd terms(static_cast<Eigen::Index>(rows.size()),
                        static_cast<Eigen::Index>(rows.front().size()));
  for (Eigen::Index i = 0; i < terms.rows(); ++i) {
    const std::vector<double>& row = rows[static_cast<std::size_t>(i)];
    for (Eigen::Index j = 0; j < terms.cols(); ++j) terms(i, j) = row[static_cast<std::size_t>(j)];
  }
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(terms);
  if (qr.rank() < terms.cols()) return {};
  const Eigen::VectorXd solution = qr.solve(
      Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(values.size())));
  return {solution.begin(), solution.end()};
}

std::vector<double> left_out_values(std::span<const std::vector<double>> rows,
                                    std::span<const double> values) {
  std::vector<double> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::vector<std::vector<double>> other_rows(rows.begin(), rows.end());
    std::vector<double> other_values(values.begin(), values.end());
    other_rows.erase(other_rows.begin() + static_cast<std::ptrdiff_t>(i));
    other_values.erase(other_values.begin() + static_cast<std::ptrdiff_t>(i));
    const std::vector<double> fitted = least_squares(other_rows, other_values);
    if (fitted.empty()) return {};
    found.push_back(std::inner_product(fitted.begin(), fitted.end(), rows[i].begin(), 0.0));
  }
  return found;
}

}  // namespace dovetail
