#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "models/network/layers/layer.h"
#include "sim/program/partition.h"

namespace dovetail {

/// A block of a tensor. Weights are a tensor as well: a row for each output channel, one column,
/// and along the channels the bytes that the hardware reads (weights, int32 bias, int32
/// multiplier).
struct Region {
  Interval rows, cols, channels;

  bool empty() const { return rows.empty() || cols.empty() || channels.empty(); }
  std::size_t elements() const {
    return static_cast<std::size_t>(rows.size()) * static_cast<std::size_t>(cols.size()) *
           static_cast<std::size_t>(channels.size());
  }
  /// Of an element in a list of all of them, channels innermost.
  std::size_t offset(int row, int col, int channel) const {
    return static_cast<std::size_t>(
        (std::ptrdiff_t{row - rows.begin} * cols.size() + (col - cols.begin)) * channels.size() +
        (channel - channels.begin));
  }
  static Region of(const TensorShape& shape) {
    return {{0, shape.height}, {0, shape.width}, {0, shape.channels}};
  }
};

/// The columns of a region, or its rows.
inline Interval& lines_of(Region& region, bool of_columns) {
  return of_columns ? region.cols : region.rows;
}
inline const Interval& lines_of(const Region& region, bool of_columns) {
  return of_columns ? region.cols : region.rows;
}

inline Region intersection(const Region& a, const Region& b) {
  return {intersection(a.rows, b.rows), intersection(a.cols, b.cols),
          intersection(a.channels, b.channels)};
}

/// A byte in a memory, or that nothing was ever put there.
using Element = std::int16_t;
inline constexpr Element kPoison = std::numeric_limits<Element>::min();

/// A block of a tensor in a memory. New memory is poison.
struct TensorPart {
  Region region;
  std::vector<Element> data;

  TensorPart() = default;
  explicit TensorPart(const Region& r) : region(r), data(r.elements(), kPoison) {}

  /// The channels of one position, from `channel` on; must be in the region.
  Element* at(int row, int col, int channel) {
    return data.data() + region.offset(row, col, channel);
  }
  const Element* at(int row, int col, int channel) const {
    return data.data() + region.offset(row, col, channel);
  }
};

/// Copies what of `wanted` is in both.
void copy(const TensorPart& from, TensorPart& to, const Region& wanted);

/// Where a tensor is: in DRAM as one part, or a part in each PE.
struct StoredTensor {
  bool on_chip = false;
  std::vector<TensorPart> parts;

  static StoredTensor in_dram(const Region& whole) { return {false, {TensorPart(whole)}}; }
};

/// Counts distinct bytes: what a multicast sends once, however many PEs take it.
class DistinctBytes {
 public:
  void start(const Region& whole);
  /// Counts those of `part` that are not in `except` and were not counted since start().
  void add(const Region& part, const Region& except);
  std::int64_t count() const { return count_; }

 private:
  Region whole_;
  std::vector<std::uint32_t> seen_;
  std::uint32_t generation_ = 0;
  std::int64_t count_ = 0;
};

}  // namespace dovetail
