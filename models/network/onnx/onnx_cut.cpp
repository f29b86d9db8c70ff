#include "models/network/onnx/onnx_cut.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text/error.h"
#include "models/network/onnx/constant_folding.h"
#include "models/network/onnx/onnx_dims.h"

namespace dovetail {
namespace {

OnnxCut whole(const OnnxDims& dims) {
  return {OnnxDims(dims.size(), 0), OnnxDims(dims.size(), 1), dims};
}

/// Cuts one dimension as Slice does: what lies outside is clamped, and what is negative counts from
/// the end.
void cut_axis(OnnxCut& cut, std::size_t axis, std::int64_t start, std::int64_t end,
              std::int64_t step) {
  const std::int64_t size = cut.dims[axis];
  if (size == 0) return;
  constexpr double kMostStep = 1e9;
  if (step == 0 || std::abs(static_cast<double>(step)) > kMostStep) {
    throw InputError("bad step of a slice");
  }
  const auto bound = [&](std::int64_t at, std::int64_t low, std::int64_t high) {
    return std::clamp(at < 0 ? at + size : at, low, high);
  };
  const std::int64_t from = step > 0 ? bound(start, 0, size) : bound(start, 0, size - 1);
  const std::int64_t to = step > 0 ? bound(end, 0, size) : bound(end, -1, size - 1);
  cut.first[axis] = from;
  cut.step[axis] = step;
  const std::int64_t length = step > 0 ? to - from + step - 1 : to - from + step + 1;
  cut.dims[axis] = std::max<std::int64_t>(0, length / step);
}

}  // namespace

bool OnnxCut::keeps_all(const OnnxDims& of) const {
  return dims == of && std::ranges::all_of(first, [](std::int64_t at) { return at == 0; });
}

OnnxCut cut_of_slice(const OnnxNode& node, const OnnxDims& dims,
                     std::span<const OnnxTensor* const> bounds) {
  const auto list = [&](std::string_view attribute, std::size_t i) {
    return integers_of(node, attribute, i < bounds.size() ? bounds[i] : nullptr);
  };
  const OnnxDims starts = list("starts", 0), ends = list("ends", 1), steps = list("", 3);
  OnnxDims axes = list("axes", 2);
  if (axes.empty()) {
    axes.resize(starts.size());
    std::iota(axes.begin(), axes.end(), 0);
  }
  if (ends.size() != starts.size() || axes.size() != starts.size() ||
      (!steps.empty() && steps.size() != starts.size())) {
    throw InputError("starts, ends, axes and steps differ in length");
  }
  OnnxCut cut = whole(dims);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t axis = normal_axis(axes[i], dims.size());
    if (cut.first[axis] != 0 || cut.dims[axis] != dims[axis]) throw InputError("an axis twice");
    cut_axis(cut, axis, starts[i], ends[i], steps.empty() ? 1 : steps[i]);
  }
  return cut;
}

OnnxCut cut_of_split(const OnnxNode& node, const OnnxDims& dims, const OnnxTensor* sizes,
                     std::size_t output) {
  const std::size_t axis = normal_axis(node.integer("axis", 0), dims.size());
  constexpr std::size_t kMostParts = 4096;
  if (node.outputs.size() > kMostParts) {
    throw InputError(fmt::format("in more than {} parts", kMostParts));
  }
  OnnxDims parts = integers_of(node, "split", sizes);
  const auto outputs = static_cast<std::int64_t>(node.outputs.size());
  if (parts.empty()) {  // of one size, the last may be smaller
    const std::int64_t part = (dims[axis] + outputs - 1) / outputs;
    parts.assign(node.outputs.size(), part);
    parts.back() = dims[axis] - part * (outputs - 1);
  }
  if (parts.size() != node.outputs.size() ||
      std::ranges::any_of(parts, [](std::int64_t part) { return part < 0; }) ||
      element_count(parts) < 0 ||
      std::accumulate(parts.begin(), parts.end(), std::int64_t{0}) != dims[axis]) {
    throw InputError(fmt::format("parts of {} do not make axis {} of {}", to_string(parts), axis,
                                 to_string(dims)));
  }
  OnnxCut cut = whole(dims);
  const auto at = static_cast<std::ptrdiff_t>(output);
  cut.first[axis] = std::accumulate(parts.begin(), parts.begin() + at, std::int64_t{0});
  cut.dims[axis] = parts[output];
  return cut;
}

}  // namespace dovetail
