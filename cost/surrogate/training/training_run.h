#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <vector>

#include "cost/surrogate/data/dataset.h"
#include "cost/surrogate/net/surrogate.h"
#include "cost/surrogate/training/training_options.h"
#include "cost/surrogate/training/training_split.h"
#include "cost/surrogate/validation/surrogate_errors.h"

namespace dovetail {

/// Where a training keeps its state, so that it can go on after it was stopped or killed.
struct CheckpointOptions {
  std::filesystem::path file;  // of the first member, see checkpoint_of_member(); empty: nowhere
  bool resume = false;         // go on from the files that are there
  double seconds = 10;         // from one checkpoint to the next
};

/// "model.checkpoint.h5" for member 0, "model.checkpoint-2.h5" for member 1 and so on.
std::filesystem::path checkpoint_of_member(const std::filesystem::path& file, std::size_t member);

/// What happens around a training; all of it may be left out.
struct TrainingControl {
  /// Called after each epoch with the number of epochs done, of all members together, and the
  /// errors on the validation part of the member that did it; null if another process did.
  std::function<void(std::size_t done, const SurrogateErrors* validation)> on_epoch;
  /// Asked after every few steps. On false the training saves a checkpoint, if it has a file for
  /// it, and throws RunError.
  std::function<bool()> keep_going;
  CheckpointOptions checkpoint;
  int workers = 1;  // processes that train members of an ensemble; changes no byte of the result
};

struct MemberOutcome {
  std::size_t best_epoch = 0;  // counted from 1
  double seconds = 0;          // that before a resumption included
};

/// Trains each member of `model` on split.train and leaves the parameters of its best epoch on
/// split.validation in it. Throws as train_surrogate() does.
std::vector<MemberOutcome> train_members(Surrogate::Impl& model, const Dataset& data,
                                         const TrainingSplit& split, const TrainingOptions& options,
                                         const TrainingControl& control);

}  // namespace dovetail
