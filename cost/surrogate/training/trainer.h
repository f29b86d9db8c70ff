#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cost/surrogate/data/dataset.h"
#include "cost/surrogate/net/surrogate.h"
#include "cost/surrogate/training/training_options.h"
#include "cost/surrogate/training/training_run.h"
#include "cost/surrogate/validation/surrogate_errors.h"
#include "cost/surrogate/validation/uncertainty.h"

namespace dovetail {

struct TrainingReport {
  std::string fingerprint;  // of the data set
  std::size_t rows = 0, feasible_rows = 0;
  std::size_t train = 0, validation = 0, held_out = 0;
  std::vector<MemberOutcome> members;  // each with the epoch that was kept
  bool knows_feasibility = false;
  SurrogateErrors errors;                           // of all members together, on the held-out part
  double member_mape_percent = 0;                   // of one member alone, mean over them
  std::vector<UncertaintyCalibration> uncertainty;  // on the held-out part; empty for one member

  double seconds() const;  // of training, of all members together

  /// JSON, schema dovetail.training_report/3. `with_time` adds the seconds, which are the only
  /// thing that differs between two runs.
  std::string to_json(const TrainingOptions& options, bool with_time) const;
};

struct TrainedSurrogate {
  Surrogate model;
  TrainingReport report;
};

/// Trains on one part of the rows, keeps for each member the epoch with its lowest error (MAPE, the
/// mean of latency and energy) on another, measures on the third. Rows with equal pairs go to the
/// same part. A member is trained by one thread; the same data, options and machine give the same
/// bytes, also if the training was stopped and went on from its checkpoint. Throws InputError if
/// the data is too small or has no feasible pair, or if the checkpoint is damaged or belongs to
/// another training. A checkpoint wants a data set with a fingerprint, and stays where it is when
/// the training is done.
TrainedSurrogate train_surrogate(const Dataset& data, const TrainingOptions& options,
                                 const TrainingControl& control = {});

/// Throws InputError naming `file`, from which `model` was loaded, unless training on this data
/// with these options in this build would give that model again.
void require_trained_with(const Surrogate& model, const Dataset& data,
                          const TrainingOptions& options, const std::string& file);

}  // namespace dovetail
