#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "models/accuracy/transfer/mbconv_effects.h"
#include "models/network/layers/network.h"

namespace dovetail {

/// A published network and what a transfer makes of it.
struct CalibrationNetwork {
  std::string name, source;
  double published_percent = 0;
  double effects_points = 0;    // of its kernels, expansions and depths
  double width_log2 = 0;        // of its channels against those of the effects' space
  bool squeeze_excite = false;  // in any block
  double fitted_percent = 0;
  double left_out_percent = 0;  // by a fit to the other networks
};

/// Error on published networks, each predicted by a fit to all others.
struct LeaveOneOut {
  double rmse_points = 0, max_points = 0;
};

/// Another model on the same networks, for comparison.
struct TransferAlternative {
  std::string terms;         // "no effects", "effects scaled by ..."
  double effects_scale = 0;  // fixed or fitted
  LeaveOneOut error;
};

/// Effects found on one space, carried over to other MBConv networks:
///     top-1 = offset + effects + width * width_log2 + squeeze_excite * (has it)
/// The effects are taken as they are; the other three numbers are fitted by least squares to
/// published networks. Every prediction is an extrapolation.
struct TransferModel {
  std::string command;        // that made it
  std::string predictor;      // file that the effects come from
  std::string effects_space;  // the space of that
  std::size_t sampled = 0;    // networks that the effects are averaged over
  std::uint64_t seed = 0;     // of those
  MbconvEffects effects;
  double offset = 0, width = 0, squeeze_excite = 0;
  std::vector<CalibrationNetwork> networks;
  LeaveOneOut error;
  std::vector<TransferAlternative> alternatives;

  /// Throws InputError for a network that the effects say nothing about.
  double predict(const Network& network) const;

  /// JSON, schema dovetail.transfer_accuracy/1; numbers with five decimals.
  std::string to_json() const;
  /// Throws InputError for anything but a whole file of this schema.
  static TransferModel load(const std::filesystem::path& file);
};

/// Fits the three numbers and finds the leave-one-out errors. Effects are rounded first as the file
/// keeps them. Throws InputError for a network without published top-1, one that the effects say
/// nothing about, or fewer than kFewestPublished.
inline constexpr std::size_t kFewestPublished = 6;
TransferModel fit_transfer(const MbconvEffects& effects, std::span<const Network> networks);

}  // namespace dovetail
