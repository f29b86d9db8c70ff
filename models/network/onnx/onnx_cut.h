#pragma once

#include <span>

#include "models/network/onnx/onnx_graph.h"

namespace dovetail {

/// A part of a tensor: along each dimension `dims` elements, every `step`-th from `first` on.
struct OnnxCut {
  OnnxDims first, step, dims;

  /// True if it is the tensor itself.
  bool keeps_all(const OnnxDims& of) const;
};

// What Slice and Split leave of a tensor of these sizes. Each throws InputError, without the node's
// name, for what the standard forbids.

/// `bounds` are the inputs behind the data: starts, ends, axes, steps; null for one that is left
/// out. Before operator set 10 they are attributes.
OnnxCut cut_of_slice(const OnnxNode& node, const OnnxDims& dims,
                     std::span<const OnnxTensor* const> bounds);
/// `sizes` is the second input, null if it is left out.
OnnxCut cut_of_split(const OnnxNode& node, const OnnxDims& dims, const OnnxTensor* sizes,
                     std::size_t output);

}  // namespace dovetail
