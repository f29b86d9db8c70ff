#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/network/layers/layer.h"
#include "models/network/onnx/onnx_graph.h"

namespace dovetail {

/// Channels that a reshape has cut in two stand as groups of members.
enum class Axis : std::uint8_t { kHeight, kWidth, kChannel, kGroup, kMember };

/// How the numbers of a TensorShape stand in an ONNX tensor: for each of its dimensions, the axes
/// that it runs over, outermost first. An axis of size 1 is nowhere: it could be anywhere. So a
/// dimension without axes has size 1, as that of the batch. Transposing and reshaping change this
/// and move no data that an accelerator would have to move: it keeps one order of its own.
class AxisLayout {
 public:
  /// Batch, channels, height, width: what convolutions and pools read.
  static AxisLayout nchw(const TensorShape& shape);
  /// Batch, height, width, channels.
  static AxisLayout nhwc(const TensorShape& shape);
  /// Batch, channels, positions of one row or one column: what one-dimensional convolutions read.
  static AxisLayout ncl(const TensorShape& shape);
  /// Batch and channels of a shape of one position.
  static AxisLayout vector(const TensorShape& shape);
  /// Batch, positions (height times width), channels.
  static AxisLayout rows(const TensorShape& shape);

  const TensorShape& shape() const { return shape_; }
  OnnxDims dims() const;
  std::size_t rank() const { return axes_.size(); }
  const std::vector<Axis>& axes(std::size_t dimension) const { return axes_[dimension]; }
  bool is_nchw() const;
  bool is_nhwc() const;
  bool is_ncl() const;
  /// The dimension that runs along height or width and nothing else, as convolutions and paddings
  /// find it: also where it is 1. Nothing in other layouts.
  std::optional<std::size_t> position_dimension(Axis axis) const;
  /// True if a dimension holds channels that were taken from groups in turn.
  bool is_shuffled() const;
  /// Parts that channels are cut in; 1 if they are whole.
  int groups() const { return groups_; }
  /// The one dimension that holds all channels and nothing else. If there is but one channel, any
  /// dimension of size 1 would do; then there is none.
  std::optional<std::size_t> channel_dimension() const;
  /// True if the last dimension is that of the channels and the others hold the positions in rows.
  bool channels_last() const;
  /// True if all numbers stand in the last dimension.
  bool is_flat() const;

  /// `permutation` must be one (checked_permutation).
  AxisLayout transposed(const OnnxDims& permutation) const;
  /// Nothing if height or width would be cut in two, or channels in more than two.
  std::optional<AxisLayout> reshaped(const OnnxDims& dims) const;
  /// After all positions were made one, or those along one axis.
  AxisLayout pooled() const;
  AxisLayout pooled(bool rows, bool cols) const;
  /// The same order of a tensor of other sizes.
  AxisLayout resized(const TensorShape& shape) const;
  /// After the shuffle was carried out.
  AxisLayout reordered() const;
  /// After one group of the channels was taken (`axis` is kGroup) or one member of each, which left
  /// so many channels.
  AxisLayout of_group(Axis axis, int channels) const;
  /// With so many channels instead, in this dimension.
  AxisLayout with_channels(std::size_t dimension, int channels) const;

  bool operator==(const AxisLayout&) const = default;

 private:
  AxisLayout(const TensorShape& shape, std::vector<std::vector<Axis>> axes);
  std::int64_t size_of(Axis axis) const;
  bool has_order(const std::vector<std::vector<Axis>>& order) const;
  void join_groups();

  TensorShape shape_;
  int groups_ = 1;
  std::vector<std::vector<Axis>> axes_;
};

}  // namespace dovetail
