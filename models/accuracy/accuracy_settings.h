#pragma once

#include <string>

#include "models/accuracy/command/command_source.h"
#include "models/accuracy/measured/measurement_file.h"

namespace dovetail {

/// What a study says of its accuracy source; of the rest only what the source uses is set.
struct AccuracySettings {
  std::string source;        // a row of accuracy_source_kinds()
  std::string file;          // name or path
  std::string out_of_range;  // refuse | flag
  MeasurementFormat format;  // of the file
  std::string duplicates;    // refuse | mean
  CommandSettings command;
};

}  // namespace dovetail
