#pragma once

#include "sim/kernels/operator_kernels.h"

namespace dovetail {

extern const OperatorKernels kGlobalPoolKernels;

/// Adds a PE's input (rows and columns of `out`) to int32 sums, one a channel of `out`. They are
/// requantised when those of all PEs have been added up.
void add_to_sums(const PeTask& task, std::span<std::int32_t> sums);

}  // namespace dovetail
