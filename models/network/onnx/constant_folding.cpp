#include "models/network/onnx/constant_folding.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text/error.h"
#include "models/network/onnx/fold_arithmetic.h"
#include "models/network/onnx/fold_movement.h"
#include "models/network/onnx/onnx_dims.h"

namespace dovetail {
namespace {

OnnxTensor with_dims(const OnnxTensor& source, OnnxDims dims) {
  OnnxTensor result = source;
  result.dims = std::move(dims);
  return result;
}

OnnxTensor fold_cast(const OnnxNode& node, FoldInputs inputs, std::size_t /*output*/) {
  OnnxTensor result = input_at(inputs, 0);
  result.element_type = static_cast<int>(node.integer("to", result.element_type));
  if (result.values && is_integer_type(result.element_type)) {
    for (double& value : *result.values) value = std::trunc(value);
  }
  return result;
}

OnnxTensor fold_constant(const OnnxNode& node, FoldInputs /*inputs*/, std::size_t /*output*/) {
  if (const OnnxTensor* tensor = node.tensor("value")) return *tensor;
  OnnxTensor result;
  if (node.has("value_int")) {
    result.element_type = kOnnxInt64;
    result.values = {static_cast<double>(node.integer("value_int", 0))};
  } else if (node.has("value_float")) {
    result.values = {node.real("value_float", 0)};
  } else if (node.has("value_floats")) {
    const std::vector<double> list = node.reals("value_floats");
    result.dims = {static_cast<std::int64_t>(list.size())};
    result.values = list;
  } else if (node.has("value_ints")) {
    const OnnxDims list = node.integers("value_ints", {});
    result.dims = {static_cast<std::int64_t>(list.size())};
    result.element_type = kOnnxInt64;
    result.values.emplace(list.begin(), list.end());
  } else {
    throw InputError("has no value that is a tensor or a number");
  }
  return result;
}

OnnxTensor fold_constant_of_shape(const OnnxNode& node, FoldInputs inputs, std::size_t /*output*/) {
  OnnxTensor result;
  result.dims = input_at(inputs, 0).integers();
  double value = 0;
  if (const OnnxTensor* given = node.tensor("value")) {
    if (given->elements() != 1) throw InputError("attribute 'value' is not one number");
    result.element_type = given->element_type;
    value = given->known_values()[0];
  }
  const std::int64_t elements = result.elements();
  if (elements <= OnnxTensor::kMostValues) {
    result.values.emplace(static_cast<std::size_t>(elements), value);
  }
  return result;
}

OnnxTensor fold_reshape(const OnnxNode& node, FoldInputs inputs, std::size_t /*output*/) {
  const OnnxTensor& data = input_at(inputs, 0);
  const OnnxDims wanted = integers_of(node, "shape", optional_input(inputs, 1));
  return with_dims(data, reshaped(data.dims, wanted, node.integer("allowzero", 0) != 0));
}

OnnxTensor fold_flatten(const OnnxNode& node, FoldInputs inputs, std::size_t /*output*/) {
  const OnnxTensor& data = input_at(inputs, 0);
  return with_dims(data, flattened(data.dims, node.integer("axis", 1)));
}

OnnxTensor fold_squeeze(const OnnxNode& node, FoldInputs inputs, std::size_t /*output*/) {
  const OnnxDims axes = integers_of(node, "axes", optional_input(inputs, 1));
  return with_dims(input_at(inputs, 0), squeezed(input_at(inputs, 0).dims, axes));
}

OnnxTensor fold_unsqueeze(const OnnxNode& node, FoldInputs inputs, std::size_t /*output*/) {
  const OnnxDims axes = integers_of(node, "axes", optional_input(inputs, 1));
  return with_dims(input_at(inputs, 0), unsqueezed(input_at(inputs, 0).dims, axes));
}

/// Dequantised by one scale; by a scale for each channel only the shape is wanted.
OnnxTensor fold_dequantize(const OnnxNode& /*node*/, FoldInputs inputs, std::size_t /*output*/) {
  OnnxTensor result = input_at(inputs, 0);
  const OnnxTensor& scale = input_at(inputs, 1);
  const OnnxTensor* zero = optional_input(inputs, 2);
  result.element_type = scale.element_type;
  const bool known = scale.elements() == 1 && scale.values &&
                     (zero == nullptr || (zero->elements() == 1 && zero->values));
  if (!known) result.values.reset();
  if (!result.values) return result;
  for (double& value : *result.values) {
    value = (value - (zero == nullptr ? 0 : zero->values->at(0))) * scale.values->at(0);
  }
  return result;
}

OnnxTensor fold_quantize(const OnnxNode& /*node*/, FoldInputs inputs, std::size_t /*output*/) {
  OnnxTensor result = input_at(inputs, 0);
  const OnnxTensor* zero = optional_input(inputs, 2);
  constexpr int kUint8 = 2;
  result.element_type = zero == nullptr ? kUint8 : zero->element_type;
  result.values.reset();
  result.why_no_values = "which was quantised";
  return result;
}

OnnxTensor fold_identity(const OnnxNode& /*node*/, FoldInputs inputs, std::size_t /*output*/) {
  return input_at(inputs, 0);
}

OnnxTensor fold_shape(const OnnxNode& node, FoldInputs inputs, std::size_t /*output*/) {
  return shape_constant(node, input_at(inputs, 0).dims);
}

constexpr std::array kRows = {
    FoldRow{"Cast", fold_cast},
    FoldRow{"Constant", fold_constant},
    FoldRow{"ConstantOfShape", fold_constant_of_shape},
    FoldRow{"DequantizeLinear", fold_dequantize},
    FoldRow{"Flatten", fold_flatten},
    FoldRow{"Identity", fold_identity},
    FoldRow{"QuantizeLinear", fold_quantize},
    FoldRow{"Reshape", fold_reshape},
    FoldRow{"Shape", fold_shape},
    FoldRow{"Size", fold_shape},
    FoldRow{"Squeeze", fold_squeeze},
    FoldRow{"Unsqueeze", fold_unsqueeze},
};

const FoldRow* find_row(std::string_view op) {
  for (const std::span<const FoldRow> part :
       {std::span<const FoldRow>(kRows), movement_folds(), arithmetic_folds()}) {
    const auto at = std::ranges::find(part, op, &FoldRow::op);
    if (at != part.end()) return &*at;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string_view> foldable_operators() {
  std::vector<std::string_view> names;
  for (const std::span<const FoldRow> part :
       {std::span<const FoldRow>(kRows), movement_folds(), arithmetic_folds()}) {
    for (const FoldRow& row : part) names.push_back(row.op);
  }
  return names;
}

bool is_foldable(const OnnxNode& node) {
  const bool one_output = node.outputs.size() == 1 || node.op == "Split";
  return one_output && node.domain.empty() && find_row(node.op) != nullptr;
}

OnnxTensor fold_constants(const OnnxNode& node, FoldInputs inputs, std::size_t output) {
  const FoldRow* row = find_row(node.op);
  if (row == nullptr) throw InputError("reads constants only, and is not worked out");
  OnnxTensor result = row->fold(node, inputs, output);
  result.elements();  // checks the sizes
  return result;
}

OnnxTensor shape_constant(const OnnxNode& node, const OnnxDims& dims) {
  OnnxTensor result;
  result.element_type = kOnnxInt64;
  if (node.op == "Size") {
    result.values = {static_cast<double>(element_count(dims))};
    return result;
  }
  const auto rank = static_cast<std::int64_t>(dims.size());
  const auto bound = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  const std::int64_t start = bound(node.integer("start", 0));
  const std::int64_t end = std::max(start, bound(node.integer("end", rank)));
  result.dims = {end - start};
  result.values.emplace(dims.begin() + start, dims.begin() + end);
  return result;
}

OnnxDims integers_of(const OnnxNode& node, std::string_view attribute, const OnnxTensor* input) {
  return input != nullptr ? input->integers() : node.integers(attribute, {});
}

}  // namespace dovetail
