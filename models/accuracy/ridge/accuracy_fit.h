#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/accuracy/measured/measured_accuracies.h"
#include "models/accuracy/ridge/ridge_model.h"

namespace dovetail {

class NetworkSpace;

struct AccuracyFitOptions {
  std::uint64_t seed = 0;          // of the split
  double held_out_fraction = 0.2;  // of the distinct networks
  std::size_t folds = 5;           // of the cross-validation within the training part
  std::size_t other_splits = 5;    // repeats with seeds seed + 1, seed + 2, ...
  std::vector<double> lambdas = {0.01, 0.03, 0.1, 0.3, 1};
  std::vector<double> pair_weights = {0.001, 0.003, 0.01, 0.03, 0.1};
  std::size_t random_networks = 10000;  // drawn for RandomNetworksReport
  std::optional<double> above;          // only networks with more top-1 than this, percent
};

/// Networks that a fit of those above `percent` takes, and the ones that it leaves out.
struct AboveSplit {
  MeasuredAccuracies above, left_out;
};
AboveSplit split_above(const MeasuredAccuracies& table, double percent);

/// The two sides of a split: positions in MeasuredAccuracies::networks.
struct AccuracySplit {
  std::vector<std::size_t> train, held_out;
};
AccuracySplit split_networks(std::size_t networks, std::uint64_t seed, double held_out_fraction);

/// A prediction may lie outside the fitted accuracies by this many held-out RMSE: what a
/// prediction of the best measured network could be off by. A search looks for predictions that
/// are too good, so anything beyond is taken for an artefact.
inline constexpr double kMarginInRmse = 3;

/// Splits, chooses the penalty by cross-validation within the training part, fits on the training
/// part alone, rounds the coefficients, and measures on the held-out part. `progress(done, total)`
/// counts splits. With `options.above` the rest of the table only serves to report what the
/// predictor makes of networks that it should refuse. RidgeModel::command and data are left to the
/// caller.
RidgeModel fit_accuracy(const MeasuredAccuracies& table, const NetworkSpace& space,
                        const AccuracyFitOptions& options,
                        const std::function<void(std::size_t, std::size_t)>& progress = {});

/// Error of `ridge` on some networks of the table.
HeldOutError measure_error(const PairRidge& ridge, const MeasuredAccuracies& table,
                           const NetworkSpace& space, const std::vector<std::size_t>& networks);

}  // namespace dovetail
