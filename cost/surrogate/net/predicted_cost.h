#pragma once

#include <cstddef>
#include <span>

#include "cost/figures/figures.h"
#include "cost/surrogate/net/surrogate.h"
#include "cost/surrogate/roofline/roofline_baseline.h"

namespace dovetail {

/// A figure of a feasible pair that the surrogate learns: one output of its network, the logarithm
/// of the figure, or of its ratio to a baseline, scaled to mean 0 and deviation 1.
struct PredictedCost {
  const Figure* figure;
  double PredictionSpread::*spread_percent;  // null: it has none
  double CostBaseline::*baseline;            // likewise

  double of(const Costs& costs) const { return figure->of(costs); }
  void set(double value, Costs& costs) const;
  /// NaN if there is none.
  double spread_of(const Costs& costs) const;
};

/// One for each of the first outputs, in their order.
std::span<const PredictedCost, kPredictedCosts> predicted_costs();

/// The area, an output of its own that is trained only on request and on all pairs, since it is
/// known of infeasible ones, too. It has no spread.
const PredictedCost& area_cost();

}  // namespace dovetail
