#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hw_space/accelerator_config.h"
#include "models/network/layers/network.h"
#include "sim/simulator.h"

namespace dovetail {

/// What of a simulation is compared with a published figure.
struct CalibrationQuantity {
  std::string key;   // "latency_ms"
  std::string unit;  // "ms"
  int decimals;      // in tables
  double (*get)(const SimulationResult&);
};

/// One published figure: of a network on the accelerator of its group.
struct CalibrationPoint {
  Network network;
  double published = 0;  // in the unit of the group's quantity, > 0
};

/// Figures of one accelerator from one source.
struct CalibrationGroup {
  std::string name;    // "coral"
  std::string source;  // who published the figures, and where
  AcceleratorConfig accelerator;
  const CalibrationQuantity* quantity = nullptr;
  /// Allowed |simulated / published - 1|, of each point, or of the slope if there is one.
  double tolerance = 0;
  /// Published slope, in units of the quantity per GMAC. If given, the group is compared by the
  /// slope of its points (least squares over their MACs) and their ranks: a fixed cost that the
  /// model does not have then does no harm.
  std::optional<double> published_slope;
  /// What the measurement has beside the accelerator (host, bus protocol), in ms; added to the
  /// simulated latency. 0 where cycles are compared.
  double host_ms = 0;
  bool fit = true;  // false: only compared, no parameter is chosen by it
  std::vector<CalibrationPoint> points;
};

/// A parameter that is chosen by the published figures, among a few values.
struct CalibrationParameter {
  const AcceleratorParameter* parameter = nullptr;
  std::vector<double> values;
  std::vector<bool> applies;  // to each group; elsewhere the accelerator keeps its own value
};

/// Published figures to compare the simulator with, and the parameters fitted on them.
struct Calibration {
  std::string name;
  std::vector<CalibrationGroup> groups;
  std::vector<CalibrationParameter> parameters;

  /// Reads `schema: dovetail.calibration/1` (configs/calibration has a commented example). Throws
  /// InputError with the place.
  static Calibration load(const std::filesystem::path& file);

  /// Ways to choose a value for each parameter.
  std::uint64_t combinations() const;
  /// The position of the value of each parameter in combination `index`; the last parameter
  /// changes fastest.
  std::vector<std::size_t> combination(std::uint64_t index) const;
  /// The accelerator of a group with the values of a combination where they apply.
  AcceleratorConfig configure(std::size_t group, const std::vector<std::size_t>& choice) const;
};

}  // namespace dovetail
