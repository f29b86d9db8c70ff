#include "models/network/onnx/constant_folding.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

#include "base/text/error.h"
#include "models/network/onnx/onnx_dims.h"

namespace dovetail {
namespace {

using Inputs = std::span<const OnnxTensor* const>;

const OnnxTensor* optional_input(Inputs inputs, std::size_t i) {
  return i < inputs.size() ? inputs[i] : nullptr;
}

const OnnxTensor& input_at(Inputs inputs, std::size_t i) {
  const OnnxTensor* input = optional_input(inputs, i);
  if (input == nullptr) throw InputError(fmt::format("input {} is missing", i));
  return *input;
}

/// A result of these sizes, whose element at `index` is that of `source` at place(index); without
/// values where the source has none or they are too many.
OnnxTensor pick(const OnnxTensor& source, OnnxDims dims,
                const std::function<std::int64_t(const OnnxDims&)>& place) {
  OnnxTensor result;
  result.dims = std::move(dims);
  result.element_type = source.element_type;
  result.why_no_values = source.why_no_values;
  const std::int64_t elements = result.elements();
  if (!source.values || elements > OnnxTensor::kMostValues) return result;
  result.values.emplace();
  OnnxDims index(result.dims.size(), 0);
  for (std::int64_t i = 0; i < elements; ++i) {
    result.values->push_back(source.values->at(static_cast<std::size_t>(place(index))));
    for (std::size_t axis = index.size(); axis-- > 0;) {
      if (++index[axis] < result.dims[axis]) break;
      index[axis] = 0;
    }
  }
  return result;
}

OnnxTensor with_dims(const OnnxTensor& source, OnnxDims dims) {
  OnnxTensor result = source;
  result.dims = std::move(dims);
  return result;
}

OnnxTensor fold_cast(const OnnxNode& node, Inputs inputs) {
  OnnxTensor result = input_at(inputs, 0);
  result.element_type = static_cast<int>(node.integer("to", result.element_type));
  if (result.values && is_integer_type(result.element_type)) {
    for (double& value : *result.values) value = std::trunc(value);
  }
  return result;
}

OnnxTensor fold_constant(const OnnxNode& node, Inputs /*inputs*/) {
  if (const OnnxTensor* tensor = node.tensor("value")) return *tensor;
  OnnxTensor result;
  if (node.has("value_int")) {
    result.element_type = kOnnxInt64;
    result.values = {static_cast<double>(node.integer("value_int", 0))};
  } else if (node.has("value_float")) {
    result.values = {node.real("value_float", 0)};
  } else if (node.has("value_ints")) {
    const OnnxDims list = node.integers("value_ints", {});
    result.dims = {static_cast<std::int64_t>(list.size())};
    result.element_type = kOnnxInt64;
    result.values.emplace(list.begin(), list.end());
  } else {
    throw InputError("has no value that is a tensor or an integer");
  }
  return result;
}

OnnxTensor fold_constant_of_shape(const OnnxNode& node, Inputs inputs) {
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

OnnxTensor fold_concat(const OnnxNode& node, Inputs inputs) {
  const OnnxTensor& first = input_at(inputs, 0);
  const std::size_t axis = normal_axis(node.integer("axis", 0), first.dims.size());
  OnnxTensor joined;  // along a first dimension of its own, to be picked from
  joined.element_type = first.element_type;
  joined.values.emplace();
  OnnxDims dims = first.dims;
  dims[axis] = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> parts;  // start along axis, offset in `joined`
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const OnnxTensor& part = input_at(inputs, i);
    OnnxDims rest = part.dims, expected = dims;
    if (rest.size() == dims.size()) rest[axis] = expected[axis] = 0;
    if (rest != expected) {
      throw InputError(
          fmt::format("{} and {} do not fit", to_string(first.dims), to_string(part.dims)));
    }
    parts.emplace_back(dims[axis], joined.values ? joined.values->size() : 0);
    dims[axis] += part.dims[axis];
    if (!part.values) joined.values.reset();
    if (joined.values && joined.values->size() <= OnnxTensor::kMostValues) {
      joined.values->insert(joined.values->end(), part.values->begin(), part.values->end());
    }
  }
  return pick(joined, dims, [&](const OnnxDims& index) {
    std::size_t part = parts.size() - 1;
    while (parts[part].first > index[axis]) --part;
    OnnxDims part_dims = dims, place = index;
    const std::int64_t end = part + 1 < parts.size() ? parts[part + 1].first : dims[axis];
    part_dims[axis] = end - parts[part].first;
    place[axis] -= parts[part].first;
    const OnnxDims strides = strides_of(part_dims);
    std::int64_t at = parts[part].second;
    for (std::size_t i = 0; i < place.size(); ++i) at += place[i] * strides[i];
    return at;
  });
}

OnnxTensor fold_gather(const OnnxNode& node, Inputs inputs) {
  const OnnxTensor& data = input_at(inputs, 0);
  const OnnxTensor& which = input_at(inputs, 1);
  const std::size_t axis = normal_axis(node.integer("axis", 0), data.dims.size());
  OnnxDims indices = which.integers();
  for (std::int64_t& index : indices) {
    if (index < -data.dims[axis] || index >= data.dims[axis]) {
      throw InputError(fmt::format("index {} of {} elements", index, data.dims[axis]));
    }
    if (index < 0) index += data.dims[axis];
  }
  OnnxDims dims(data.dims.begin(), data.dims.begin() + static_cast<std::ptrdiff_t>(axis));
  dims.insert(dims.end(), which.dims.begin(), which.dims.end());
  dims.insert(dims.end(), data.dims.begin() + static_cast<std::ptrdiff_t>(axis) + 1,
              data.dims.end());
  const OnnxDims strides = strides_of(data.dims), which_strides = strides_of(which.dims);
  return pick(data, dims, [&](const OnnxDims& index) {
    std::int64_t at = 0, chosen = 0;
    for (std::size_t i = 0; i < axis; ++i) at += index[i] * strides[i];
    for (std::size_t i = 0; i < which.dims.size(); ++i) {
      chosen += index[axis + i] * which_strides[i];
    }
    at += indices[static_cast<std::size_t>(chosen)] * strides[axis];
    for (std::size_t i = axis + 1; i < strides.size(); ++i) {
      at += index[i - 1 + which.dims.size()] * strides[i];
    }
    return at;
  });
}

OnnxTensor fold_slice(const OnnxNode& node, Inputs inputs) {
  const OnnxTensor& data = input_at(inputs, 0);
  const OnnxDims starts = integers_of(node, "starts", optional_input(inputs, 1));
  const OnnxDims ends = integers_of(node, "ends", optional_input(inputs, 2));
  OnnxDims axes = integers_of(node, "axes", optional_input(inputs, 3));
  const OnnxDims steps = integers_of(node, "", optional_input(inputs, 4));
  if (axes.empty()) {
    for (std::size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  }
  if (ends.size() != starts.size() || axes.size() != starts.size() ||
      (!steps.empty() && steps.size() != starts.size())) {
    throw InputError("starts, ends, axes and steps differ in length");
  }
  OnnxDims first(data.dims.size(), 0), step(data.dims.size(), 1), dims = data.dims;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t axis = normal_axis(axes[i], data.dims.size());
    const std::int64_t size = data.dims[axis];
    if (size == 0) continue;
    const std::int64_t by = steps.empty() ? 1 : steps[i];
    if (by == 0 || std::abs(static_cast<double>(by)) > 1e9) throw InputError("bad step of a slice");
    const auto bound = [&](std::int64_t at, std::int64_t low, std::int64_t high) {
      return std::clamp(at < 0 ? at + size : at, low, high);
    };
    const std::int64_t from = by > 0 ? bound(starts[i], 0, size) : bound(starts[i], 0, size - 1);
    const std::int64_t to = by > 0 ? bound(ends[i], 0, size) : bound(ends[i], -1, size - 1);
    first[axis] = from;
    step[axis] = by;
    const std::int64_t length = by > 0 ? to - from + by - 1 : to - from + by + 1;
    dims[axis] = std::max<std::int64_t>(0, length / by);
  }
  const OnnxDims strides = strides_of(data.dims);
  return pick(data, dims, [&](const OnnxDims& index) {
    std::int64_t at = 0;
    for (std::size_t i = 0; i < index.size(); ++i)
      at += (first[i] + index[i] * step[i]) * strides[i];
    return at;
  });
}

OnnxTensor fold_reshape(const OnnxNode& node, Inputs inputs) {
  const OnnxTensor& data = input_at(inputs, 0);
  const OnnxDims wanted = integers_of(node, "shape", optional_input(inputs, 1));
  return with_dims(data, reshaped(data.dims, wanted, node.integer("allowzero", 0) != 0));
}

OnnxTensor fold_squeeze(const OnnxNode& node, Inputs inputs) {
  const OnnxDims axes = integers_of(node, "axes", optional_input(inputs, 1));
  return with_dims(input_at(inputs, 0), squeezed(input_at(inputs, 0).dims, axes));
}

OnnxTensor fold_unsqueeze(const OnnxNode& node, Inputs inputs) {
  const OnnxDims axes = integers_of(node, "axes", optional_input(inputs, 1));
  return with_dims(input_at(inputs, 0), unsqueezed(input_at(inputs, 0).dims, axes));
}

OnnxTensor fold_transpose(const OnnxNode& node, Inputs inputs) {
  const OnnxTensor& data = input_at(inputs, 0);
  const OnnxDims perm = checked_permutation(node.integers("perm", {}), data.dims.size());
  OnnxDims dims;
  for (const std::int64_t axis : perm) dims.push_back(data.dims[static_cast<std::size_t>(axis)]);
  const OnnxDims strides = strides_of(data.dims);
  return pick(data, dims, [&](const OnnxDims& index) {
    std::int64_t at = 0;
    for (std::size_t i = 0; i < index.size(); ++i) {
      at += index[i] * strides[static_cast<std::size_t>(perm[i])];
    }
    return at;
  });
}

double apply(std::string_view op, double a, double b, bool integers) {
  if (op == "Add") return a + b;
  if (op == "Sub") return a - b;
  if (op == "Mul") return a * b;
  if (op == "Max") return std::max(a, b);
  if (op == "Min") return std::min(a, b);
  if (!integers) return a / b;
  if (b == 0) throw InputError("divides by zero");
  return std::trunc(a / b);
}

OnnxTensor fold_elementwise(const OnnxNode& node, Inputs inputs) {
  if (inputs.size() != 2) throw InputError("of constants is worked out for two inputs only");
  const OnnxTensor& a = input_at(inputs, 0);
  const OnnxTensor& b = input_at(inputs, 1);
  const OnnxDims dims = broadcast(a.dims, b.dims);
  const auto place = [&](const OnnxTensor& operand) {
    return [&dims, &operand](const OnnxDims& index) {
      const OnnxDims strides = strides_of(operand.dims);
      const std::size_t skip = dims.size() - operand.dims.size();
      std::int64_t at = 0;
      for (std::size_t i = 0; i < strides.size(); ++i) {
        if (operand.dims[i] != 1) at += index[skip + i] * strides[i];
      }
      return at;
    };
  };
  OnnxTensor result = pick(a, dims, place(a));
  const OnnxTensor second = pick(b, dims, place(b));
  if (!second.values) result.values.reset();
  if (!result.values) return result;
  const bool integers = is_integer_type(a.element_type);
  for (std::size_t i = 0; i < result.values->size(); ++i) {
    result.values->at(i) = apply(node.op, result.values->at(i), second.values->at(i), integers);
  }
  return result;
}

OnnxTensor fold_unary(const OnnxNode& node, Inputs inputs) {
  OnnxTensor result = input_at(inputs, 0);
  if (!result.values) return result;
  for (double& value : *result.values) {
    if (node.op == "Neg") value = -value;
    if (node.op == "Floor") value = std::floor(value);
    if (node.op == "Ceil") value = std::ceil(value);
    if (node.op == "Sqrt") value = std::sqrt(value);
    if (node.op == "Reciprocal") value = 1 / value;
  }
  return result;
}

/// Dequantised by one scale; by a scale for each channel only the shape is wanted.
OnnxTensor fold_dequantize(const OnnxNode& /*node*/, Inputs inputs) {
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

OnnxTensor fold_quantize(const OnnxNode& /*node*/, Inputs inputs) {
  OnnxTensor result = input_at(inputs, 0);
  const OnnxTensor* zero = optional_input(inputs, 2);
  constexpr int kUint8 = 2;
  result.element_type = zero == nullptr ? kUint8 : zero->element_type;
  result.values.reset();
  result.why_no_values = "which was quantised";
  return result;
}

OnnxTensor fold_identity(const OnnxNode& /*node*/, Inputs inputs) {
  return input_at(inputs, 0);
}

OnnxTensor fold_shape(const OnnxNode& node, Inputs inputs) {
  return shape_constant(node, input_at(inputs, 0).dims);
}

struct Row {
  std::string_view op;
  OnnxTensor (*fold)(const OnnxNode& node, Inputs inputs);
};

constexpr std::array kRows = {
    Row{"Add", fold_elementwise},
    Row{"Cast", fold_cast},
    Row{"Ceil", fold_unary},
    Row{"Concat", fold_concat},
    Row{"Constant", fold_constant},
    Row{"ConstantOfShape", fold_constant_of_shape},
    Row{"DequantizeLinear", fold_dequantize},
    Row{"Div", fold_elementwise},
    Row{"Floor", fold_unary},
    Row{"Gather", fold_gather},
    Row{"Identity", fold_identity},
    Row{"Max", fold_elementwise},
    Row{"Min", fold_elementwise},
    Row{"Mul", fold_elementwise},
    Row{"Neg", fold_unary},
    Row{"QuantizeLinear", fold_quantize},
    Row{"Reciprocal", fold_unary},
    Row{"Reshape", fold_reshape},
    Row{"Shape", fold_shape},
    Row{"Size", fold_shape},
    Row{"Slice", fold_slice},
    Row{"Sqrt", fold_unary},
    Row{"Squeeze", fold_squeeze},
    Row{"Sub", fold_elementwise},
    Row{"Transpose", fold_transpose},
    Row{"Unsqueeze", fold_unsqueeze},
};

const Row* find_row(std::string_view op) {
  const auto* const at = std::ranges::find(kRows, op, &Row::op);
  return at == kRows.end() ? nullptr : at;
}

}  // namespace

std::vector<std::string_view> foldable_operators() {
  std::vector<std::string_view> names;
  names.reserve(kRows.size());
  for (const Row& row : kRows) names.push_back(row.op);
  return names;
}

bool is_foldable(std::string_view op) {
  return find_row(op) != nullptr;
}

OnnxTensor fold_constants(const OnnxNode& node, Inputs inputs) {
  const Row* row = find_row(node.op);
  if (row == nullptr) throw InputError("reads constants only, and is not worked out");
  OnnxTensor result = row->fold(node, inputs);
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
