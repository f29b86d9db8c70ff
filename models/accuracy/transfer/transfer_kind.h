#pragma once

#include "models/accuracy/source/accuracy_kind.h"

namespace dovetail {

/// Accuracy source `transfer`: key file.
AccuracySourceKind transfer_kind();

}  // namespace dovetail
