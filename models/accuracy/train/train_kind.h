#pragma once

#include "models/accuracy/source/accuracy_kind.h"
#include "models/accuracy/train/train_source.h"

namespace dovetail {

/// Accuracy source `train`: keys data, trials, parallel, learning_curve and those of
/// recipe_parameters().
AccuracySourceKind train_kind();

/// What a study says of the trainings; null if its source is another one.
const TrainSettings* train_settings(const AccuracySettings& settings);

}  // namespace dovetail
