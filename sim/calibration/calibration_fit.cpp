#include "sim/calibration/calibration_fit.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>

#include "base/process/fields.h"
#include "base/process/worker_pool.h"
#include "base/text/error.h"

namespace dovetail {
namespace {

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::uint64_t kRunsPerTask = 10;

/// |ln ratio|, infinite where there is no ratio.
double log_error(double ratio) {
  if (std::isnan(ratio)) return kInfinity;
  return std::abs(std::log(ratio));
}

double simulate(Simulator& simulator, const CalibrationGroup& group, const CalibrationPoint& point,
                const AcceleratorConfig& accelerator) {
  const SimulationResult result = simulator.run(point.network, accelerator);
  return result.feasible() ? group.quantity->get(result) + group.host_ms : kNotANumber;
}

/// One network on one accelerator: what a point needs for all combinations that make the same
/// accelerator of its group.
struct Run {
  std::size_t group, point;
  AcceleratorConfig accelerator;
};

/// Every simulation that a fit needs, each once.
class Grid {
 public:
  explicit Grid(const Calibration& calibration) : calibration_(calibration) {
    for (std::size_t g = 0; g < calibration.groups.size(); ++g) {
      first_run_.push_back(runs_.size());
      const std::vector<std::uint64_t> distinct = distinct_combinations(g);
      for (const std::uint64_t c : distinct) {
        const auto accelerator = calibration.configure(g, calibration.combination(c));
        for (std::size_t p = 0; p < calibration.groups[g].points.size(); ++p) {
          runs_.push_back({g, p, accelerator});
        }
      }
    }
    values_.assign(runs_.size(), kNotANumber);
  }

  const std::vector<Run>& runs() const { return runs_; }
  void set(std::uint64_t run, double value) { values_[run] = value; }

  /// Of all points with one combination.
  CalibrationFigures figures(const std::vector<std::size_t>& choice) const {
    CalibrationFigures figures;
    for (std::size_t g = 0; g < calibration_.groups.size(); ++g) {
      const std::size_t points = calibration_.groups[g].points.size();
      const auto begin = values_.begin() +
                         static_cast<std::ptrdiff_t>(first_run_[g] + points * position(g, choice));
      figures.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(points));
    }
    return figures;
  }

 private:
  /// Which of the accelerators of a group a combination makes: mixed radix over what applies.
  std::uint64_t position(std::size_t group, const std::vector<std::size_t>& choice) const {
    std::uint64_t position = 0;
    for (std::size_t p = 0; p < choice.size(); ++p) {
      const CalibrationParameter& parameter = calibration_.parameters[p];
      if (parameter.applies[group]) position = position * parameter.values.size() + choice[p];
    }
    return position;
  }
  /// The first combination that makes each accelerator of a group, by position().
  std::vector<std::uint64_t> distinct_combinations(std::size_t group) const {
    std::vector<std::uint64_t> distinct;
    for (std::uint64_t c = 0; c < calibration_.combinations(); ++c) {
      if (position(group, calibration_.combination(c)) == distinct.size()) distinct.push_back(c);
    }
    return distinct;
  }

  const Calibration& calibration_;
  std::vector<Run> runs_;               // by group, accelerator, point
  std::vector<std::size_t> first_run_;  // of each group
  std::vector<double> values_;          // one a run
};

/// False if `progress` said stop.
bool simulate_all(Grid& grid, const Calibration& calibration, int workers,
                  const CalibrationProgress& progress) {
  const std::vector<Run>& runs = grid.runs();
  const auto begin_of = [&](std::uint64_t task) {
    return std::min<std::uint64_t>(runs.size(), task * kRunsPerTask);
  };
  std::unique_ptr<Simulator> simulator;  // made in the process that uses it
  const auto work = [&](std::uint64_t task) {
    if (!simulator) simulator = std::make_unique<Simulator>(totals_only());
    std::vector<double> values;
    for (std::uint64_t i = begin_of(task); i < begin_of(task + 1); ++i) {
      const CalibrationGroup& group = calibration.groups[runs[i].group];
      values.push_back(
          simulate(*simulator, group, group.points[runs[i].point], runs[i].accelerator));
    }
    return write_fields(std::span(values));
  };
  std::uint64_t done = 0;
  const auto deliver = [&](std::uint64_t task, const std::string& bytes) {
    std::vector<double> values(begin_of(task + 1) - begin_of(task));
    read_fields(bytes, std::span(values));
    for (std::size_t i = 0; i < values.size(); ++i) grid.set(begin_of(task) + i, values[i]);
    done = begin_of(task + 1);
  };
  const auto tell = [&] { return !progress || progress(done, runs.size()); };
  const std::uint64_t tasks = (runs.size() + kRunsPerTask - 1) / kRunsPerTask;
  if (run_in_workers(tasks, workers, work, deliver, tell) < tasks) return false;
  tell();
  return true;
}

/// |ln ratio| of every target with every combination: [combination][target].
using Errors = std::vector<std::vector<double>>;

Errors errors_of(const Calibration& calibration, const Grid& grid,
                 const std::vector<CalibrationTarget>& targets) {
  Errors errors;
  for (std::uint64_t c = 0; c < calibration.combinations(); ++c) {
    const CalibrationFigures figures = grid.figures(calibration.combination(c));
    std::vector<double>& row = errors.emplace_back();
    for (const CalibrationTarget& target : targets) {
      row.push_back(log_error(ratio_of(calibration, target, figures)));
    }
  }
  return errors;
}

/// By all targets but `without` (an index beyond them for none).
CalibrationChoice choose(const Calibration& calibration, const Errors& errors,
                         std::size_t without) {
  CalibrationChoice best;
  for (std::uint64_t c = 0; c < errors.size(); ++c) {
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t t = 0; t < errors[c].size(); ++t) {
      if (t == without) continue;
      sum += errors[c][t];
      ++count;
    }
    const double error = sum / static_cast<double>(count);
    if (error < best.error) best = {calibration.combination(c), error};
  }
  if (std::isfinite(best.error)) return best;
  throw InputError(
      fmt::format("calibration '{}': with no combination of parameter values can all networks run",
                  calibration.name));
}

}  // namespace

