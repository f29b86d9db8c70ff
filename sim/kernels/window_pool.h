#pragma once

#include "sim/kernels/operator_kernels.h"

namespace dovetail {

/// Padding is left out: of a mean, of the count as well.
extern const OperatorKernels kAveragePoolKernels;
extern const OperatorKernels kMaxPoolKernels;

}  // namespace dovetail
