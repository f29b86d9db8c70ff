#pragma once

#include <filesystem>
#include <memory>

#include "models/accuracy/measured/measurement_file.h"
#include "models/accuracy/source/accuracy_source.h"

namespace dovetail {

class NetworkSpace;

/// What to do with a network of which a table has several, different accuracies.
enum class Duplicates { kRefuse, kMean };

/// Looks networks up in a file of measured ones (measurement_file.h), by their canonical key, so
/// that any point that builds a measured network finds it. A network that the file lacks is
/// refused. Throws InputError naming both lines for two rows of one network that disagree, if
/// `duplicates` says so. `space` must outlive the source.
std::unique_ptr<AccuracySource> load_accuracy_table(const std::filesystem::path& file,
                                                    const NetworkSpace& space,
                                                    const MeasurementFormat& format = {},
                                                    Duplicates duplicates = Duplicates::kRefuse);

}  // namespace dovetail
