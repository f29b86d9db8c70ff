#pragma once

#include <string>

#include "models/accuracy/source/accuracy_kind.h"
#include "models/accuracy/train/train_source.h"

namespace dovetail {

/// Accuracy source `train`: keys data, trials, parallel, learning_curve, successive_halving
/// and those of recipe_parameters().
AccuracySourceKind train_kind();

/// The key by which trainings are given up for what others came to, so that what is known of a
/// network depends on what was trained before it; empty: by none.
std::string key_of_giving_up(const TrainSettings& settings);

/// What a study says of the trainings; null if its source is another one.
const TrainSettings* train_settings(const AccuracySettings& settings);

}  // namespace dovetail
