#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/numbers/decision_space.h"
#include "base/text/error.h"
#include "models/network/space/network_rows.h"

namespace dovetail {

class NetworkSpace;

/// Where a file of measured networks says what, if not as by default.
struct MeasurementFormat : NetworkColumns {
  /// Column of a CSV, or member of a JSON object, with the accuracy in percent; empty: `top1` of a
  /// CSV, `mean_acc` of JSON.
  std::string accuracy;

  bool operator==(const MeasurementFormat&) const = default;
};

/// One measurement as it stands in a file.
struct Measurement {
  Choices choices;  // decisions without effect at their first choice
  double top1_percent = 0;
  Location where;
};

struct MeasurementFile {
  std::vector<Measurement> rows;            // in the order of the file
  std::vector<std::string> unused_columns;  // of a CSV: neither a decision nor the accuracy
};

/// Reads a file of networks (network_rows.h) of which each has an accuracy. Throws InputError with
/// file, line and column or key where one has none.
MeasurementFile read_measurements(const std::filesystem::path& file, const NetworkSpace& space,
                                  const MeasurementFormat& format = {});

}  // namespace dovetail
