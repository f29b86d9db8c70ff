#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "cost/surrogate/data/dataset.h"
#include "cost/surrogate/net/surrogate.h"

namespace dovetail {

/// How far the spread of an ensemble tells the error of its predictions of one cost.
struct UncertaintyCalibration {
  /// A quarter of the pairs, by spread.
  struct Quartile {
    std::size_t pairs = 0;
    double spread_percent = 0;  // mean
    double mape_percent = 0;
  };
  std::array<Quartile, 4> quartiles;  // from the smallest spread to the largest
  double rank_correlation = 0;        // Spearman's, of spread and relative error
  /// Root mean square of the logarithmic error over that of the spread: 1 if the spread is as large
  /// as the error, more if the ensemble is too sure of itself.
  double error_over_spread = 0;
};

/// One for each of predicted_costs(), over the feasible rows. Empty if the predictions have no
/// spread or fewer than four rows are feasible.
std::vector<UncertaintyCalibration> calibrate_uncertainty(
    const Dataset& data, std::span<const std::size_t> rows,
    std::span<const CostPrediction> predictions);

/// JSON object with an entry for each cost; "null" for an empty calibration.
std::string to_json_text(const std::vector<UncertaintyCalibration>& calibration);

}  // namespace dovetail
