#pragma once

#include "sim/kernels/operator_kernels.h"

namespace dovetail {

/// Copies; the activation is in the requantisation, as in any layer.
extern const OperatorKernels kActivationKernels;

}  // namespace dovetail
