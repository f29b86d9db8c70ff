#include "sim/kernels/reordering.h"

#include "sim/kernels/elementwise.h"

namespace dovetail {
namespace {

/// Each input position becomes a block of positions, part by part of its channels.
void blocks(const Layer& layer, const QuantizedLayer& q, const ReferenceInput& in,
            QuantizedTensor& out) {
  const Reorder& from = layer.reorder;
  const int parts = from.block_rows * from.block_cols;
  for (int channel = 0; channel < in.tensor->shape.channels; ++channel) {
    const int part = from.inner ? channel % parts : channel / out.shape.channels;
    const int to = from.inner ? channel / parts : channel % out.shape.channels;
    for (int y = part / from.block_cols; y < out.shape.height; y += from.block_rows) {
      for (int x = part % from.block_cols; x < out.shape.width; x += from.block_cols) {
        const int value =
            in.tensor->at(y / from.block_rows, x / from.block_cols, channel) - in.zero_point;
        out.data[(static_cast<std::size_t>(y) * static_cast<std::size_t>(out.shape.width) +
                  static_cast<std::size_t>(x)) *
                     static_cast<std::size_t>(out.shape.channels) +
                 static_cast<std::size_t>(to)] =
            requantize(q, std::int64_t{q.multipliers[0]} * value);
      }
    }
  }
}

/// Group by group, as a shuffle is defined: channel k of group g becomes channel k * groups + g.
void outputs(const Layer& layer, const QuantizedLayer& q, ReferenceInputs inputs,
             QuantizedTensor& out) {
  const ReferenceInput& in = inputs[0];
  const Reorder& from = layer.reorder;
  const int size = out.shape.channels / layer.groups;
  out.data.resize(static_cast<std::size_t>(out.shape.elements()));
  if (from.block() > 1) return blocks(layer, q, in, out);
  for (int y = 0; y < out.shape.height; ++y) {
    for (int x = 0; x < out.shape.width; ++x) {
      const std::size_t place =
          (static_cast<std::size_t>(y) * static_cast<std::size_t>(out.shape.width) +
           static_cast<std::size_t>(x)) *
          static_cast<std::size_t>(out.shape.channels);
      for (int group = 0; group < layer.groups; ++group) {
        for (int k = 0; k < size; ++k) {
          const int value =
              in.tensor->at(from.rows.first + from.rows.step * (y / from.rows.repeat),
                            from.cols.first + from.cols.step * (x / from.cols.repeat),
                            from.channels.first +
                                from.channels.step * ((group * size + k) / from.channels.repeat)) -
              in.zero_point;
          out.data[place + static_cast<std::size_t>(k * layer.groups + group)] =
              requantize(q, std::int64_t{q.multipliers[0]} * value);
        }
      }
    }
  }
}

void tile(const PeTask& task, TensorPart& result, std::int64_t&) {
  const Reorder& reorder = task.layer.reorder;
  const std::int64_t multiplier = task.quantized.multipliers[0];
  stream(task, result, [&](int row, int col, int channel) {
    return multiplier * operand_at(task, 0, reorder.rows.input_of(row), reorder.cols.input_of(col),
                                   task.layer.reordered_channel(row, col, channel));
  });
}

}  // namespace

const OperatorKernels kReorderingKernels = {Rescaling::kOneInput, nullptr, outputs, tile};

}  // namespace dovetail
