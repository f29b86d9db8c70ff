#pragma once

#include "models/accuracy/source/accuracy_kind.h"

namespace dovetail {

/// Who tells a candidate tells how good it is, too (AccuracyCache::tell()).
AccuracySourceKind told_kind();

/// The answer where nobody did.
AccuracyAnswer untold_accuracy();

}  // namespace dovetail
