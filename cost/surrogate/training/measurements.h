#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/numbers/statistics.h"
#include "cost/surrogate/net/surrogate.h"

namespace dovetail {

/// What was measured of some (network, accelerator) pairs, elsewhere than in the simulator.
struct Measurements {
  std::vector<Choices> network, hardware;
  /// In the order of predicted_costs(); NaN where a cost was not measured.
  std::vector<std::array<double, kPredictedCosts>> costs;
  std::size_t infeasible = 0;  // lines that were left out for it

  std::size_t size() const { return costs.size(); }
};

/// Reads a CSV file as `dovetail dataset export-csv` writes it. Lines that open with '#' are
/// comments; the first other line names the columns, in any order: network.DECISION and
/// hardware.DECISION for each decision of the model's spaces (the choice as written there), at
/// least one of latency_ms and energy_mj (positive, or empty where not measured), and if there is
/// one `reason`: lines with another than "none" are infeasible and left out. The other columns of
/// export-csv (cycles, area_mm2) are not looked at. Throws InputError with file and line.
Measurements read_measurements(const std::filesystem::path& file, const Surrogate& model);

/// What a model says of the pairs that were measured.
std::vector<Costs> predicted_costs_of(const Surrogate& model, const Measurements& measurements);

/// A sentence for each cost whose measurements are most likely in another unit than its column: the
/// median of measured over `said`, one for each pair, is 1000 or a thousandth, give or take 20 %.
/// `says` is who said that and how: "the model predicts".
std::vector<std::string> unit_doubts(std::span<const Costs> said, const Measurements& measurements,
                                     const std::string& says);
std::vector<std::string> unit_doubts(const Surrogate& model, const Measurements& measurements);

/// Errors of what is said of each pair against what was measured, in the order of
/// predicted_costs(); a count of 0 where nothing was.
std::array<RegressionMetrics, kPredictedCosts> measure_errors(std::span<const Costs> said,
                                                              const Measurements& measurements);
/// Those of a model.
std::array<RegressionMetrics, kPredictedCosts> measure_errors(const Surrogate& model,
                                                              const Measurements& measurements);

}  // namespace dovetail
