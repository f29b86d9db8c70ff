#include "sim/kernels/global_pool.h"

namespace dovetail {
namespace {

Accumulators accumulators(const Layer& layer, const QuantizedLayer&, ReferenceInputs inputs) {
  const ReferenceInput& in = inputs[0];
  Accumulators sums(static_cast<std::size_t>(layer.output.channels));
  for (std::size_t i = 0; i < in.tensor->data.size(); ++i) {
    sums[i % sums.size()] += in.tensor->data[i] - in.zero_point;
  }
  return sums;
}

}  // namespace

const OperatorKernels kGlobalPoolKernels = {Rescaling::kAccumulators, accumulators, nullptr,
                                            nullptr};

void add_to_sums(const PeTask& task, std::span<std::int32_t> sums) {
  const std::vector<Element>& values = task.inputs[0].data;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sums[i % sums.size()] += values[i] - task.zero_points[0];
  }
}

}  // namespace dovetail
