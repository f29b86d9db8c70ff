#include "sim/kernels/addition.h"

#include "sim/kernels/elementwise.h"

namespace dovetail {
namespace {

void outputs(const Layer&, const QuantizedLayer& q, ReferenceInputs inputs, QuantizedTensor& out) {
  const std::vector<std::int8_t>& first = inputs[0].tensor->data;
  const bool gate = inputs[1].tensor->data.size() != first.size();
  const auto channels = static_cast<std::size_t>(inputs[0].tensor->shape.channels);
  for (std::size_t i = 0; i < first.size(); ++i) {
    const int second = inputs[1].tensor->data[gate ? i % channels : i];
    const std::int64_t sum = std::int64_t{q.multipliers[0]} * (first[i] - inputs[0].zero_point) +
                             std::int64_t{q.multipliers[1]} * (second - inputs[1].zero_point);
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
