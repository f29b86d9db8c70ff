#include "cost/cost_models.h"

#include <array>
#include <utility>
#include <vector>

#include "base/text/error.h"
#include "base/text/text.h"
#include "cost/simulation/set_simulation.h"
#include "cost/surrogate/correction/corrected_costs.h"

namespace dovetail {
namespace {

std::shared_ptr<CostModel> make_simulation(const CostModelInputs& inputs) {
  if (!inputs.set.empty()) {
    return std::make_shared<SetSimulation>(inputs.domain, inputs.set, inputs.simulation);
  }
  auto simulation = std::make_shared<SimulationCosts>(inputs.domain, inputs.simulation);
  if (!inputs.correction) return simulation;
  return std::make_shared<CorrectedCosts>(std::move(simulation), inputs.correction, inputs.domain,
                                          inputs.simulation.technology);
}

std::shared_ptr<CostModel> make_surrogate(const CostModelInputs& inputs) {
  return std::make_shared<SurrogateCosts>(inputs.domain, inputs.predict,
                                          inputs.simulation.technology);
}

std::shared_ptr<CostModel> make_measured(const CostModelInputs& inputs) {
  return std::make_shared<MeasuredCostModel>(inputs.measured, inputs.set, inputs.needed);
}

std::shared_ptr<CostModel> make_command(const CostModelInputs& inputs) {
  CommandSettings command = inputs.command;
  command.parallel = inputs.simulation.workers;
  return std::make_shared<CommandCosts>(inputs.domain, std::move(command), inputs.needed,
                                        inputs.accelerators);
}

}  // namespace

std::span<const CostModelInfo> cost_models() {
  static const std::array<CostModelInfo, 5> kModels{{
      {"simulation", "every candidate is simulated", false, false, "simulated", false,
       make_simulation},
      {"surrogate_then_simulation", "search on predictions, then simulate what it proposes", true,
       true, "simulated", false, make_surrogate},
      {"surrogate", "a trained surrogate says what every candidate costs; nothing is simulated",
       false, true, "predicted", false, make_surrogate},
      {kMeasuredCosts, "every candidate is looked up in a file of measured costs", false, false,
       "measured", true, make_measured},
      {kCommandCosts, "your own program says what every candidate costs", false, false, "computed",
       true, make_command},
  }};
  return kModels;
}

const CostModelInfo& find_cost_model(const std::string& name) {
  std::vector<std::string> known;
  for (const CostModelInfo& model : cost_models()) {
    if (model.name == name) return model;
    known.push_back(model.name);
  }
  throw InputError(unknown_name("cost model", name, known));
}

}  // namespace dovetail
