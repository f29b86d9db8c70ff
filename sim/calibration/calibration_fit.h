#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "sim/calibration/calibration.h"

namespace dovetail {

/// Simulated figures of all points, by group and point; NaN where a network cannot run.
using CalibrationFigures = std::vector<std::vector<double>>;

/// With the accelerators as they are in their files.
CalibrationFigures simulate_presets(const Calibration& calibration);

/// Something published that can be compared: a point, or the slope of a group.
struct CalibrationTarget {
  std::size_t group = 0;
  std::optional<std::size_t> point;  // none: the slope

  bool operator==(const CalibrationTarget&) const = default;
};
/// Of every group, in order: its slope if it is compared by one, else each of its points.
std::vector<CalibrationTarget> calibration_targets(const Calibration& calibration);
/// "coral: mobilenetv2_1.0_224", "pixel6: slope".
std::string target_name(const Calibration& calibration, const CalibrationTarget& target);

/// Simulated over published; NaN if the network cannot run.
double ratio_of(const Calibration& calibration, const CalibrationTarget& target,
                const CalibrationFigures& figures);

/// Slope of `values` over the MACs of a group's points, in units per GMAC, by least squares.
double slope_per_gmac(const CalibrationGroup& group, const std::vector<double>& values);
/// The published figures of a group, to be compared with the simulated ones.
std::vector<double> published_figures(const CalibrationGroup& group);
/// Pairs of points that the simulation puts in another order than the source (pairs that are
/// published as equal do not count).
std::size_t swapped_pairs(const CalibrationGroup& group, const std::vector<double>& simulated);

/// Mean over the targets of |ln(simulated / published)|: 10 % too much and 10 % too little weigh
/// about the same, and no unit does. Infinite if a network cannot run.
double mean_log_error(const Calibration& calibration, const std::vector<CalibrationTarget>& targets,
                      const CalibrationFigures& figures);

/// The combination of parameter values at which mean_log_error() of the targets asked for is
/// smallest; of equal ones the first.
struct CalibrationChoice {
  std::vector<std::size_t> values;  // position in the values of each parameter
  double error = std::numeric_limits<double>::infinity();  // mean_log_error()
};

/// What is said of one target by a fit on all the others.
struct LeftOut {
  CalibrationTarget target;
  CalibrationChoice choice;  // by the other targets
  double ratio = 0;          // of the target with that choice
};

struct CalibrationFit {
  std::vector<CalibrationTarget> targets;  // those with `fit`
  CalibrationChoice best;                  // by all of them
  CalibrationFigures best_figures;         // of all points, also of groups without `fit`
  std::vector<LeftOut> left_out;           // one a target, in their order
  double left_out_error = 0;               // mean |ln ratio| of left_out
  std::uint64_t combinations = 0, simulations = 0;
};

/// Told how many simulations are done of how many; false stops.
using CalibrationProgress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

/// Simulates every point with every combination of parameter values, in `workers` processes, and
/// chooses. Throws InputError if fewer than two targets are to be fitted or no combination can run
/// them all. Returns nothing if `progress` said stop.
std::optional<CalibrationFit> fit_calibration(const Calibration& calibration, int workers,
                                              const CalibrationProgress& progress);

}  // namespace dovetail
