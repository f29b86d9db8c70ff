#include "sim/kernels/concatenation.h"

namespace dovetail {
namespace {

void outputs(const Layer&, const QuantizedLayer& q, ReferenceInputs inputs, QuantizedTensor& out) {
  for (int y = 0; y < out.shape.height; ++y) {
    for (int x = 0; x < out.shape.width; ++x) {
      for (std::size_t k = 0; k < inputs.size(); ++k) {
        for (int c = 0; c < inputs[k].tensor->shape.channels; ++c) {
          out.data.push_back(
              requantize(q, std::int64_t{q.multipliers[k]} *
                                (inputs[k].tensor->at(y, x, c) - inputs[k].zero_point)));
        }
      }
    }
  }
}

void tile(const PeTask& task, TensorPart& result, std::int64_t&) {
  const Region& out = task.out;
  Element* to = result.data.data();
  for (int row = out.rows.begin; row < out.rows.end; ++row) {
    for (int col = out.cols.begin; col < out.cols.end; ++col) {
      for (std::size_t i = 0; i < task.inputs.size(); ++i) {
        const Interval& channels = task.inputs[i].region.channels;
        for (int c = channels.begin; c < channels.end; ++c) {
          *to++ = requantize(task.quantized,
                             std::int64_t{task.quantized.multipliers[i]} *
                                 (*task.inputs[i].at(row, col, c) - task.zero_points[i]));
        }
      }
    }
  }
}

}  // namespace

const OperatorKernels kConcatenationKernels = {Rescaling::kInputsApart, nullptr, outputs, tile};

}  // namespace dovetail
