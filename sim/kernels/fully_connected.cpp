#include "sim/kernels/fully_connected.h"

#include "sim/kernels/multiply_accumulate.h"

namespace dovetail {
namespace {

Accumulators accumulators(const Layer&, const QuantizedLayer& q, ReferenceInputs inputs) {
  const ReferenceInput& in = inputs[0];
  Accumulators sums = q.bias;
  const std::int8_t* weight = q.weights.data();
  for (std::int32_t& sum : sums) {
    for (const std::int8_t value : in.tensor->data) sum += *weight++ * (value - in.zero_point);
  }
  return sums;
}

void tile(const PeTask& task, TensorPart& result, std::int64_t& macs) {
  MacOperands operands;
  operands.activations = centred(task);
  operands.channels = static_cast<int>(operands.activations.size());
  operands.reduction = task.reduction.inputs.size();
  operands.weights = task.weights.data.data();
  operands.record = task.weights.region.channels.size();
  operands.has_constants = true;
  multiply_accumulate(task, operands, result, macs);
}

}  // namespace

const OperatorKernels kFullyConnectedKernels = {Rescaling::kAccumulators, accumulators, nullptr,
                                                tile};

}  // namespace dovetail
