#pragma once

#include <span>
#include <string_view>

#include "models/network/onnx/onnx_graph.h"

namespace dovetail {

/// The operators that fold_constants() can work out.
std::vector<std::string_view> foldable_operators();
/// Whether fold_constants() can work the node out, if it reads constants only.
bool is_foldable(const OnnxNode& node);

/// An output of a node whose inputs are all constants (null for one left out), as exporters leave
/// them behind: shape arithmetic, paddings, transposed or dequantised weights. Where values are not
/// known, or there are more than OnnxTensor::kMostValues, the result is a shape without values.
/// Throws InputError, without the node's name, for what the standard forbids.
OnnxTensor fold_constants(const OnnxNode& node, std::span<const OnnxTensor* const> inputs,
                          std::size_t output = 0);

/// The sizes of a tensor as a constant, as Shape (with its attributes start and end) or Size give
/// them.
OnnxTensor shape_constant(const OnnxNode& node, const OnnxDims& dims);

/// A list of axes, sizes or paddings: the input at `index` if it is there, else the attribute, else
/// empty. Operator sets differ in where they have it.
OnnxDims integers_of(const OnnxNode& node, std::string_view attribute, const OnnxTensor* input);

}  // namespace dovetail
