#pragma once

#include "models/accuracy/source/accuracy_kind.h"

namespace dovetail {

/// Accuracy source `predictor`: keys file and out_of_range.
AccuracySourceKind predictor_kind();

}  // namespace dovetail
