#include "nas/scaling/measured_scales.h"

#include <fmt/core.h>

#include <utility>

#include "base/text/error.h"

namespace dovetail {

MeasuredScales::MeasuredScales(const ScalableNetwork& network, AcceleratorConfig accelerator,
                               ScaleAccuracy accuracy)
    : network_(network),
      accelerator_(std::move(accelerator)),
      accuracy_(std::move(accuracy)),
      simulator_(totals_only()) {}

MeasuredScales::Measured MeasuredScales::measure(const NetworkScale& scale) {
  const AccuracyAnswer accuracy = accuracy_(scale);  // which takes no time, so it is asked first
  if (!accuracy.ok()) return {std::nullopt, accuracy.reason};
  try {
    const Network network = network_.at(scale, network_.base().name).build();
    const SimulationResult result = simulator_.run(network, accelerator_);
    if (!result.feasible()) return {std::nullopt, result.reason_text};
    ScaleFigures figures;
    figures.top1_percent = accuracy.estimate.top1_percent;
    figures.extrapolated = accuracy.estimate.extrapolated;
    figures.cycles = result.cycles;
    figures.latency_ms = result.latency_ms;
    figures.macs = network.macs();
    figures.parameters = network.parameters();
    figures.utilization = static_cast<double>(figures.macs) /
                          (accelerator_.peak_macs_per_cycle() * static_cast<double>(result.cycles));
    return {figures, ""};
  } catch (const InputError& e) {  // groups that do not divide the channels
    return {std::nullopt, e.what()};
  }
}

const MeasuredScales::Measured& MeasuredScales::measured(const NetworkScale& scale) {
  const auto known = known_.find(scale);
  if (known != known_.end()) return known->second;
  return known_.emplace(scale, measure(scale)).first->second;
}

std::optional<ScaleFigures> MeasuredScales::operator()(const NetworkScale& scale) {
  return measured(scale).figures;
}

ScaleFigures MeasuredScales::required(const NetworkScale& scale) {
  const Measured& found = measured(scale);
  if (!found.figures) {
    throw InputError(fmt::format("network '{}' on '{}': {}", network_.base().name,
                                 accelerator_.name, found.reason));
  }
  return *found.figures;
}

}  // namespace dovetail
