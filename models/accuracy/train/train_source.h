#pragma once

#include <filesystem>
#include <memory>

#include "models/accuracy/source/accuracy_source.h"
#include "models/network/space/network_side.h"
#include "models/training/job/training_recipe.h"

namespace dovetail {

/// How the networks of a study are trained.
struct TrainSettings {
  std::filesystem::path data;  // folder of images
  TrainingRecipe recipe;
  int trials = 1;    // trainings of each network, with seeds one after another; the mean counts
  int parallel = 1;  // trainings at a time; no effect on answers
  /// Trainings are given up that are not expected to come to the best so far: after 1, 2 or 3
  /// epochs, two sigma above what the finished trainings of the study forecast (CurveForecasts) is
  /// less. Then an answer goes by earlier ones (LearningSource), and to be given up is to fail.
  bool learning_curve = false;
  /// Successive halving: behind 1, eta, eta^2, ... epochs trainings are given up that are not in
  /// the best 1/eta of those that came there (HalvingRungs); 0: none. Not with learning_curve.
  /// Answers go by earlier ones here too.
  int halving_eta = 0;
};

/// Trains each network from its first weights and answers with the mean of the validation
/// accuracies behind the last epochs. A training that was ended goes on from its last epoch if the
/// source works in a folder that stays (AccuracySource::work_in()). A training that diverges is a
/// network that has failed. Throws InputError for networks that cannot be trained;
/// require_ready() for images that cannot be used.
std::unique_ptr<AccuracySource> make_train_source(TrainSettings settings, const NetworkSide& side);

}  // namespace dovetail
