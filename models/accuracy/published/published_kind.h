#pragma once

#include "models/accuracy/source/accuracy_kind.h"

namespace dovetail {

/// Accuracy source `published`: the figure that was published with the one network of a study.
AccuracySourceKind published_kind();

}  // namespace dovetail
