#include "models/network/onnx/onnx_dims.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "base/text/error.h"

namespace dovetail {

std::size_t normal_axis(std::int64_t axis, std::size_t rank) {
  const auto size = static_cast<std::int64_t>(rank);
  if (axis < -size || axis >= size) {
    throw InputError(fmt::format("axis {} of a tensor with {} dimensions", axis, rank));
  }
  return static_cast<std::size_t>(axis < 0 ? axis + size : axis);
}

OnnxDims reshaped(const OnnxDims& dims, const OnnxDims& wanted, bool allow_zero) {
  const std::int64_t elements = element_count(dims);
  const auto misfit = [&] {
    return InputError(
        fmt::format("{} cannot be reshaped to {}", to_string(dims), to_string(wanted)));
  };
  OnnxDims result = wanted;
  std::optional<std::size_t> rest;
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (result[i] == 0 && !allow_zero) {
      if (i >= dims.size()) throw misfit();
      result[i] = dims[i];
    }
    if (result[i] != -1) continue;
    if (rest) throw misfit();
    rest = i;
    result[i] = 1;
  }
  if (std::ranges::any_of(result, [](std::int64_t size) { return size < 0; })) throw misfit();
  const std::int64_t product = element_count(result);
  if (rest && product > 0) result[*rest] = elements / product;
  if (element_count(result) != elements) throw misfit();
  return result;
}

OnnxDims flattened(const OnnxDims& dims, std::int64_t axis) {
  // A negative axis counts from the last dimension, though one behind it is allowed.
  const std::size_t at = normal_axis(axis, axis < 0 ? dims.size() : dims.size() + 1);
  const auto middle = dims.begin() + static_cast<std::ptrdiff_t>(at);
  return {element_count(OnnxDims(dims.begin(), middle)),
          element_count(OnnxDims(middle, dims.end()))};
}

OnnxDims squeezed(const OnnxDims& dims, const OnnxDims& axes) {
  std::vector<bool> drop(dims.size());
  if (axes.empty()) {
    for (std::size_t i = 0; i < dims.size(); ++i) drop[i] = dims[i] == 1;
  }
  for (const std::int64_t axis : axes) {
    const std::size_t at = normal_axis(axis, dims.size());
    if (dims[at] != 1) {
      throw InputError(fmt::format("axis {} of {} has not size 1", axis, to_string(dims)));
    }
    drop[at] = true;
  }
  OnnxDims result;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (!drop[i]) result.push_back(dims[i]);
  }
  return result;
}

OnnxDims unsqueezed(const OnnxDims& dims, const OnnxDims& axes) {
  const std::size_t rank = dims.size() + axes.size();
  if (rank > kMostOnnxDims) throw InputError(fmt::format("would have {} dimensions", rank));
  std::vector<bool> inserted(rank);
  for (const std::int64_t axis : axes) {
    const std::size_t at = normal_axis(axis, rank);
    if (inserted[at]) throw InputError(fmt::format("axis {} stands twice", axis));
    inserted[at] = true;
  }
  OnnxDims result;
  std::size_t next = 0;
  for (std::size_t i = 0; i < rank; ++i) result.push_back(inserted[i] ? 1 : dims[next++]);
  return result;
}

OnnxDims checked_permutation(const OnnxDims& permutation, std::size_t rank) {
  OnnxDims result = permutation;
  if (result.empty()) {
    for (std::size_t i = rank; i-- > 0;) result.push_back(static_cast<std::int64_t>(i));
  }
  OnnxDims sorted = result;
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted.size() != rank || sorted[i] != static_cast<std::int64_t>(i)) {
      throw InputError(fmt::format("perm does not order {} dimensions", rank));
    }
  }
  return result;
}

OnnxDims broadcast(const OnnxDims& a, const OnnxDims& b) {
  OnnxDims result(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < result.size(); ++i) {  // from the last
    const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) {
      throw InputError(fmt::format("{} and {} do not fit", to_string(a), to_string(b)));
    }
    result[result.size() - 1 - i] = x == 1 ? y : x;
  }
  return result;
}

std::vector<bool> reduced_dimensions(const OnnxNode& node, const OnnxDims& axes, std::size_t rank) {
  const bool all = axes.empty() && node.integer("noop_with_empty_axes", 0) == 0;
  std::vector<bool> reduced(rank, all);
  for (const std::int64_t axis : axes) reduced[normal_axis(axis, rank)] = true;
  return reduced;
}

OnnxDims without_reduced(const OnnxDims& dims, const std::vector<bool>& reduced, bool keep) {
  OnnxDims result;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (keep || !reduced[i]) result.push_back(dims[i]);
  }
  return result;
}

OnnxDims strides_of(const OnnxDims& dims) {
  OnnxDims strides(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * dims[i];
  return strides;
}

}  // namespace dovetail
