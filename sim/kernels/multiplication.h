#pragma once

#include "sim/kernels/operator_kernels.h"

namespace dovetail {

/// Of two tensors, or of a tensor and a 1x1xC gate.
extern const OperatorKernels kMultiplicationKernels;

}  // namespace dovetail
