#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "base/process/progress.h"
#include "models/training/job/training_job.h"
#include "nas/objective/evaluation.h"

namespace dovetail {

struct FinishOptions {
  std::filesystem::path output;  // a folder of its own
  std::filesystem::path data;    // of images; empty: that of the study, if it trains
  /// What the recipe of the study, or the usual one, becomes.
  std::function<TrainingRecipe(const TrainingRecipe&)> recipe;
  std::string device = "cpu";
  bool resume = false;
  std::size_t test_images = 0;       // that the int8 network is tested on; 0: all
  std::size_t simulated_images = 5;  // of these, computed on the accelerator itself
  int workers = 1;                   // processes that test the int8 network
  ProgressMode progress = ProgressMode::kAuto;
  KeepGoing keep_going;
};

/// The pair of a trial with a network that is trained to the end.
struct FinishedTrial {
  std::int64_t trial = 0;
  TrainingResult training;
  Costs costs;             // simulated
  bool corrected = false;  // by the correction of the study
  std::size_t test_images = 0, simulated_images = 0;
  double float_percent = 0, int8_percent = 0;  // of the same test images

  std::string to_json_text() const;
  std::string text() const;
};

/// What finish_trial() leaves in its folder.
std::vector<std::filesystem::path> finished_files(const std::filesystem::path& folder);

/// Trains the network of a trial (train_in_folder()), writes its pair beside it with the trained
/// weights in network.onnx, rounds the network to int8 and tests that: on the simulated accelerator
/// for some images, where each output must be that of the reference bit for bit, and by the
/// reference for the others. Leaves finished.json. Throws InputError for a study, trial or images
/// that cannot be used, RunError if the training diverged or was stopped, or an output differs.
FinishedTrial finish_trial(const std::filesystem::path& study, std::int64_t trial,
                           const FinishOptions& options);

}  // namespace dovetail
