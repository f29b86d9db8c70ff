#include "models/network/onnx/axis_layout.h"

#include <algorithm>
#include <utility>

namespace dovetail {
namespace {

using Order = std::vector<std::vector<Axis>>;

const Order kNchw = {{}, {Axis::kChannel}, {Axis::kHeight}, {Axis::kWidth}};
const Order kNhwc = {{}, {Axis::kHeight}, {Axis::kWidth}, {Axis::kChannel}};
const Order kVector = {{}, {Axis::kChannel}};
const Order kRows = {{}, {Axis::kHeight, Axis::kWidth}, {Axis::kChannel}};

}  // namespace

AxisLayout::AxisLayout(const TensorShape& shape, Order axes)
    : shape_(shape), axes_(std::move(axes)) {
  for (std::vector<Axis>& dimension : axes_) {
    std::erase_if(dimension, [&](Axis axis) { return size_of(axis) == 1; });
  }
}

AxisLayout AxisLayout::nchw(const TensorShape& shape) {
  return {shape, kNchw};
}
AxisLayout AxisLayout::nhwc(const TensorShape& shape) {
  return {shape, kNhwc};
}
AxisLayout AxisLayout::vector(const TensorShape& shape) {
  return {shape, kVector};
}
AxisLayout AxisLayout::rows(const TensorShape& shape) {
  return {shape, kRows};
}

std::int64_t AxisLayout::size_of(Axis axis) const {
  switch (axis) {
    case Axis::kHeight:
      return shape_.height;
    case Axis::kWidth:
      return shape_.width;
    case Axis::kChannel:
      return shape_.channels;
  }
  return 1;
}

OnnxDims AxisLayout::dims() const {
  OnnxDims dims;
  for (const std::vector<Axis>& dimension : axes_) {
    std::int64_t size = 1;
    for (const Axis axis : dimension) size *= size_of(axis);
    dims.push_back(size);
  }
  return dims;
}

bool AxisLayout::has_order(const Order& order) const {
  return axes_ == AxisLayout(shape_, order).axes_;
}

bool AxisLayout::is_nchw() const {
  return has_order(kNchw);
}

bool AxisLayout::is_nhwc() const {
  return has_order(kNhwc);
}

std::optional<std::size_t> AxisLayout::channel_dimension() const {
  const auto at = std::ranges::find(axes_, std::vector{Axis::kChannel});
  if (at == axes_.end()) return {};
  return static_cast<std::size_t>(at - axes_.begin());
}

bool AxisLayout::channels_last() const {
  if (axes_.size() < 2) return false;
  std::vector<Axis> positions;
  for (std::size_t i = 0; i + 1 < axes_.size(); ++i) {
    positions.insert(positions.end(), axes_[i].begin(), axes_[i].end());
  }
  const AxisLayout joined(shape_, {positions, axes_.back()});
  return joined.axes_ == AxisLayout(shape_, {kRows[1], kRows[2]}).axes_;
}

bool AxisLayout::is_flat() const {
  return !axes_.empty() && std::all_of(axes_.begin(), axes_.end() - 1,
                                       [](const auto& dimension) { return dimension.empty(); });
}

AxisLayout AxisLayout::transposed(const OnnxDims& permutation) const {
  Order axes;
  for (const std::int64_t from : permutation) axes.push_back(axes_[static_cast<std::size_t>(from)]);
  return {shape_, std::move(axes)};
}

std::optional<AxisLayout> AxisLayout::reshaped(const OnnxDims& dims) const {
  std::vector<Axis> in_order;
  for (const std::vector<Axis>& dimension : axes_) {
    in_order.insert(in_order.end(), dimension.begin(), dimension.end());
  }
  Order axes;
  auto next = in_order.begin();
  for (const std::int64_t wanted : dims) {
    std::vector<Axis>& dimension = axes.emplace_back();
    std::int64_t size = 1;
    while (size < wanted && next != in_order.end()) {
      size *= size_of(*next);
      dimension.push_back(*next++);
    }
    if (size != wanted) return {};
  }
  if (next != in_order.end()) return {};
  return AxisLayout(shape_, std::move(axes));
}

AxisLayout AxisLayout::pooled() const {
  return {{1, 1, shape_.channels}, axes_};
}

AxisLayout AxisLayout::with_channels(std::size_t dimension, int channels) const {
  Order axes = axes_;
  axes[dimension] = {Axis::kChannel};
  return {{shape_.height, shape_.width, channels}, std::move(axes)};
}

}  // namespace dovetail
