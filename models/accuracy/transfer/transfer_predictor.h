#pragma once

#include <filesystem>
#include <memory>

#include "models/accuracy/source/accuracy_source.h"

namespace dovetail {

class NetworkSpace;

/// Predicts by the transfer in `file` (transfer_model.h, made by `dovetail fit-transfer`); every
/// estimate is flagged as an extrapolation. Throws InputError if the file is damaged or says
/// nothing about a choice of `space`, which must outlive the source. A prediction builds the
/// network: some tens of microseconds.
std::unique_ptr<AccuracySource> load_transfer_predictor(const std::filesystem::path& file,
                                                        const NetworkSpace& space);

}  // namespace dovetail
