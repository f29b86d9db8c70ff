#include "sim/kernels/activation.h"

#include "sim/kernels/elementwise.h"

namespace dovetail {
namespace {

Accumulators accumulators(const Layer&, const QuantizedLayer&, ReferenceInputs inputs) {
  const ReferenceInput& in = inputs[0];
  Accumulators sums;
  for (const std::int8_t value : in.tensor->data) sums.push_back(value - in.zero_point);
  return sums;
}

void tile(const PeTask& task, TensorPart& result, std::int64_t&) {
  const std::int64_t multiplier = task.quantized.multipliers[0];
  stream(task, result, [&](int row, int col, int channel) {
    return multiplier * operand_at(task, 0, row, col, channel);
  });
}

}  // namespace

const OperatorKernels kActivationKernels = {Rescaling::kAccumulators, accumulators, nullptr, tile};

}  // namespace dovetail
