#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cost/command/command_costs.h"
#include "cost/measured/measured_cost_model.h"
#include "cost/model/cost_model.h"
#include "cost/model/pair_set.h"
#include "cost/simulation/simulation_costs.h"
#include "cost/surrogate/correction/simulator_correction.h"
#include "cost/surrogate/surrogate_costs.h"

namespace dovetail {

/// What cost models are made of; each takes what it needs.
struct CostModelInputs {
  PairDomain domain;
  SimulationOptions simulation;
  PredictPairs predict;  // if the model predicts
  PairSet set = {};      // if a candidate stands for several pairs
  std::shared_ptr<const MeasuredCosts> measured = nullptr;  // if the model looks costs up
  std::vector<const Figure*> needed = {};                   // of all figures, those that are used
  CommandSettings command = {};                             // if a program is asked
  bool accelerators = true;                                 // false: there is none, only networks
  /// Of what is simulated, by what was measured; null: none.
  std::shared_ptr<const SimulatorCorrection> correction = nullptr;
};

/// One row of the table of what a study may name as `cost.model`: what its search asks.
struct CostModelInfo {
  std::string name;
  std::string meaning;
  bool predicts;   // what the search proposes is simulated afterwards
  bool surrogate;  // it predicts with one, which the study names or, if it predicts, trains
  /// How tables call figures that are final.
  const char* figures;
  bool from_user;  // costs are the user's own: nothing is known of them but what is asked for
  std::shared_ptr<CostModel> (*make)(const CostModelInputs& inputs);

  /// Whether its predictions are the last word: nothing is simulated.
  bool predictions_are_final() const { return surrogate && !predicts; }
};
/// The row that looks costs up in a file.
inline constexpr const char* kMeasuredCosts = "table";
/// The row that asks the user's program.
inline constexpr const char* kCommandCosts = "command";
std::span<const CostModelInfo> cost_models();
/// Throws InputError naming the nearest known one.
const CostModelInfo& find_cost_model(const std::string& name);

}  // namespace dovetail
