#pragma once

#include <string>
#include <vector>

#include "nas/experiments/cost_models/cost_model_bench.h"

namespace dovetail {

/// A row a search: schema dovetail.cost_models/1.
std::string cost_models_csv(const std::vector<CostModelSearch>& searches);
/// A row a model: means over the seeds, and ratios to simulation where it is among them.
std::string cost_models_text(const std::vector<CostModelSearch>& searches);

}  // namespace dovetail
