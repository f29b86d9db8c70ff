#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/numbers/decision_space.h"
#include "base/text/error.h"

namespace dovetail {

class NetworkSpace;

/// Where a file of measured networks says what, if not as by default.
struct MeasurementFormat {
  /// Column of a CSV, or member of a JSON object, with the accuracy in percent; empty: `top1` of a
  /// CSV, `mean_acc` of JSON.
  std::string accuracy;
  /// CSV: column with one digit a decision, the number of its choice from 0; empty: one column a
  /// decision, holding one of its choices.
  std::string digits;
  /// CSV: the column of a decision that is not called like it.
  std::map<std::string, std::string> columns;

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

/// Reads measured networks of `space` from
///  - a CSV with a header, whose columns `format` names; lines that open with '#' are comments.
///    Cells of decisions without effect are not looked at;
///  - a .json file as NAS-Bench-Macro publishes it: an object whose keys have one digit a decision
///    (the number of its choice) and whose values are objects with the accuracy in them.
/// Throws InputError with file, line and column or key for anything else, and for a format that
/// does not fit.
MeasurementFile read_measurements(const std::filesystem::path& file, const NetworkSpace& space,
                                  const MeasurementFormat& format = {});

}  // namespace dovetail
