#include "sim/kernels/multiply_accumulate.h"

#include "sim/kernels/weight_records.h"

namespace dovetail {
namespace {

std::int32_t accumulate(const MacOperands& operands, const Layer& layer, const Element* window,
                        const Element* weights, int ways) {
  std::int32_t accumulator = 0;
  for (int ky = 0; ky < operands.kernel_h; ++ky) {
    for (int kx = 0; kx < operands.kernel_w; ++kx, weights += operands.reduction) {
      const Element* activations = window + (std::ptrdiff_t{ky} * layer.dilation_h * operands.cols +
                                             std::ptrdiff_t{kx} * layer.dilation_w) *
                                                operands.channels;
      for (int step = 0; step < operands.reduction; step += ways) {
        const int last = std::min(step + ways, operands.reduction);
        for (int way = step; way < last; ++way) accumulator += weights[way] * activations[way];
      }
    }
  }
  return accumulator;
}

}  // namespace

std::vector<Element> centred(const PeTask& task) {
  std::vector<Element> values;
  values.reserve(task.inputs[0].data.size());
  for (const Element value : task.inputs[0].data) {
    values.push_back(static_cast<Element>(value - task.zero_points[0]));
  }
  return values;
}

void multiply_accumulate(const PeTask& task, const MacOperands& operands, TensorPart& result,
                         std::int64_t& macs) {
  const Layer& layer = task.layer;
  const QuantizedLayer& q = task.quantized;
  const ReductionTask& part = task.reduction;
  const int taps = operands.kernel_h * operands.kernel_w;
  const Cycles steps =
      Cycles{taps} * ((operands.reduction + task.lanes.ways - 1) / task.lanes.ways);

  const auto unit = [&](int row, int col, int channel) {
    const std::ptrdiff_t window_row = std::ptrdiff_t{row - task.out.rows.begin} * layer.stride_h;
    const std::ptrdiff_t window_col = std::ptrdiff_t{col - task.out.cols.begin} * layer.stride_w;
    const int first_input = channel / operands.group_outputs * operands.group_inputs;
    const Element* window = operands.activations.data() +
                            (window_row * operands.cols + window_col) * operands.channels +
                            (first_input - operands.first_channel) + part.inputs.begin;
    const Element* weights =
        operands.weights + std::ptrdiff_t{channel - task.out.channels.begin} * operands.record;
    std::int32_t sum = accumulate(operands, layer, window, weights, task.lanes.ways);
    macs += std::int64_t{taps} * operands.reduction;
    if (!part.first) sum += part.sums[task.out.offset(row, col, channel)];
    if (!part.last) {
      part.sums[task.out.offset(row, col, channel)] = sum;
      return;
    }
    std::int64_t multiplier = q.multipliers[0];
    if (operands.has_constants) {
      const auto constants = constants_at(weights + std::ptrdiff_t{taps} * operands.reduction);
      sum += constants.bias;
      multiplier = constants.multiplier;
    }
    *result.at(row, col, channel) = requantize(q, sum * multiplier);
  };
  for_each_unit(task, steps, unit);
}

}  // namespace dovetail
