#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/numbers/decision_space.h"
#include "models/accuracy/ridge/pair_ridge.h"

namespace dovetail {

/// Error on networks that the fit has not seen.
struct HeldOutError {
  double rmse_points = 0;  // percentage points of top-1
  double kendall_tau = 0;
};

/// The same fit with another split, for the spread of the held-out error.
struct SplitReport {
  std::uint64_t seed = 0;
  RidgePenalty penalty;
  HeldOutError held_out;
};

/// What the predictor says of uniformly drawn networks of its space.
struct RandomNetworksReport {
  std::size_t count = 0;
  std::uint64_t seed = 0;
  double refused_percent = 0;
  double p1 = 0, p50 = 0, p99 = 0, max = 0;  // of the predictions in percent, refused ones too
};

/// What the predictor makes of measured networks that the fit left out for their low accuracy, and
/// that it should refuse.
struct LeftOutReport {
  double above_percent = 0;  // top-1 of the networks in the fit is above this
  std::size_t networks = 0;  // left out
  std::size_t accepted = 0;  // of them, with predictions in range
  double accepted_rmse_points = 0;
};

/// A fitted predictor with all that one wants to know before trusting it.
struct RidgeModel {
  std::string space;
  DecisionSpace decisions;
  std::string command;  // that made it
  std::string data;     // the measurements, as given on the command line
  std::size_t rows = 0, networks = 0, train = 0, held_out = 0;
  std::uint64_t split_seed = 0;
  RidgePenalty penalty;
  double cross_validation_rmse = 0;  // of the chosen penalty, training part only
  HeldOutError held_out_error;
  std::vector<SplitReport> other_splits;
  double fitted_min = 0, fitted_max = 0;  // top-1 of the networks in the fit, percent
  double margin = 0;                      // how far outside a prediction may lie, points
  RandomNetworksReport random_networks;
  std::optional<LeftOutReport> left_out;
  PairRidge ridge;

  /// JSON, schema dovetail.ridge_accuracy/1. Coefficients with five decimals; null marks a choice
  /// or a pair of choices that no network of the fit had.
  std::string to_json() const;
  /// Throws InputError for anything but a whole file of this schema.
  static RidgeModel load(const std::filesystem::path& file);
  /// Leaves what to_json() keeps of the coefficients.
  void round_coefficients();

  /// Whether a prediction lies inside the fitted accuracies, give or take the margin.
  bool in_range(double top1_percent) const {
    return top1_percent >= fitted_min - margin && top1_percent <= fitted_max + margin;
  }
  /// Whether the fit had every one of these features.
  bool all_seen(std::span<const std::uint16_t> features) const;
};

}  // namespace dovetail
