#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

#include "models/surrogate/dataset.h"
#include "models/surrogate/surrogate.h"
#include "models/surrogate/surrogate_errors.h"
#include "models/surrogate/training_options.h"

namespace dovetail {

struct TrainingReport {
  std::string fingerprint;  // of the data set
  std::size_t rows = 0, feasible_rows = 0;
  std::size_t train = 0, validation = 0, held_out = 0;
  std::size_t best_epoch = 0;  // counted from 1
  bool knows_feasibility = false;
  SurrogateErrors errors;  // on the held-out part
  double seconds = 0;      // wall time of the training, that before a resumption included

  /// JSON, schema dovetail.training_report/2. `with_time` adds the seconds, which are the only
  /// thing that differs between two runs.
  std::string to_json(const TrainingOptions& options, bool with_time) const;
};

struct TrainedSurrogate {
  Surrogate model;
  TrainingReport report;
};

/// Where a training keeps its state, so that it can go on after it was stopped or killed.
struct CheckpointOptions {
  std::filesystem::path file;  // empty: nowhere
  bool resume = false;         // go on from `file` if it is there
  double seconds = 10;         // from one checkpoint to the next
};

/// What happens around a training; all of it may be left out.
struct TrainingControl {
  /// Called after each epoch (counted from 1) with the errors on the validation part.
  std::function<void(std::size_t epoch, const SurrogateErrors& validation)> on_epoch;
  /// Asked after every few steps. On false the training saves a checkpoint, if it has a file for
  /// it, and throws RunError.
  std::function<bool()> keep_going;
  CheckpointOptions checkpoint;
};

/// Trains on one part of the rows, keeps the epoch with the lowest error (MAPE, the mean of latency
/// and energy) on another, measures on the third. Rows with equal pairs go to the same part.
/// Single-threaded; the same data, options and machine give the same bytes, also if the training
/// was stopped and went on from its checkpoint. Throws InputError if the data is too small or has
/// no feasible pair, or if the checkpoint is damaged or belongs to another training. A checkpoint
/// wants a data set with a fingerprint, and stays where it is when the training is done.
TrainedSurrogate train_surrogate(const Dataset& data, const TrainingOptions& options,
                                 const TrainingControl& control = {});

/// Throws InputError naming `file`, from which `model` was loaded, unless training on this data
/// with these options in this build would give that model again.
void require_trained_with(const Surrogate& model, const Dataset& data,
                          const TrainingOptions& options, const std::string& file);

}  // namespace dovetail
