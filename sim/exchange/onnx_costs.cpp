#include "sim/exchange/onnx_costs.h"

#include <fmt/core.h>

#include "base/text/error.h"
#include "base/text/version.h"
#include "sim/report.h"

namespace dovetail {
namespace {

constexpr double kMicro = 1e3;  // of a thousandth

std::string number(double value) {
  return fmt::format("{:.6g}", value);
}

}  // namespace

OnnxMetadata onnx_costs(const Network& network, const AcceleratorConfig& accelerator,
                        const SimulationResult& result) {
  OnnxMetadata costs;
  costs.model = {{"dovetail.network", network.name()},
                 {"dovetail.accelerator", accelerator.name},
                 {"dovetail.technology", result.technology},
                 {"dovetail.build", build_description()},
                 {"dovetail.macs", std::to_string(result.macs)},
                 {"dovetail.parameters", std::to_string(network.parameters())},
                 {"dovetail.cycles", std::to_string(result.cycles)},
                 {"dovetail.latency_ms", number(result.latency_ms)},
                 {"dovetail.energy_mj", number(result.energy.total())},
                 {"dovetail.area_mm2", number(result.area_mm2)}};
  const double cycles_per_us = accelerator.clock_ghz * kMicro;
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    const LayerResult& layer = result.layers[i];
    costs.layers[layer.name] = {
        {"dovetail.macs", std::to_string(network.layers()[i].macs())},
        {"dovetail.cycles", std::to_string(layer.cycles)},
        {"dovetail.latency_us", number(static_cast<double>(layer.cycles) / cycles_per_us)},
        {"dovetail.energy_uj", number(layer.energy.total() * kMicro)},
        {"dovetail.utilization_percent", number(100 * layer.utilization)},
        {"dovetail.bound", bound_of(layer.breakdown)}};
  }
  return costs;
}

OnnxMetadata simulated_costs(const Network& network, const AcceleratorConfig& accelerator,
                             const std::string& technology) {
  SimulatorOptions options;
  options.technology = technology;
  Simulator simulator(options);
  const SimulationResult result = simulator.run(network, accelerator);
  if (result.feasible()) return onnx_costs(network, accelerator, result);
  throw InputError(fmt::format("{} on {}: there are no costs: {}", network.name(), accelerator.name,
                               result.reason_text));
}

}  // namespace dovetail
