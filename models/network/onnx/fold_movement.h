#pragma once

#include <functional>

#include "models/network/onnx/fold_rows.h"

namespace dovetail {

/// A result of these sizes, whose element at `index` is that of `source` at place(index); without
/// values where the source has none or they are too many.
OnnxTensor pick(const OnnxTensor& source, OnnxDims dims,
                const std::function<std::int64_t(const OnnxDims&)>& place);

/// `source` repeated to the sizes `dims`, which it must be broadcast to.
OnnxTensor expanded(const OnnxTensor& source, const OnnxDims& dims);

/// Operators whose results are elements of what they read, in other places.
std::span<const FoldRow> movement_folds();

}  // namespace dovetail
