#include "sim/kernels/addition.h"

#include "sim/kernels/elementwise.h"

namespace dovetail {
namespace {

void outputs(const Layer&, const QuantizedLayer& q, ReferenceInputs inputs, QuantizedTensor& out) {
  for (std::size_t i = 0; i < inputs[0].tensor->data.size(); ++i) {
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < 2; ++k) {
      sum += std::int64_t{q.multipliers[k]} * (inputs[k].tensor->data[i] - inputs[k].zero_point);
    }
    out.data.push_back(requantize(q, sum));
  }
}

void tile(const PeTask& task, TensorPart& result, std::int64_t&) {
  const std::vector<std::int32_t>& multipliers = task.quantized.multipliers;
  stream(task, result, [&](int row, int col, int channel) {
    return multipliers[0] * operand_at(task, 0, row, col, channel) +
           multipliers[1] * operand_at(task, 1, row, col, channel);
  });
}

}  // namespace

const OperatorKernels kAdditionKernels = {Rescaling::kSumOfInputs, nullptr, outputs, tile};

}  // namespace dovetail
