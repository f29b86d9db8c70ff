#include "cost/surrogate/net/predicted_cost.h"

#include <array>

namespace dovetail {

void PredictedCost::set(double value, Costs& costs) const {
  AccuracyEstimate none;
  figure->set(value, costs, none);
}

double PredictedCost::spread_of(const Costs& costs) const {
  return costs.spread && spread_percent ? (*costs.spread).*spread_percent : Costs::kUnknown;
}

std::span<const PredictedCost, kPredictedCosts> predicted_costs() {
  static const std::array<PredictedCost, kPredictedCosts> kCosts{{
      {&find_figure("latency_ms"), &PredictionSpread::latency_percent, &CostBaseline::latency_ms},
      {&find_figure("energy_mj"), &PredictionSpread::energy_percent, &CostBaseline::energy_mj},
  }};
  return kCosts;
}

const PredictedCost& area_cost() {
  static const PredictedCost kArea{&find_figure("area_mm2"), nullptr, nullptr};
  return kArea;
}

}  // namespace dovetail
