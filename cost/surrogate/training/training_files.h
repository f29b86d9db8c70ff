#pragma once

#include <filesystem>
#include <optional>

#include "cost/surrogate/training/trainer.h"

namespace dovetail {

/// What a training leaves behind: model.h5 and model.report.json; and while it runs, or after it
/// was stopped or killed, model.checkpoint.h5 (one for each member, see checkpoint_of_member()).
struct TrainingFiles {
  std::filesystem::path model, report, checkpoint;

  /// The others beside the model.
  static TrainingFiles of(const std::filesystem::path& model);
};

/// Trains and writes model and report; then removes the checkpoint. With `resume` an earlier
/// training that was stopped or killed goes on from its checkpoint, or starts again if it had none
/// yet. Nothing is done and nothing returned if the model is there already; throws InputError if
/// what is there comes from another data set, build or options. Without `resume` old files are
/// replaced. The checkpoint of `control` is not looked at but for its interval.
std::optional<TrainingReport> train_into_files(const TrainingFiles& files, const Dataset& data,
                                               const TrainingOptions& options, bool resume,
                                               TrainingControl control);

}  // namespace dovetail
