#pragma once

#include <algorithm>

#include "sim/program/mapping.h"

namespace dovetail {

/// Indices from `begin` up to, not including, `end`; empty if there are none.
struct Interval {
  int begin = 0, end = 0;

  int size() const { return std::max(0, end - begin); }
  bool empty() const { return end <= begin; }
  bool contains(int i) const { return begin <= i && i < end; }
};

inline Interval intersection(const Interval& a, const Interval& b) {
  return {std::max(a.begin, b.begin), std::min(a.end, b.end)};
}

/// Part `index` of 0..total cut into `parts` of one size; the last ones may be smaller or empty.
/// This is how PEs share a dimension, and lanes the channels and positions of a tile.
inline Interval part_of(int total, int index, int parts) {
  const int size = (total + parts - 1) / parts;
  return {std::min(total, index * size), std::min(total, (index + 1) * size)};
}

/// How windows slide along one axis: `reach` inputs under a window, the first `pad` before 0.
struct WindowAxis {
  int input = 1, stride = 1, reach = 1, pad = 0;
  int repeat = 1;  // outputs in a row that read the same window

  /// Inputs that the outputs of `out` read; padding is not among them.
  Interval inputs_of(const Interval& out) const {
    if (out.empty()) return {};
    return intersection(
        {out.begin / repeat * stride - pad, (out.end - 1) / repeat * stride - pad + reach},
        {0, input});
  }
};

/// Place of a PE in a division: it has part `row` of the rows, and so on.
struct PePlace {
  int row = 0, col = 0, channel = 0;
};
inline PePlace place_of(const PeSplit& split, int pe) {
  return {pe / (split.cols * split.channels), pe / split.channels % split.cols,
          pe % split.channels};
}

}  // namespace dovetail
