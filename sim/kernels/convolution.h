#pragma once

#include "sim/kernels/operator_kernels.h"

namespace dovetail {

/// Dense, grouped and depthwise convolutions.
extern const OperatorKernels kConvolutionKernels;

}  // namespace dovetail
