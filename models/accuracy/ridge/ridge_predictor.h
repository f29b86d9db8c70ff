#pragma once

#include <filesystem>
#include <memory>

#include "models/accuracy/source/accuracy_source.h"

namespace dovetail {

class NetworkSpace;

/// What to do with a network that the fit cannot speak for: one with a choice that no fitted
/// network had, or whose prediction lies outside the fitted accuracies by more than the margin.
enum class OutOfRange {
  kRefuse,  // throw InputError
  kFlag,    // answer, with AccuracyEstimate::extrapolated
};

/// The predictor in `file` (configs/accuracy/*.json, made by `dovetail fit-accuracy`). Throws
/// InputError if the file is damaged or made for other decisions than those of `space`.
/// `space` must outlive the predictor. A prediction takes a few microseconds.
std::unique_ptr<AccuracySource> load_ridge_predictor(const std::filesystem::path& file,
                                                     const NetworkSpace& space,
                                                     OutOfRange out_of_range = OutOfRange::kRefuse);

}  // namespace dovetail
