#include "models/surrogate/predicted_cost.h"

#include <array>

namespace dovetail {
namespace {

constexpr std::array<PredictedCost, kPredictedCosts> kCosts{{
    {"latency", "latency_ms", "ms", &Label::latency_ms, &CostPrediction::latency_ms},
    {"energy", "energy_mj", "mJ", &Label::energy_mj, &CostPrediction::energy_mj},
}};

}  // namespace

std::span<const PredictedCost, kPredictedCosts> predicted_costs() {
  return kCosts;
}

}  // namespace dovetail
