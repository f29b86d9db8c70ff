#pragma once

#include <cstdint>

#include "sim/kernels/pe_task.h"

namespace dovetail {

/// The operand of an input under one output, less its zero point; inputs that are 1x1xC have one
/// for all positions.
inline std::int64_t operand_at(const PeTask& task, std::size_t input, int row, int col,
                               int channel) {
  const TensorPart& in = task.inputs[input];
  const bool gate = input == 1 && in.region.rows.size() == 1 && in.region.cols.size() == 1;
  return *in.at(gate ? in.region.rows.begin : row, gate ? in.region.cols.begin : col, channel) -
         task.zero_points[input];
}

/// A PE's vector unit, one output after another: requantises product(row, col, channel).
template <typename Product>
void stream(const PeTask& task, TensorPart& result, Product product) {
  const Region& out = task.out;
  for (int row = out.rows.begin; row < out.rows.end; ++row) {
    for (int col = out.cols.begin; col < out.cols.end; ++col) {
      for (int c = out.channels.begin; c < out.channels.end; ++c) {
        *result.at(row, col, c) = requantize(task.quantized, product(row, col, c));
      }
    }
  }
}

}  // namespace dovetail
