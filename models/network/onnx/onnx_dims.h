#pragma once

#include <cstddef>

#include "models/network/onnx/onnx_graph.h"

namespace dovetail {

// Rules of the ONNX standard for sizes, the same for constants and activations. Each throws
// InputError for what the standard forbids.

/// Counts a negative axis from the end; `rank` is one more than the highest allowed.
std::size_t normal_axis(std::int64_t axis, std::size_t rank);

/// Reshape: -1 is what remains, 0 the size of before (unless `allow_zero`).
OnnxDims reshaped(const OnnxDims& dims, const OnnxDims& wanted, bool allow_zero);
/// Flatten to two dimensions.
OnnxDims flattened(const OnnxDims& dims, std::int64_t axis);
/// Squeeze; no axes means all of size 1.
OnnxDims squeezed(const OnnxDims& dims, const OnnxDims& axes);
OnnxDims unsqueezed(const OnnxDims& dims, const OnnxDims& axes);
/// Transpose's permutation, checked; without one it is the reverse.
OnnxDims checked_permutation(const OnnxDims& permutation, std::size_t rank);
/// Sizes of an elementwise result (multidirectional broadcasting).
OnnxDims broadcast(const OnnxDims& a, const OnnxDims& b);
/// Of each dimension whether a reduction over `axes` leaves one element of it. No axes means all,
/// but for a node that says that it then does nothing.
std::vector<bool> reduced_dimensions(const OnnxNode& node, const OnnxDims& axes, std::size_t rank);
/// The sizes that are not reduced; with `keep` those that are, too.
OnnxDims without_reduced(const OnnxDims& dims, const std::vector<bool>& reduced, bool keep);
/// Row-major distance between elements along each dimension.
OnnxDims strides_of(const OnnxDims& dims);

}  // namespace dovetail
