#include "sim/kernels/operator_kernels.h"

#include <gtest/gtest.h>

#include "models/network/layers/operators.h"

namespace dovetail {
namespace {

TEST(OperatorKernels, EveryOperatorHasOneReferenceAndRunsOnPes) {
  for (const OperatorRules& rules : operators()) {
    SCOPED_TRACE(rules.name);
    const OperatorKernels& kernels = kernels_of(rules.op);
    EXPECT_NE(kernels.accumulators == nullptr, kernels.outputs == nullptr);
    EXPECT_EQ(kernels.accumulators != nullptr, kernels.rescaling == Rescaling::kAccumulators);
    if (rules.has_weights) {
      EXPECT_EQ(kernels.rescaling, Rescaling::kAccumulators);
    }
    Layer layer;
    layer.op = rules.op;
    EXPECT_EQ(kernels.tile == nullptr, rules.work(layer) == WorkKind::kGlobalPool);
  }
}

}  // namespace
}  // namespace dovetail
