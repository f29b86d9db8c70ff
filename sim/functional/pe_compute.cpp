#include "sim/functional/pe_compute.h"

#include <algorithm>

namespace dovetail {
namespace {

/// Calls unit(row, col, channel) for every output of the task in the order in which lanes and units
/// come to it. A lane works on one block of unit_channels x unit_positions outputs after another;
/// its units idle where the block leaves the lane's part.
template <typename Unit>
void for_each_unit(const PeTask& task, Cycles steps, Unit unit) {
  const Region& out = task.out;
  const LaneSplit& split = task.lanes;
  const int cols = out.cols.size(), positions = out.rows.size() * cols;
  for (int lane = 0; lane < split.lane_channels * split.lane_positions; ++lane) {
    const Interval channels =
        part_of(out.channels.size(), lane / split.lane_positions, split.lane_channels);
    const Interval places = part_of(positions, lane % split.lane_positions, split.lane_positions);
    Cycles left = task.cycles;
    for (int k = channels.begin; k < channels.end; k += split.unit_channels) {
      const int first = out.channels.begin + k;
      const int end = out.channels.begin + std::min(k + split.unit_channels, channels.end);
      for (int p = places.begin; p < places.end; p += split.unit_positions) {
        left -= steps + task.drain_cycles;
        if (left < 0) break;
        const int last = std::min(p + split.unit_positions, places.end);
        for (int place = p; place < last; ++place) {
          const int row = out.rows.begin + place / cols, col = out.cols.begin + place % cols;
          for (int channel = first; channel < end; ++channel) unit(row, col, channel);
        }
      }
    }
  }
}

std::int32_t int32_at(const Element* bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i)
    value |= std::uint32_t{static_cast<std::uint8_t>(bytes[i])} << (8 * i);
  return static_cast<std::int32_t>(value);
}

void append_int32(std::int32_t value, Element*& bytes) {
  for (int i = 0; i < 4; ++i) {
    *bytes++ = static_cast<std::int8_t>(static_cast<std::uint32_t>(value) >> (8 * i));
  }
}

/// The operands of a layer that multiplies, as its units see them: activations less their zero
/// point, with padding; and for each channel of the output a row of weights.
struct MacOperands {
  std::vector<Element> activations;  // [row][col][channel]
  int cols = 1, channels = 1;
  int first_channel = 0;            // of the input
  std::vector<Element> transposed;  // a matrix product's second input
  const Element* weights = nullptr;
  int record = 0;  // elements from one channel's weights to the next's
  int kernel_h = 1, kernel_w = 1, reduction = 1;
  bool has_constants = false;  // bias and multiplier behind the weights
};

/// Activations of a convolution: zero where the window hangs over the edge.
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

MacOperands convolution_operands(const PeTask& task) {
  MacOperands operands;
  pad_activations(task, operands);
  operands.first_channel = task.inputs[0].region.channels.begin;
  operands.weights = task.weights.data.data();
  operands.record = task.weights.region.channels.size();
  operands.kernel_h = task.layer.kernel_h;
  operands.kernel_w = task.layer.kernel_w;
  operands.reduction = task.layer.input.channels / task.layer.groups;
  operands.has_constants = true;
  return operands;
}

/// A fully connected layer is a 1x1 convolution of its input as one vector.
MacOperands fully_connected_operands(const PeTask& task) {
  MacOperands operands;
  operands.channels = operands.reduction = static_cast<int>(task.inputs[0].data.size());
  for (const Element value : task.inputs[0].data) {
    operands.activations.push_back(static_cast<Element>(value - task.zero_points[0]));
  }
  operands.weights = task.weights.data.data();
  operands.record = task.weights.region.channels.size();
  operands.has_constants = true;
  return operands;
}

/// A matrix product is a 1x1 convolution with the columns of its second input for weights.
MacOperands matrix_product_operands(const PeTask& task) {
  MacOperands operands;
  const TensorPart &a = task.inputs[0], &b = task.inputs[1];
  operands.cols = a.region.cols.size();
  operands.channels = operands.reduction = operands.record = a.region.channels.size();
  for (const Element value : a.data) {
    operands.activations.push_back(static_cast<Element>(value - task.zero_points[0]));
  }
  const auto columns = static_cast<std::size_t>(b.region.channels.size());
  operands.transposed.resize(b.data.size());
  for (std::size_t i = 0; i < b.data.size(); ++i) {
    operands.transposed[i % columns * static_cast<std::size_t>(operands.reduction) + i / columns] =
        static_cast<Element>(b.data[i] - task.zero_points[1]);
  }
  operands.weights = operands.transposed.data();
  return operands;
}

/// One unit's work on one output: tap after tap and step after step, the ways side by side.
std::int32_t accumulate(const MacOperands& operands, const Layer& layer, const Element* window,
                        const Element* weights, int ways) {
  std::int32_t accumulator = 0;
  for (int ky = 0; ky < operands.kernel_h; ++ky) {
    for (int kx = 0; kx < operands.kernel_w; ++kx, weights += operands.reduction) {
      const Element* activations = window + (std::ptrdiff_t{ky} * layer.dilation_h * operands.cols +
                                             std::ptrdiff_t{kx} * layer.dilation_w) *
                                                operands.channels;
      for (int step = 0; step < operands.reduction; step += ways) {
        const int last = std::min(step + ways, operands.reduction);
        for (int way = step; way < last; ++way) accumulator += weights[way] * activations[way];
      }
    }
  }
  return accumulator;
}

void multiply_accumulate(const PeTask& task, const MacOperands& operands, TensorPart& result,
                         std::int64_t& macs) {
  const Layer& layer = task.layer;
  const QuantizedLayer& q = task.quantized;
  const bool convolution = layer.op == OpType::kConv2d;
  const int group_outputs = convolution ? layer.output.channels / layer.groups : 1;
  const int group_inputs = convolution ? layer.input.channels / layer.groups : 0;
  const int taps = operands.kernel_h * operands.kernel_w;
  const Cycles steps =
      Cycles{taps} * ((operands.reduction + task.lanes.ways - 1) / task.lanes.ways);

  const auto unit = [&](int row, int col, int channel) {
    const std::ptrdiff_t window_row = std::ptrdiff_t{row - task.out.rows.begin} * layer.stride_h;
    const std::ptrdiff_t window_col = std::ptrdiff_t{col - task.out.cols.begin} * layer.stride_w;
    const Element* window =
        operands.activations.data() +
        (window_row * operands.cols + window_col) * operands.channels +
        (convolution ? channel / group_outputs * group_inputs - operands.first_channel : 0);
    const Element* weights =
        operands.weights + std::ptrdiff_t{channel - task.out.channels.begin} * operands.record;
    std::int32_t sum = accumulate(operands, layer, window, weights, task.lanes.ways);
    std::int64_t multiplier = q.multipliers[0];
    if (operands.has_constants) {
      const Element* constants = weights + std::ptrdiff_t{taps} * operands.reduction;
      sum += int32_at(constants);
      multiplier = int32_at(constants + 4);
    }
    *result.at(row, col, channel) = requantize(q, sum * multiplier);
    macs += std::int64_t{taps} * operands.reduction;
  };
  for_each_unit(task, steps, unit);
}

void pool_windows(const PeTask& task, TensorPart& result) {
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
    if (layer.op == OpType::kAveragePool) {
      pooled = count == 0 ? task.zero_points[0] : rounded_mean(sum, count);
    }
    *result.at(row, col, channel) =
        requantize(task.quantized,
                   std::int64_t{task.quantized.multipliers[0]} * (pooled - task.zero_points[0]));
  };
  for_each_unit(task, Cycles{layer.kernel_h} * layer.kernel_w, unit);
}

