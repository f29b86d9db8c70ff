#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/kernels/pe_task.h"
#include "sim/kernels/quantized_network.h"

namespace dovetail {

/// A tensor and the zero point of its values.
struct ReferenceInput {
  const QuantizedTensor* tensor;
  int zero_point;
};
using ReferenceInputs = std::span<const ReferenceInput>;

/// int32 sums, one an output, in the order of the output.
using Accumulators = std::vector<std::int32_t>;

/// What an operator requantises, and with how many multipliers.
enum class Rescaling {
  kAccumulators,  // one accumulator an output: one multiplier, or one a channel where it has
                  // weights
  kOneInput,      // values of its one input: one multiplier
  kSumOfInputs,   // the sum of its inputs: one multiplier an input
  kInputsApart,   // its inputs, each for itself: one multiplier an input
};

/// What an operator computes, twice: as plain loops over whole tensors that know nothing of PEs,
/// tiles or memories, and as a PE's lanes and units do it. The two share requantize() and
/// rounded_mean() and nothing else, so that comparing them means something.
struct OperatorKernels {
  Rescaling rescaling;
  /// The reference, biases included, where there is one accumulator an output; else null.
  Accumulators (*accumulators)(const Layer& layer, const QuantizedLayer& quantized,
                               ReferenceInputs inputs);
  /// The reference where there is none, appended to `out`; else null.
  void (*outputs)(const Layer& layer, const QuantizedLayer& quantized, ReferenceInputs inputs,
                  QuantizedTensor& out);
  /// Fills `result` with what the units compute that the mapping names, and adds the
  /// multiply-accumulates done to `macs`; those on padding, which units do like all others, count.
  /// An output that they do not reach in the tile's cycles stays poison. Null for global pools,
  /// whose PEs sum up their inputs: sim/kernels/global_pool.h.
  void (*tile)(const PeTask& task, TensorPart& result, std::int64_t& macs);
};
const OperatorKernels& kernels_of(OpType op);

}  // namespace dovetail
