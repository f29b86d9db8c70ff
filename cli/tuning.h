#pragma once

#include <string>

#include "cost/surrogate/training/training_files.h"

namespace dovetail {

/// What a few measurements are used for, of `train --fine-tune` and `train --correct`.
struct TuningArguments {
  std::string measurements, model, output;  // files
  std::string check;                        // other measurements; empty: none
  std::string space, hardware;              // of --correct; empty: what the model names
};

/// Throws InputError if the report would replace what is read.
void claim_model_files(const TrainingFiles& files);

/// Writes the model corrected by the measurements, and its report.
void fine_tune_model(const TuningArguments& arguments);
/// Writes the correction of the simulator by the measurements, and its report.
void correct_simulator(const TuningArguments& arguments);

}  // namespace dovetail
