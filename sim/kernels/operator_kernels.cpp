#include "sim/kernels/operator_kernels.h"

#include <array>

#include "models/network/layers/operators.h"
#include "sim/kernels/activation.h"
#include "sim/kernels/addition.h"
#include "sim/kernels/concatenation.h"
#include "sim/kernels/convolution.h"
#include "sim/kernels/fully_connected.h"
#include "sim/kernels/global_pool.h"
#include "sim/kernels/matrix_product.h"
#include "sim/kernels/multiplication.h"
#include "sim/kernels/reordering.h"
#include "sim/kernels/window_pool.h"

namespace dovetail {
namespace {

struct KernelRow {
  OpType op;
  const OperatorKernels* kernels;
};

constexpr std::array<KernelRow, 11> kRows = {{
    {OpType::kConv2d, &kConvolutionKernels},
    {OpType::kFullyConnected, &kFullyConnectedKernels},
    {OpType::kAveragePool, &kAveragePoolKernels},
    {OpType::kMaxPool, &kMaxPoolKernels},
    {OpType::kGlobalAveragePool, &kGlobalPoolKernels},
    {OpType::kAdd, &kAdditionKernels},
    {OpType::kMultiply, &kMultiplicationKernels},
    {OpType::kActivation, &kActivationKernels},
    {OpType::kConcat, &kConcatenationKernels},
    {OpType::kMatMul, &kMatrixProductKernels},
    {OpType::kReorder, &kReorderingKernels},
}};
static_assert(in_order_of_enumeration(kRows, &KernelRow::op));

}  // namespace

const OperatorKernels& kernels_of(OpType op) {
  return *kRows.at(static_cast<std::size_t>(op)).kernels;
}

}  // namespace dovetail
