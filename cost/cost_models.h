#pragma once

#include <memory>
#include <span>
#include <string>

#include "cost/model/cost_model.h"
#include "cost/simulation/simulation_costs.h"

namespace dovetail {

class Surrogate;

/// What cost models are made of; each takes what it needs.
struct CostModelInputs {
  PairDomain domain;
  SimulationOptions simulation;
  std::shared_ptr<const Surrogate> surrogate;  // if the model has one
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
