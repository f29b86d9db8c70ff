#pragma once

#include <memory>
#include <span>
#include <string>

#include "cost/model/cost_model.h"
#include "cost/model/pair_set.h"
#include "cost/simulation/simulation_costs.h"
#include "cost/surrogate/surrogate_costs.h"

namespace dovetail {

/// What cost models are made of; each takes what it needs.
struct CostModelInputs {
  PairDomain domain;
  SimulationOptions simulation;
  PredictPairs predict;  // if the model predicts
  PairSet set = {};      // if a candidate stands for several pairs
};

/// One row of the table of what a study may name as `cost.model`: what its search asks.
struct CostModelInfo {
  std::string name;
  std::string meaning;
  bool predicts;   // what the search proposes is simulated afterwards
  bool surrogate;  // it predicts with one, which the study names or trains
  std::shared_ptr<CostModel> (*make)(const CostModelInputs& inputs);
};
std::span<const CostModelInfo> cost_models();
/// Throws InputError naming the nearest known one.
const CostModelInfo& find_cost_model(const std::string& name);

}  // namespace dovetail
