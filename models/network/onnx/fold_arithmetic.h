#pragma once

#include "models/network/onnx/fold_rows.h"

namespace dovetail {

/// Operators that compute: elementwise, comparisons, reductions, ranges.
std::span<const FoldRow> arithmetic_folds();

}  // namespace dovetail
