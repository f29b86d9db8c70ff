#include "sim/kernels/window_pool.h"

namespace dovetail {
namespace {

enum class PoolKind { kAverage, kMax };

template <PoolKind kPool>
void outputs(const Layer& layer, const QuantizedLayer& q, ReferenceInputs inputs,
             QuantizedTensor& out) {
  const ReferenceInput& in = inputs[0];
  for (int oy = 0; oy < layer.output.height; ++oy) {
    for (int ox = 0; ox < layer.output.width; ++ox) {
      for (int c = 0; c < layer.output.channels; ++c) {
        std::int32_t sum = 0, count = 0, largest = -128;
        for (int ky = 0; ky < layer.kernel_h; ++ky) {
          for (int kx = 0; kx < layer.kernel_w; ++kx) {
            const int iy = oy * layer.stride_h + ky * layer.dilation_h - layer.pad_top;
            const int ix = ox * layer.stride_w + kx * layer.dilation_w - layer.pad_left;
            if (iy < 0 || iy >= layer.input.height || ix < 0 || ix >= layer.input.width) continue;
            const std::int32_t value = in.tensor->at(iy, ix, c);
            sum += value;
            ++count;
            largest = std::max(largest, value);
          }
        }
        std::int32_t pooled = largest;
        if (kPool == PoolKind::kAverage)
          pooled = count == 0 ? in.zero_point : rounded_mean(sum, count);
        out.data.push_back(
            requantize(q, std::int64_t{q.multipliers[0]} * (pooled - in.zero_point)));
      }
    }
  }
}

template <PoolKind kPool>
void tile(const PeTask& task, TensorPart& result, std::int64_t&) {
  const Layer& layer = task.layer;
  const TensorPart& in = task.inputs[0];
  const auto unit = [&](int row, int col, int channel) {
    std::int32_t sum = 0, count = 0, largest = -128;
    for (int ky = 0; ky < layer.kernel_h; ++ky) {
      const int y = row * layer.stride_h + ky * layer.dilation_h - layer.pad_top;
      if (!in.region.rows.contains(y)) continue;  // padding
      for (int kx = 0; kx < layer.kernel_w; ++kx) {
        const int x = col * layer.stride_w + kx * layer.dilation_w - layer.pad_left;
        if (!in.region.cols.contains(x)) continue;
        const std::int32_t value = *in.at(y, x, channel);
        sum += value;
        ++count;
        largest = std::max(largest, value);
      }
    }
    std::int32_t pooled = largest;
    if (kPool == PoolKind::kAverage) {
      pooled = count == 0 ? task.zero_points[0] : rounded_mean(sum, count);
    }
    *result.at(row, col, channel) =
        requantize(task.quantized,
                   std::int64_t{task.quantized.multipliers[0]} * (pooled - task.zero_points[0]));
  };
  for_each_unit(task, Cycles{layer.kernel_h} * layer.kernel_w, unit);
}

}  // namespace

const OperatorKernels kAveragePoolKernels = {Rescaling::kOneInput, nullptr,
                                             outputs<PoolKind::kAverage>, tile<PoolKind::kAverage>};
const OperatorKernels kMaxPoolKernels = {Rescaling::kOneInput, nullptr, outputs<PoolKind::kMax>,
                                         tile<PoolKind::kMax>};

}  // namespace dovetail
