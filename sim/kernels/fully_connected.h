#pragma once

#include "sim/kernels/operator_kernels.h"

namespace dovetail {

/// A fully connected layer is a 1x1 convolution of its input as one vector.
extern const OperatorKernels kFullyConnectedKernels;

}  // namespace dovetail