/// The operand of an input under one output; inputs that are 1x1xC have one for all positions.
std::int32_t operand_at(const PeTask& task, std::size_t input, int row, int col, int channel) {
  const TensorPart& in = task.inputs[input];
  const bool gate = input == 1 && in.region.rows.size() == 1 && in.region.cols.size() == 1;
  return *in.at(gate ? in.region.rows.begin : row, gate ? in.region.cols.begin : col, channel) -
         task.zero_points[input];
}

/// The sum of products that an elementwise operator requantises.
std::int64_t combine(const PeTask& task, int row, int col, int channel) {
  const std::vector<std::int32_t>& multipliers = task.quantized.multipliers;
  const auto operand = [&](std::size_t i) {
    return std::int64_t{operand_at(task, i, row, col, channel)};
  };
  switch (task.layer.op) {
    case OpType::kAdd:
      return multipliers[0] * operand(0) + multipliers[1] * operand(1);
    case OpType::kMultiply:
      return multipliers[0] * (operand(0) * operand(1));
    default:
      return multipliers[0] * operand(0);
  }
}

void stream(const PeTask& task, TensorPart& result) {
  const Region& out = task.out;
  for (int row = out.rows.begin; row < out.rows.end; ++row) {
    for (int col = out.cols.begin; col < out.cols.end; ++col) {
      for (int c = out.channels.begin; c < out.channels.end; ++c) {
        *result.at(row, col, c) = requantize(task.quantized, combine(task, row, col, c));
      }
    }
  }
}

/// Input after input, each into its channels of the output.
void join(const PeTask& task, TensorPart& result) {
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

TensorPart compute_tile(const PeTask& task, std::int64_t& macs) {
  TensorPart result(task.out);
  switch (task.layer.op) {
    case OpType::kConv2d:
      multiply_accumulate(task, convolution_operands(task), result, macs);
      break;
    case OpType::kFullyConnected:
      multiply_accumulate(task, fully_connected_operands(task), result, macs);
      break;
    case OpType::kMatMul:
      multiply_accumulate(task, matrix_product_operands(task), result, macs);
      break;
    case OpType::kAveragePool:
    case OpType::kMaxPool:
      pool_windows(task, result);
      break;
    case OpType::kConcat:
      join(task, result);
      break;
    default:
      stream(task, result);
  }
  return result;
}

void add_to_sums(const PeTask& task, std::span<std::int32_t> sums) {
  const std::vector<Element>& values = task.inputs[0].data;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sums[i % sums.size()] += values[i] - task.zero_points[0];
  }
}

TensorPart pack_weights(const Layer& layer, const QuantizedLayer& quantized, const Region& whole) {
  TensorPart packed(whole);
  const auto products = static_cast<std::ptrdiff_t>(layer.weight_count() / layer.output.channels);
  Element* to = packed.data.data();
  for (int channel = 0; channel < layer.output.channels; ++channel) {
    to = std::copy_n(quantized.weights.begin() + channel * products, products, to);
    append_int32(quantized.bias[static_cast<std::size_t>(channel)], to);
    append_int32(quantized.multipliers[static_cast<std::size_t>(channel)], to);
  }
  return packed;
}

}  // namespace dovetail
