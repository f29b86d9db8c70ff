#include "cost/simulation/loose_pairs.h"

#include <chrono>

#include "cost/figures/simulated.h"
#include "sim/report.h"
#include "sim/simulator.h"

namespace dovetail {

LooseSimulator::LooseSimulator() = default;
LooseSimulator::~LooseSimulator() = default;

Simulator& LooseSimulator::simulator(const std::string& technology, bool report) {
  std::unique_ptr<Simulator>& kept = simulators_[{technology, report}];
  if (!kept) {
    SimulatorOptions options = totals_only(technology);
    options.per_layer = report;
    kept = std::make_unique<Simulator>(options);
  }
  return *kept;
}

LooseCosts LooseSimulator::costs(const NetworkSide& network, const LoosePair& pair) {
  const auto start = std::chrono::steady_clock::now();
  LooseCosts costs;
  const Answer answer = answer_of([&] {
    const auto built = PairDomain{network, {}}.network_of({pair.choices, {}});
    const SimulationResult result =
        simulator(pair.technology, pair.report).run(*built, pair.accelerator);
    costs.found.costs = costs_of(result);
    if (pair.report) costs.report = simulation_json(*built, pair.accelerator, result);
    return std::string();
  });
  if (answer.kind != AnswerKind::kBytes) costs.found.failure = answer;
  costs.found.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return costs;
}

double LooseSimulator::area_mm2(const AcceleratorConfig& accelerator,
                                const std::string& technology) {
  return simulator(technology, false).area_mm2(accelerator);
}

}  // namespace dovetail
