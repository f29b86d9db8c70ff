#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/numbers/decision_space.h"
#include "models/accuracy/measured/measurement_file.h"

namespace dovetail {

class NetworkSpace;

/// One network and what was measured of it.
struct MeasuredNetwork {
  Choices choices;           // decisions without effect at their first choice
  double top1_percent = 0;   // mean of its measurements
  std::size_t measured = 0;  // how many
};

/// Measured accuracies of networks of one space, each network once.
struct MeasuredAccuracies {
  std::vector<MeasuredNetwork> networks;    // in the order of their first row
  std::size_t rows = 0;                     // of the file
  std::vector<std::string> unused_columns;  // of the file, neither a decision nor the accuracy
};

/// Reads a file of measured networks (measurement_file.h). Rows of the same network, also where
/// several points build it, are merged to their mean, so that a later split cannot put one network
/// on both sides; it stands as its representative (representatives.h).
MeasuredAccuracies read_measured_accuracies(const std::filesystem::path& file,
                                            const NetworkSpace& space,
                                            const MeasurementFormat& format = {});

}  // namespace dovetail