CalibrationFigures simulate_presets(const Calibration& calibration) {
  Simulator simulator(totals_only());
  CalibrationFigures figures;
  for (const CalibrationGroup& group : calibration.groups) {
    std::vector<double>& values = figures.emplace_back();
    for (const CalibrationPoint& point : group.points) {
      values.push_back(simulate(simulator, group, point, group.accelerator));
    }
  }
  return figures;
}

std::vector<CalibrationTarget> calibration_targets(const Calibration& calibration) {
  std::vector<CalibrationTarget> targets;
  for (std::size_t g = 0; g < calibration.groups.size(); ++g) {
    const CalibrationGroup& group = calibration.groups[g];
    if (group.published_slope) {
      targets.push_back({g, std::nullopt});
      continue;
    }
    for (std::size_t p = 0; p < group.points.size(); ++p) targets.push_back({g, p});
  }
  return targets;
}

std::string target_name(const Calibration& calibration, const CalibrationTarget& target) {
  const CalibrationGroup& group = calibration.groups[target.group];
  return group.name + ": " + (target.point ? group.points[*target.point].network.name() : "slope");
}

double ratio_of(const Calibration& calibration, const CalibrationTarget& target,
                const CalibrationFigures& figures) {
  const CalibrationGroup& group = calibration.groups[target.group];
  const std::vector<double>& values = figures[target.group];
  if (target.point) return values[*target.point] / group.points[*target.point].published;
  const double slope = slope_per_gmac(group, values);
  return slope > 0 ? slope / *group.published_slope : kNotANumber;
}

double slope_per_gmac(const CalibrationGroup& group, const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  double mean_x = 0;
  double mean_y = 0;
  for (std::size_t p = 0; p < values.size(); ++p) {
    mean_x += static_cast<double>(group.points[p].network.macs()) / 1e9 / count;
    mean_y += values[p] / count;
  }
  double covariance = 0;
  double variance = 0;
  for (std::size_t p = 0; p < values.size(); ++p) {
    const double x = static_cast<double>(group.points[p].network.macs()) / 1e9 - mean_x;
    covariance += x * (values[p] - mean_y);
    variance += x * x;
  }
  return covariance / variance;
}

std::vector<double> published_figures(const CalibrationGroup& group) {
  std::vector<double> figures;
  for (const CalibrationPoint& point : group.points) figures.push_back(point.published);
  return figures;
}

std::size_t swapped_pairs(const CalibrationGroup& group, const std::vector<double>& simulated) {
  std::size_t swapped = 0;
  for (std::size_t a = 0; a < simulated.size(); ++a) {
    for (std::size_t b = 0; b < simulated.size(); ++b) {
      const bool less = group.points[a].published < group.points[b].published;
      if (less && !(simulated[a] < simulated[b])) ++swapped;  // also if one cannot run
    }
  }
  return swapped;
}

double mean_log_error(const Calibration& calibration, const std::vector<CalibrationTarget>& targets,
                      const CalibrationFigures& figures) {
  double sum = 0;
  for (const CalibrationTarget& target : targets) {
    sum += log_error(ratio_of(calibration, target, figures));
  }
  return sum / static_cast<double>(targets.size());
}

std::optional<CalibrationFit> fit_calibration(const Calibration& calibration, int workers,
                                              const CalibrationProgress& progress) {
  CalibrationFit fit;
  for (const CalibrationTarget& target : calibration_targets(calibration)) {
    if (calibration.groups[target.group].fit) fit.targets.push_back(target);
  }
  if (fit.targets.size() < 2) {
    throw InputError(
        fmt::format("calibration '{}': found {} published figures to fit, allowed at least 2",
                    calibration.name, fit.targets.size()));
  }
  Grid grid(calibration);
  fit.combinations = calibration.combinations();
  fit.simulations = grid.runs().size();
  if (!simulate_all(grid, calibration, workers, progress)) return std::nullopt;

  const Errors errors = errors_of(calibration, grid, fit.targets);
  fit.best = choose(calibration, errors, fit.targets.size());
  fit.best_figures = grid.figures(fit.best.values);
  for (std::size_t t = 0; t < fit.targets.size(); ++t) {
    LeftOut left_out = {fit.targets[t], choose(calibration, errors, t), 0};
    left_out.ratio = ratio_of(calibration, left_out.target, grid.figures(left_out.choice.values));
    fit.left_out_error += log_error(left_out.ratio) / static_cast<double>(fit.targets.size());
    fit.left_out.push_back(std::move(left_out));
  }
  return fit;
}

}  // namespace dovetail
