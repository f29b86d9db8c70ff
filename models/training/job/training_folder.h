#pragma once

#include <filesystem>
#include <vector>

#include "base/process/progress.h"
#include "models/training/job/training_job.h"

namespace dovetail {

/// What a training leaves in its folder, beside job.json and result.json.
struct TrainedFiles {
  std::filesystem::path weights;  // safetensors
  std::filesystem::path onnx;     // the network with them
  std::filesystem::path curve, timings, result;
  static TrainedFiles in(const std::filesystem::path& folder);
};

/// Trains a network in a folder of its own and leaves TrainedFiles there. With `resume` it goes on
/// with the training in the folder, which must be the same one; else there must be none. Throws
/// InputError for what cannot be trained so, RunError if the training diverged or was stopped.
TrainingResult train_in_folder(const TrainingJob& job, const std::filesystem::path& folder,
                               bool resume, ProgressMode progress, const KeepGoing& keep_going);

}  // namespace dovetail
