#pragma once

#include "sim/kernels/operator_kernels.h"

namespace dovetail {

/// Copies numbers to other places.
extern const OperatorKernels kReorderingKernels;

}  // namespace dovetail
