#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/process/progress.h"
#include "models/training/job/training_job.h"

namespace dovetail {

/// How far a training is, as its program last said.
struct TrainingProgress {
  std::size_t epochs = 0, step = 0, steps = 1;  // epochs done; steps of the one under way
  double validation_percent = 0;                // behind the last epoch; 0 before
};
/// Nothing if it has not said anything yet.
std::optional<TrainingProgress> read_progress(const std::filesystem::path& folder);

/// How a training ended.
struct TrainingEnd {
  enum class Kind { kDone, kInputError, kRunError, kDiskFull };
  Kind kind = Kind::kDone;
  TrainingResult result;           // if done
  std::string reason;              // if not
  std::vector<EpochRecord> curve;  // of what was trained, also if it is not done
};

/// Does the trainings whose job.json files are in these folders, each in a process of its own, at
/// most `parallel` at a time, and calls `ended` as each ends. One that was stopped or killed goes
/// on from its last epoch when it is run again. Throws InputError as require_trainer().
void run_trainings(std::span<const std::filesystem::path> folders, int parallel,
                   const std::function<void(std::size_t, const TrainingEnd&)>& ended,
                   const KeepGoing& keep_going);

/// The program that has libtorch.
std::filesystem::path trainer_program();
/// Throws InputError if this build cannot train, and says how one that can is made.
void require_trainer();

}  // namespace dovetail
