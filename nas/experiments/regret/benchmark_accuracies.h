#pragma once

#include <filesystem>
#include <vector>

#include "models/network/space/network_space.h"

namespace dovetail {

/// Measured top-1 in percent of every point of `space`, by index, from a file of measured networks
/// (models/accuracy/measured/measurement_file.h), as NAS-Bench-Macro publishes it. Throws
/// InputError for a point that is missing or there twice, and as read_measurements() does.
std::vector<double> read_benchmark_accuracies(const std::filesystem::path& file,
                                              const NetworkSpace& space);

}  // namespace dovetail
