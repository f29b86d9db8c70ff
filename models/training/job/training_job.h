#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "models/network/layers/network.h"
#include "models/training/job/curve_stop.h"
#include "models/training/job/training_recipe.h"

namespace dovetail {

/// One training, as the program that does it finds it in job.json of a folder.
struct TrainingJob {
  Network network;
  TrainingRecipe recipe;
  std::filesystem::path data;             // folder of images
  bool report_test = false;               // measure the test images at the end
  std::string device = "cpu";             // or "cuda"
  std::optional<CurveStop> curve_stop{};  // null: it is not given up by its curve

  std::string to_json_text() const;
  /// Throws InputError naming the file.
  static TrainingJob load(const std::filesystem::path& file);
};

/// What came of one epoch.
struct EpochRecord {
  std::size_t epoch = 0;  // from 1
  double train_loss = 0;  // mean over its steps
  double validation_loss = 0, validation_percent = 0;

  bool operator==(const EpochRecord&) const = default;
};

/// A curve as a checkpoint has it, and back; throws InputError for other text.
std::string curve_text(const std::vector<EpochRecord>& curve);
std::vector<EpochRecord> curve_of(const std::string& text);

/// What came of a training that reached its end.
struct TrainingResult {
  std::vector<EpochRecord> curve;
  double test_loss = 0, test_percent = 0;  // 0 unless asked for
  std::string engine;                      // what trained: library, version, device

  double validation_percent() const { return curve.empty() ? 0 : curve.back().validation_percent; }
  std::string to_json_text() const;
  /// Throws InputError naming the file.
  static TrainingResult load(const std::filesystem::path& file);
};

/// Files in the folder of a job. The result is written last: what stands beside it is whole.
struct JobFiles {
  std::filesystem::path job, progress, checkpoint, weights, result;
  std::filesystem::path seconds;  // of each epoch, a line each
  static JobFiles in(const std::filesystem::path& folder);
};

}  // namespace dovetail
