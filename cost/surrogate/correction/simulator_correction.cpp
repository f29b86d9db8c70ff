#include "cost/surrogate/correction/simulator_correction.h"

#include <fmt/core.h>

#include <cmath>
#include <utility>

#include "base/files/hdf5_file.h"
#include "base/text/error.h"
#include "cost/surrogate/data/labelling.h"
#include "cost/surrogate/net/predicted_cost.h"
#include "cost/surrogate/net/surrogate_impl.h"

namespace dovetail {
namespace {

constexpr const char* kSchema = "dovetail.correction/1";
constexpr const char* kProbe = "simulator_probe";

}  // namespace

Costs corrected(Costs simulated, const CostRatios& ratios) {
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    const PredictedCost& cost = predicted_costs()[c];
    cost.set(cost.of(simulated) * ratios[c], simulated);
  }
  return simulated;
}

Costs uncorrected(Costs corrected, const CostRatios& ratios) {
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    const PredictedCost& cost = predicted_costs()[c];
    cost.set(cost.of(corrected) / ratios[c], corrected);
  }
  return corrected;
}

SimulatorCorrection::SimulatorCorrection(Surrogate ratios, std::string simulator_probe)
    : ratios_(std::move(ratios)), simulator_probe_(std::move(simulator_probe)) {}

SimulatorCorrection SimulatorCorrection::load(const std::filesystem::path& file) {
  const Hdf5Reader reader(file, kSchema);
  return {Surrogate(Surrogate::Impl::read(reader, file.string())), reader.attribute(kProbe)};
}

void SimulatorCorrection::save(const std::filesystem::path& file) const {
  Hdf5Writer writer(file, kSchema);
  ratios_.impl().write(writer);
  writer.attribute(kProbe, simulator_probe_);
  writer.commit();
}

std::vector<CostRatios> SimulatorCorrection::ratios(std::span<const Choices> network,
                                                    std::span<const Choices> hardware) const {
  std::vector<CostRatios> result;
  for (const CostPrediction& prediction : ratios_.predict(network, hardware)) {
    CostRatios& ratios = result.emplace_back();
    for (std::size_t c = 0; c < kPredictedCosts; ++c) {
      const PredictedCost& cost = predicted_costs()[c];
      ratios[c] = cost.of(prediction.costs);
      if (std::isfinite(ratios[c]) && ratios[c] > 0) continue;
      throw InputError(
          Location{ratios_.impl().file},
          fmt::format("corrects the {} of a pair by a factor of {}", cost.figure->name, ratios[c]));
    }
  }
  return result;
}

CostRatios SimulatorCorrection::ratios(const Pair& pair) const {
  return ratios({&pair.network, 1}, {&pair.hardware, 1}).front();
}

void SimulatorCorrection::require_spaces(const NetworkSpace& networks,
                                         const DesignSpace& accelerators,
                                         const std::string& technology) const {
  ratios_.require_spaces(describe(networks), describe(accelerators));
  const auto stem = [](const std::string& name) { return std::filesystem::path(name).stem(); };
  if (stem(ratios_.technology()) == stem(technology)) return;
  throw InputError(
      Location{ratios_.impl().file},
      fmt::format("corrects the simulator at technology '{}', what is simulated here is at '{}'",
                  ratios_.technology(), technology));
}

void SimulatorCorrection::require_simulator(const NetworkSpace& networks,
                                            const DesignSpace& accelerators,
                                            const std::string& technology) const {
  require_spaces(networks, accelerators, technology);
  if (probe_simulator(networks, accelerators, technology) == simulator_probe_) return;
  throw InputError(Location{ratios_.impl().file},
                   "corrects another simulator: this one answers otherwise to fixed pairs; make it "
                   "again from the same measurements by 'dovetail train --correct'");
}

}  // namespace dovetail
