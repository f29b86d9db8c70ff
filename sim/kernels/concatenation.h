#pragma once

#include "sim/kernels/operator_kernels.h"

namespace dovetail {

/// Input after input, each into its channels of the output.
extern const OperatorKernels kConcatenationKernels;

}  // namespace dovetail
