#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/decision_space.h"

namespace dovetail {

class NetworkSpace;

/// One network and what was measured of it.
struct MeasuredNetwork {
  Choices choices;           // canonical: decisions without effect at their first choice
  double top1_percent = 0;   // mean of its measurements
  std::size_t measured = 0;  // how many
};

/// Measured accuracies of networks of one space, each network once.
struct MeasuredAccuracies {
  std::vector<MeasuredNetwork> networks;    // in the order of their first row
  std::size_t rows = 0;                     // of the file
  std::vector<std::string> unused_columns;  // of the file, neither a decision nor the accuracy
};

/// Reads a CSV with a header: one column for each decision of `space` (found by its name, holding
/// one of its choices; cells of decisions without effect are not looked at) and one `top1` in
/// percent. Rows of the same network are merged to their mean, so that a later split cannot put
/// one network on both sides. Throws InputError with file, line and column for anything else.
MeasuredAccuracies read_measured_accuracies(const std::filesystem::path& file,
                                            const NetworkSpace& space);

}  // namespace dovetail
