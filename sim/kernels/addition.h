#pragma once

#include "sim/kernels/operator_kernels.h"

namespace dovetail {

extern const OperatorKernels kAdditionKernels;

}  // namespace dovetail
