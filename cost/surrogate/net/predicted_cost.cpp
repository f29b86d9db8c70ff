#include "cost/surrogate/net/predicted_cost.h"

#include <array>

namespace dovetail {
namespace {

constexpr std::array<PredictedCost, kPredictedCosts> kCosts{{
    {"latency", "latency_ms", "ms", &Label::latency_ms, &CostPrediction::latency_ms,
     &CostPrediction::latency_spread_percent},
    {"energy", "energy_mj", "mJ", &Label::energy_mj, &CostPrediction::energy_mj,
     &CostPrediction::energy_spread_percent},
}};

constexpr PredictedCost kArea{
    "area", "area_mm2", "mm2", &Label::area_mm2, &CostPrediction::area_mm2, nullptr};

}  // namespace

std::span<const PredictedCost, kPredictedCosts> predicted_costs() {
  return kCosts;
}

const PredictedCost& area_cost() {
  return kArea;
}

}  // namespace dovetail
