#include "models/network/onnx/fold_movement.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "models/network/onnx/onnx_cut.h"
#include "models/network/onnx/onnx_dims.h"

namespace dovetail {
namespace {

std::int64_t dot(const OnnxDims& index, const OnnxDims& strides) {
  std::int64_t at = 0;
  for (std::size_t i = 0; i < index.size(); ++i) at += index[i] * strides[i];
  return at;
}

OnnxTensor fold_concat(const OnnxNode& node, FoldInputs inputs, std::size_t /*output*/) {
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

OnnxTensor fold_gather(const OnnxNode& node, FoldInputs inputs, std::size_t /*output*/) {
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

OnnxTensor fold_slice(const OnnxNode& node, FoldInputs inputs, std::size_t /*output*/) {
  const OnnxTensor& data = input_at(inputs, 0);
  const OnnxCut cut = cut_of_slice(node, data.dims, inputs.subspan(1));
  const OnnxDims strides = strides_of(data.dims);
  return pick(data, cut.dims, [&](const OnnxDims& index) {
    std::int64_t at = 0;
    for (std::size_t i = 0; i < index.size(); ++i) {
      at += (cut.first[i] + index[i] * cut.step[i]) * strides[i];
    }
    return at;
  });
}

OnnxTensor fold_split(const OnnxNode& node, FoldInputs inputs, std::size_t output) {
  const OnnxTensor& data = input_at(inputs, 0);
  const OnnxCut cut = cut_of_split(node, data.dims, optional_input(inputs, 1), output);
  const OnnxDims strides = strides_of(data.dims);
  return pick(data, cut.dims,
              [&](const OnnxDims& index) { return dot(cut.first, strides) + dot(index, strides); });
}

OnnxTensor fold_transpose(const OnnxNode& node, FoldInputs inputs, std::size_t /*output*/) {
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

OnnxTensor fold_expand(const OnnxNode& /*node*/, FoldInputs inputs, std::size_t /*output*/) {
  const OnnxTensor& data = input_at(inputs, 0);
  return expanded(data, broadcast(data.dims, input_at(inputs, 1).integers()));
}

OnnxTensor fold_tile(const OnnxNode& /*node*/, FoldInputs inputs, std::size_t /*output*/) {
  const OnnxTensor& data = input_at(inputs, 0);
  const OnnxDims repeats = input_at(inputs, 1).integers();
  if (repeats.size() != data.dims.size()) throw InputError("has not one repeat for each dimension");
  OnnxDims dims = data.dims;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (repeats[i] < 0 || repeats[i] > (std::int64_t{1} << 40)) throw InputError("a bad repeat");
    dims[i] = element_count({dims[i], repeats[i]});
  }
  const OnnxDims strides = strides_of(data.dims);
  return pick(data, dims, [&](const OnnxDims& index) {
    std::int64_t at = 0;
    for (std::size_t i = 0; i < index.size(); ++i) at += index[i] % data.dims[i] * strides[i];
    return at;
  });
}

/// ScatterND of few elements: `updates` in the places that `indices` name.
OnnxTensor fold_scatter_nd(const OnnxNode& /*node*/, FoldInputs inputs, std::size_t /*output*/) {
  OnnxTensor result = input_at(inputs, 0);
  const OnnxTensor &where = input_at(inputs, 1), &updates = input_at(inputs, 2);
  const auto depth = where.dims.empty() ? 0 : static_cast<std::size_t>(where.dims.back());
  if (depth < 1 || depth > result.dims.size()) throw InputError("indices do not fit the data");
  if (!result.values || !updates.values) {
    result.values.reset();
    return result;
  }
  const OnnxDims indices = where.integers(), strides = strides_of(result.dims);
  const std::int64_t block = element_count(
      OnnxDims(result.dims.begin() + static_cast<std::ptrdiff_t>(depth), result.dims.end()));
  const std::size_t count = indices.size() / depth;
  if (static_cast<std::int64_t>(updates.values->size()) !=
      block * static_cast<std::int64_t>(count)) {
    throw InputError("updates do not fit the indices");
  }
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t at = 0;
    for (std::size_t k = 0; k < depth; ++k) {
      std::int64_t index = indices[i * depth + k];
      if (index < -result.dims[k] || index >= result.dims[k]) throw InputError("an index outside");
      at += (index < 0 ? index + result.dims[k] : index) * strides[k];
    }
    std::copy_n(updates.values->begin() + static_cast<std::ptrdiff_t>(i) * block, block,
                result.values->begin() + at);
  }
  return result;
}

constexpr std::array kRows = {
    FoldRow{"Concat", fold_concat}, FoldRow{"Expand", fold_expand},
    FoldRow{"Gather", fold_gather}, FoldRow{"ScatterND", fold_scatter_nd},
    FoldRow{"Slice", fold_slice},   FoldRow{"Split", fold_split},
    FoldRow{"Tile", fold_tile},     FoldRow{"Transpose", fold_transpose},
};

}  // namespace

OnnxTensor pick(const OnnxTensor& source, OnnxDims dims,
                const std::function<std::int64_t(const OnnxDims&)>& place) {
  OnnxTensor result;
  result.dims = std::move(dims);
  result.element_type = source.element_type;
  result.why_no_values = source.why_no_values;
  result.origin = source.origin;
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

OnnxTensor expanded(const OnnxTensor& source, const OnnxDims& dims) {
  const OnnxDims strides = strides_of(source.dims);
  const std::size_t skip = dims.size() - source.dims.size();
  return pick(source, dims, [&](const OnnxDims& index) {
    std::int64_t at = 0;
    for (std::size_t i = 0; i < strides.size(); ++i) {
      if (source.dims[i] != 1) at += index[skip + i] * strides[i];
    }
    return at;
  });
}

std::span<const FoldRow> movement_folds() {
  return kRows;
}

}  // namespace dovetail
