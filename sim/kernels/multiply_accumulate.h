#pragma once

#include <cstdint>
#include <vector>

#include "sim/kernels/pe_task.h"

namespace dovetail {

/// The operands of a layer that multiplies, as its units see them: activations less their zero
/// point, with padding; and for each channel of the output a row of weights.
struct MacOperands {
  std::vector<Element> activations;  // [row][col][channel]
  int cols = 1, channels = 1;
  int first_channel = 0;                    // of the input
  int group_outputs = 1, group_inputs = 0;  // channels of a group, where there are groups
  std::vector<Element> transposed;          // a matrix product's second input
  const Element* weights = nullptr;
  int record = 0;  // elements from one channel's weights to the next's
  int kernel_h = 1, kernel_w = 1, reduction = 1;
  bool has_constants = false;  // bias and multiplier behind the weights
};

/// Activations of a task's first input less their zero point, as they lie.
std::vector<Element> centred(const PeTask& task);

/// Each unit works on one output: tap after tap and step after step, the ways side by side.
void multiply_accumulate(const PeTask& task, const MacOperands& operands, TensorPart& result,
                         std::int64_t& macs);

}  // namespace dovetail
