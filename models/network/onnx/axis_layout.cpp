#include "models/network/onnx/axis_layout.h"

#include <algorithm>
#include <utility>

namespace dovetail {
namespace {

using Order = std::vector<std::vector<Axis>>;

const Order kNchw = {{}, {Axis::kChannel}, {Axis::kHeight}, {Axis::kWidth}};
const Order kNhwc = {{}, {Axis::kHeight}, {Axis::kWidth}, {Axis::kChannel}};
const Order kNcl = {{}, {Axis::kChannel}, {Axis::kHeight, Axis::kWidth}};
const Order kNlc = {{}, {Axis::kHeight, Axis::kWidth}, {Axis::kChannel}};
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
AxisLayout AxisLayout::ncl(const TensorShape& shape) {
  return {shape, kNcl};
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
    case Axis::kGroup:
      return groups_;
    case Axis::kMember:
      return shape_.channels / groups_;
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

bool AxisLayout::is_ncl() const {
  return has_order(kNcl) && (shape_.height == 1 || shape_.width == 1);
}

std::optional<std::size_t> AxisLayout::position_dimension(Axis axis) const {
  const bool row = axis == Axis::kHeight;
  if (is_nchw()) return row ? 2 : 3;
  if (is_nhwc()) return row ? 1 : 2;
  const Axis line = shape_.width > 1 ? Axis::kWidth : Axis::kHeight;
  if (axis != line || (shape_.height > 1 && shape_.width > 1)) return {};
  if (has_order(kNcl)) return 2;
  return has_order(kNlc) ? std::optional<std::size_t>(1) : std::nullopt;
}

bool AxisLayout::is_shuffled() const {
  return std::ranges::find(axes_, std::vector{Axis::kMember, Axis::kGroup}) != axes_.end();
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
  AxisLayout result = *this;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    result.axes_[i] = axes_[static_cast<std::size_t>(permutation[i])];
  }
  return result;
}

std::optional<AxisLayout> AxisLayout::reshaped(const OnnxDims& dims) const {
  std::vector<Axis> in_order;
  for (const std::vector<Axis>& dimension : axes_) {
    in_order.insert(in_order.end(), dimension.begin(), dimension.end());
  }
  AxisLayout result = *this;
  result.axes_.clear();
  std::size_t next = 0;
  for (const std::int64_t wanted : dims) {
    std::vector<Axis>& dimension = result.axes_.emplace_back();
    std::int64_t size = 1;
    while (size < wanted && next < in_order.size()) {
      if (in_order[next] == Axis::kChannel && wanted % size == 0 && result.groups_ == 1 &&
          shape_.channels > wanted / size && shape_.channels % (wanted / size) == 0) {
        result.groups_ = static_cast<int>(wanted / size);
        in_order[next] = Axis::kGroup;
        in_order.insert(in_order.begin() + static_cast<std::ptrdiff_t>(next) + 1, Axis::kMember);
      }
      size *= result.size_of(in_order[next]);
      dimension.push_back(in_order[next++]);
    }
    if (size != wanted) return {};
  }
  if (next != in_order.size()) return {};
  result.join_groups();
  return result;
}

/// Channels are whole again where a dimension holds the groups and then their members.
void AxisLayout::join_groups() {
  for (std::vector<Axis>& dimension : axes_) {
    const auto group = std::ranges::find(dimension, Axis::kGroup);
    if (group == dimension.end() || group + 1 == dimension.end() || *(group + 1) != Axis::kMember) {
      continue;
    }
    *group = Axis::kChannel;
    dimension.erase(group + 1);
    groups_ = 1;
  }
}

AxisLayout AxisLayout::pooled() const {
  return pooled(true, true);
}

AxisLayout AxisLayout::pooled(bool rows, bool cols) const {
  return resized({rows ? 1 : shape_.height, cols ? 1 : shape_.width, shape_.channels});
}

AxisLayout AxisLayout::resized(const TensorShape& shape) const {
  AxisLayout result = *this;
  result.shape_ = shape;
  for (std::vector<Axis>& dimension : result.axes_) {
    std::erase_if(dimension, [&](Axis axis) { return result.size_of(axis) == 1; });
  }
  return result;
}

AxisLayout AxisLayout::reordered() const {
  AxisLayout result = *this;
  std::ranges::replace(result.axes_, std::vector{Axis::kMember, Axis::kGroup},
                       std::vector{Axis::kChannel});
  result.groups_ = 1;
  return result;
}

AxisLayout AxisLayout::of_group(Axis axis, int channels) const {
  const Axis rest = axis == Axis::kGroup ? Axis::kMember : Axis::kGroup;
  Order axes = axes_;
  for (std::vector<Axis>& dimension : axes) {
    std::erase(dimension, axis);
    std::ranges::replace(dimension, rest, Axis::kChannel);
  }
  return {{shape_.height, shape_.width, channels}, std::move(axes)};
}

AxisLayout AxisLayout::with_channels(std::size_t dimension, int channels) const {
  Order axes = axes_;
  axes[dimension] = {Axis::kChannel};
  return {{shape_.height, shape_.width, channels}, std::move(axes)};
}

}  // namespace dovetail
