#include "cost/surrogate/correction/correction_fit.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/text/error.h"
#include "cost/simulation/pair_simulator.h"
#include "cost/surrogate/net/predicted_cost.h"
#include "cost/surrogate/net/surrogate_impl.h"

namespace dovetail {
namespace {

constexpr const char* kReportSchema = "dovetail.correction_report/1";

/// The hidden layers of a model below outputs that are 0, which stand for a ratio of 1: a model of
/// ratios to be tuned, which knows nothing yet.
Surrogate ratios_of_one(const Surrogate& base) {
  auto impl = std::make_unique<Surrogate::Impl>(base.impl());
  for (Mlp<float>& member : impl->members) {
    const MlpShape& shape = member.shape();
    const std::size_t last = shape.hidden.empty() ? shape.inputs : shape.hidden.back();
    std::ranges::fill(member.parameters().last((last + 1) * shape.outputs), 0.0F);
  }
  impl->skips.clear();
  impl->baseline.reset();
  impl->scaling.fill({});
  impl->area_scaling = {};
  impl->knows_feasibility = false;
  return Surrogate(std::move(impl));
}

}  // namespace

SimulatedMeasurements simulate_measured(const Measurements& measured, const NetworkSpace& networks,
                                        const DesignSpace& accelerators,
                                        const std::string& technology) {
  PairSimulator simulator(pair_domain(networks, accelerators), technology);
  SimulatedMeasurements result;
  result.measured.infeasible = measured.infeasible;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    const PairCosts found = simulator.costs({measured.network[i], measured.hardware[i]});
    if (!found.checked().feasible()) {
      ++result.infeasible;
      continue;
    }
    result.measured.network.push_back(measured.network[i]);
    result.measured.hardware.push_back(measured.hardware[i]);
    result.measured.costs.push_back(measured.costs[i]);
    result.simulated.push_back(found.costs);
  }
  if (!result.simulated.empty()) return result;
  throw InputError(
      fmt::format("none of the {} measured pairs can run in the simulator", measured.size()));
}

FittedCorrection fit_correction(const Surrogate& base, const SimulatedMeasurements& measurements,
                                const std::string& simulator_probe) {
  Measurements ratios = measurements.measured;
  for (std::size_t i = 0; i < ratios.size(); ++i) {
    for (std::size_t c = 0; c < kPredictedCosts; ++c) {
      ratios.costs[i][c] /= predicted_costs()[c].of(measurements.simulated[i]);
    }
  }
  FineTuned tuned = fine_tune(ratios_of_one(base), ratios);
  std::string report = fine_tuning_report(base, tuned, kReportSchema);
  return {SimulatorCorrection(std::move(tuned.model), simulator_probe),
          std::move(tuned.corrections), std::move(report)};
}

}  // namespace dovetail
