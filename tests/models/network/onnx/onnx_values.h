#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/network/onnx/onnx_graph.h"

namespace dovetail::test {

// Constants and attributes of nodes that tests write by hand.

inline OnnxTensor integers(const OnnxDims& values) {
  return {{static_cast<std::int64_t>(values.size())},
          kOnnxInt64,
          std::vector<double>(values.begin(), values.end()),
          {}};
}
inline OnnxTensor number(double value) {
  return {{}, kOnnxFloat, std::vector{value}, {}};
}
inline OnnxAttribute ints(const std::string& name, OnnxDims values) {
  return {name, std::move(values)};
}
inline OnnxAttribute integer(const std::string& name, std::int64_t value) {
  return {name, value};
}

}  // namespace dovetail::test
