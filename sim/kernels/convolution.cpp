#include "sim/kernels/convolution.h"

#include "sim/kernels/multiply_accumulate.h"

namespace dovetail {
namespace {

Accumulators accumulators(const Layer& layer, const QuantizedLayer& q, ReferenceInputs inputs) {
  const ReferenceInput& in = inputs[0];
  const int group_inputs = layer.input.channels / layer.groups;
  const int group_outputs = layer.output.channels / layer.groups;
  Accumulators sums;
  sums.reserve(static_cast<std::size_t>(layer.output.elements()));
  for (int oy = 0; oy < layer.output.height; ++oy) {
    for (int ox = 0; ox < layer.output.width; ++ox) {
      for (int oc = 0; oc < layer.output.channels; ++oc) {
        const std::int8_t* weight =
            q.weights.data() + std::ptrdiff_t{oc} * layer.kernel_h * layer.kernel_w * group_inputs;
        std::int32_t sum = q.bias[static_cast<std::size_t>(oc)];
        for (int ky = 0; ky < layer.kernel_h; ++ky) {
          for (int kx = 0; kx < layer.kernel_w; ++kx, weight += group_inputs) {
            const int iy = oy * layer.stride_h + ky * layer.dilation_h - layer.pad_top;
            const int ix = ox * layer.stride_w + kx * layer.dilation_w - layer.pad_left;
            if (iy < 0 || iy >= layer.input.height || ix < 0 || ix >= layer.input.width) continue;
            const std::int8_t* value =
                in.tensor->data.data() +
                (std::ptrdiff_t{iy} * layer.input.width + ix) * layer.input.channels +
                oc / group_outputs * group_inputs;
            for (int ic = 0; ic < group_inputs; ++ic) {
              sum += weight[ic] * (value[ic] - in.zero_point);
            }
          }
        }
        sums.push_back(sum);
      }
    }
  }
  return sums;
}

/// Activations of a PE, zero where the window hangs over the edge.
void pad_activations(const PeTask& task, MacOperands& operands) {
  const Layer& layer = task.layer;
  const TensorPart& in = task.inputs[0];
  const auto extent = [](const Interval& out, int stride, int kernel, int dilation) {
    return (out.size() - 1) * stride + (kernel - 1) * dilation + 1;
  };
  const int rows = extent(task.out.rows, layer.stride_h, layer.kernel_h, layer.dilation_h);
  const int first_row = task.out.rows.begin * layer.stride_h - layer.pad_top;
  const int first_col = task.out.cols.begin * layer.stride_w - layer.pad_left;
  operands.cols = extent(task.out.cols, layer.stride_w, layer.kernel_w, layer.dilation_w);
  operands.channels = in.region.channels.size();
  operands.activations.assign(static_cast<std::size_t>(rows) *
                                  static_cast<std::size_t>(operands.cols) *
                                  static_cast<std::size_t>(operands.channels),
                              0);
  for (int row = in.region.rows.begin; row < in.region.rows.end; ++row) {
    for (int col = in.region.cols.begin; col < in.region.cols.end; ++col) {
      const Element* from = in.at(row, col, in.region.channels.begin);
      Element* to =
          operands.activations.data() +
          (std::ptrdiff_t{row - first_row} * operands.cols + (col - first_col)) * operands.channels;
      for (int c = 0; c < operands.channels; ++c) {
        to[c] = static_cast<Element>(from[c] - task.zero_points[0]);
      }
    }
  }
}

void tile(const PeTask& task, TensorPart& result, std::int64_t& macs) {
  const Layer& layer = task.layer;
  MacOperands operands;
  pad_activations(task, operands);
  operands.first_channel = task.inputs[0].region.channels.begin;
  operands.group_outputs = layer.output.channels / layer.groups;
  operands.group_inputs = layer.input.channels / layer.groups;
  operands.reduction = task.reduction.inputs.size();
  operands.weights = task.weights.data.data();
  operands.record = task.weights.region.channels.size();
  operands.kernel_h = layer.kernel_h;
  operands.kernel_w = layer.kernel_w;
  operands.has_constants = true;
  multiply_accumulate(task, operands, result, macs);
}

}  // namespace

const OperatorKernels kConvolutionKernels = {Rescaling::kAccumulators, accumulators, nullptr, tile};

}  // namespace dovetail
