#pragma once

#include <cstddef>
#include <span>

#include "cost/surrogate/data/dataset.h"
#include "cost/surrogate/net/surrogate.h"

namespace dovetail {

/// A cost of a feasible pair that the surrogate learns: one output of its network, the logarithm of
/// the cost scaled to mean 0 and deviation 1.
struct PredictedCost {
  const char* name;  // "latency"
  const char* key;   // "latency_ms"
  const char* unit;  // "ms"
  double Label::*label;
  double CostPrediction::*prediction;
  double CostPrediction::*spread_percent;
};

/// One for each of the first outputs, in their order.
std::span<const PredictedCost, kPredictedCosts> predicted_costs();

/// The area, an output of its own that is trained only on request and on all pairs, since it is
/// known of infeasible ones, too. It has no spread.
const PredictedCost& area_cost();

}  // namespace dovetail
