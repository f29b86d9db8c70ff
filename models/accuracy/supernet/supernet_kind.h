#pragma once

#include "models/accuracy/source/accuracy_kind.h"
#include "models/accuracy/supernet/supernet_source.h"

namespace dovetail {

/// Accuracy source `supernet`: keys data, folder, recalibration and those of recipe_parameters().
AccuracySourceKind supernet_kind();

/// What a study says of its supernet; null if its source is another one.
const SupernetSettings* supernet_settings(const AccuracySettings& settings);

}  // namespace dovetail
