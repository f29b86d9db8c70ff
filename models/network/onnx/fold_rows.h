#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/text/error.h"
#include "models/network/onnx/onnx_graph.h"

namespace dovetail {

/// What a node of constants reads; null for an input that is left out.
using FoldInputs = std::span<const OnnxTensor* const>;

/// An operator that is worked out where it reads constants only: the tensor that it gives as its
/// `output`-th. Throws InputError, without the node's name, for what the standard forbids.
struct FoldRow {
  std::string_view op;
  OnnxTensor (*fold)(const OnnxNode& node, FoldInputs inputs, std::size_t output);
};

inline const OnnxTensor* optional_input(FoldInputs inputs, std::size_t i) {
  return i < inputs.size() ? inputs[i] : nullptr;
}

inline const OnnxTensor& input_at(FoldInputs inputs, std::size_t i) {
  const OnnxTensor* input = optional_input(inputs, i);
  if (input == nullptr) throw InputError("input " + std::to_string(i) + " is missing");
  return *input;
}

}  // namespace dovetail
