#include "sim/kernels/multiplication.h"

#include "sim/kernels/elementwise.h"

namespace dovetail {
namespace {

Accumulators accumulators(const Layer&, const QuantizedLayer&, ReferenceInputs inputs) {
  const ReferenceInput &a = inputs[0], &b = inputs[1];
  Accumulators sums(a.tensor->data.size());
  const bool gate = b.tensor->data.size() != a.tensor->data.size();
  const auto channels = static_cast<std::size_t>(a.tensor->shape.channels);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    sums[i] = (a.tensor->data[i] - a.zero_point) *
              (b.tensor->data[gate ? i % channels : i] - b.zero_point);
  }
  return sums;
}

void tile(const PeTask& task, TensorPart& result, std::int64_t&) {
  const std::int64_t multiplier = task.quantized.multipliers[0];
  stream(task, result, [&](int row, int col, int channel) {
    return multiplier *
           (operand_at(task, 0, row, col, channel) * operand_at(task, 1, row, col, channel));
  });
}

}  // namespace

const OperatorKernels kMultiplicationKernels = {Rescaling::kAccumulators, accumulators, nullptr,
                                                tile};

}  // namespace dovetail
