#include "sim/kernels/matrix_product.h"

#include "sim/kernels/multiply_accumulate.h"

namespace dovetail {
namespace {

Accumulators accumulators(const Layer& layer, const QuantizedLayer&, ReferenceInputs inputs) {
  const ReferenceInput &a = inputs[0], &b = inputs[1];
  const std::int64_t m = std::int64_t{layer.output.height} * layer.output.width;
  const int k = layer.input.channels, n = layer.output.channels;
  Accumulators sums;
  for (std::int64_t row = 0; row < m; ++row) {
    for (int column = 0; column < n; ++column) {
      std::int32_t sum = 0;
      for (int i = 0; i < k; ++i) {
        sum +=
            (a.tensor->data[static_cast<std::size_t>(row * k + i)] - a.zero_point) *
            (b.tensor->data[static_cast<std::size_t>(std::int64_t{i} * n + column)] - b.zero_point);
      }
      sums.push_back(sum);
    }
  }
  return sums;
}

void tile(const PeTask& task, TensorPart& result, std::int64_t& macs) {
  MacOperands operands;
  const TensorPart &a = task.inputs[0], &b = task.inputs[1];
  operands.activations = centred(task);
  operands.cols = a.region.cols.size();
  operands.channels = operands.reduction = operands.record = a.region.channels.size();
  const auto columns = static_cast<std::size_t>(b.region.channels.size());
  operands.transposed.resize(b.data.size());
  for (std::size_t i = 0; i < b.data.size(); ++i) {
    operands.transposed[i % columns * static_cast<std::size_t>(operands.reduction) + i / columns] =
        static_cast<Element>(b.data[i] - task.zero_points[1]);
  }
  operands.weights = operands.transposed.data();
  multiply_accumulate(task, operands, result, macs);
}

}  // namespace

const OperatorKernels kMatrixProductKernels = {Rescaling::kAccumulators, accumulators, nullptr,
                                               tile};

}  // namespace dovetail
