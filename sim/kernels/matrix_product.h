#pragma once

#include "sim/kernels/operator_kernels.h"

namespace dovetail {

/// A matrix product is a 1x1 convolution with the columns of its second input for weights.
extern const OperatorKernels kMatrixProductKernels;

}  // namespace dovetail
