#pragma once

#include "models/accuracy/source/accuracy_kind.h"

namespace dovetail {

/// Accuracy source `table`: keys file, duplicates, accuracy_column, digits_column, columns.
AccuracySourceKind table_kind();

}  // namespace dovetail
