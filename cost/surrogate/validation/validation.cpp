#include "cost/surrogate/validation/validation.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/text/csv.h"
#include "base/text/text.h"
#include "cost/figures/simulated.h"
#include "cost/surrogate/net/predicted_cost.h"
#include "sim/report.h"

namespace dovetail {
namespace {

using json = nlohmann::ordered_json;
using Rows = std::vector<std::size_t>;

SurrogateErrors errors_on(const Dataset& data, const std::vector<CostPrediction>& predictions,
                          const Rows& rows) {
  std::vector<CostPrediction> chosen;
  for (const std::size_t r : rows) chosen.push_back(predictions[r]);
  return measure_errors(data, rows, chosen);
}

/// The value below or at which a share of the values lies.
double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size()));
  return values[std::min(at, values.size() - 1)];
}

/// Small, middle and large by a size of each row.
class Thirds {
 public:
  Thirds(std::string what, std::string unit, std::vector<double> sizes)
      : what_(std::move(what)), unit_(std::move(unit)), sizes_(std::move(sizes)) {
    low_ = quantile(sizes_, 1.0 / 3);
    high_ = quantile(sizes_, 2.0 / 3);
  }

  void add_to(std::vector<ErrorRegion>& regions, const Dataset& data,
              const std::vector<CostPrediction>& predictions) const {
    add(regions, data, predictions, "small", "at most " + text(low_),
        [&](double size) { return size <= low_; });
    add(regions, data, predictions, "middle", "above that, at most " + text(high_),
        [&](double size) { return size > low_ && size <= high_; });
    add(regions, data, predictions, "large", "above " + text(high_),
        [&](double size) { return size > high_; });
  }

 private:
  std::string text(double size) const { return fmt::format("{:.4g} {}", size, unit_); }

  void add(std::vector<ErrorRegion>& regions, const Dataset& data,
           const std::vector<CostPrediction>& predictions, const std::string& name,
           const std::string& definition, const std::function<bool(double)>& inside) const {
    Rows rows;
    for (std::size_t r = 0; r < sizes_.size(); ++r) {
      if (inside(sizes_[r])) rows.push_back(r);
    }
    SurrogateErrors errors = errors_on(data, predictions, rows);
    regions.push_back({name + " " + what_, definition, std::move(rows), errors});
  }

  std::string what_, unit_;
  std::vector<double> sizes_;
  double low_ = 0, high_ = 0;
};

/// Rows from which one step of one hardware decision changes the predicted feasibility.
Rows rows_at_border(const Surrogate& model, const Dataset& data, const DecisionSpace& hardware) {
  Rows rows;
  for (std::size_t r = 0; r < data.rows(); ++r) {
    std::vector<Choices> accelerators = hardware.neighbours(data.hardware(r));
    accelerators.push_back(data.hardware(r));
    const std::vector<Choices> networks(accelerators.size(), data.network(r));
    const auto around = model.predict(networks, accelerators);
    const bool here = around.back().costs.feasible();
    if (std::any_of(around.begin(), around.end(),
                    [&](const CostPrediction& p) { return p.costs.feasible() != here; })) {
      rows.push_back(r);
    }
  }
  return rows;
}

std::vector<ErrorRegion> find_regions(const Surrogate& model, const Dataset& data,
                                      const std::vector<CostPrediction>& predictions,
                                      const NetworkSpace& networks,
                                      const DesignSpace& accelerators) {
  std::vector<double> macs, peaks;
  for (std::size_t r = 0; r < data.rows(); ++r) {
    macs.push_back(static_cast<double>(networks.build(data.network(r)).macs()) / 1e6);
    peaks.push_back(accelerators.decode(data.hardware(r)).peak_macs_per_cycle());
  }
  std::vector<ErrorRegion> regions;
  if (data.rows() == 0) return regions;
  Thirds("networks", "million MACs", std::move(macs)).add_to(regions, data, predictions);
  Thirds("accelerators", "MACs a cycle", std::move(peaks)).add_to(regions, data, predictions);
  if (model.knows_feasibility()) {
    Rows border = rows_at_border(model, data, accelerators.decisions());
    SurrogateErrors errors = errors_on(data, predictions, border);
    regions.push_back({"near infeasible",
                       "one step of one hardware decision changes the predicted feasibility",
                       std::move(border), errors});
  }
  return regions;
}

/// "name=choice ..." of the decisions that have an effect.
std::string describe_active(const DecisionSpace& decisions, const Choices& choices,
                            const std::vector<bool>& active) {
  std::vector<std::string> parts;
  for (std::size_t d = 0; d < decisions.size(); ++d) {
    if (active[d]) parts.push_back(decisions[d].name + "=" + decisions[d].choices[choices[d]]);
  }
  return join(parts, " ");
}

std::int64_t largest_part(const CycleBreakdown& b) {
  return std::max({b.compute, b.vector, b.stall_io, b.stall_weights, b.stall_interconnect,
                   b.stall_local_memory, b.stall_launch});
}

/// What explain() needs besides the case.
struct Spaces {
  const Surrogate& model;
  const NetworkSpace& networks;
  const DesignSpace& accelerators;
  Simulator& simulator;
};

double percent_of_change(double from, double to) {
  return 100 * (to / from - 1);
}

std::vector<std::string> regions_of(std::size_t row, const std::vector<ErrorRegion>& regions) {
  std::vector<std::string> names;
  for (const ErrorRegion& region : regions) {
    if (std::binary_search(region.rows.begin(), region.rows.end(), row)) {
      names.push_back(region.name);
    }
  }
  return names;
}

/// Simulates the accelerators one step away and looks at what the model says of them.
void look_around(WorstCase& found, const PredictedCost& cost, const Network& network,
                 const Choices& network_point, const Choices& hardware, const Spaces& spaces) {
  const DecisionSpace& decisions = spaces.accelerators.decisions();
  const std::vector<Choices> around = decisions.neighbours(hardware);
  const auto predictions =
      spaces.model.predict(std::vector<Choices>(around.size(), network_point), around);
  std::vector<double> errors;
  double missed = -1;
  for (std::size_t i = 0; i < around.size(); ++i) {
    const SimulationResult result =
        spaces.simulator.run(network, spaces.accelerators.decode(around[i]));
    ++found.steps;
    if (!result.feasible()) {
      ++found.infeasible_steps;
      continue;
    }
    const double simulated = cost.of(costs_of(result)), predicted = cost.of(predictions[i].costs);
    errors.push_back(std::abs(percent_of_change(simulated, predicted)));
    // Of the logarithm of the change.
    const double miss =
        std::abs(std::log(predicted / found.predicted) - std::log(simulated / found.simulated));
    if (miss <= missed) continue;
    missed = miss;
    const auto [at, to] = std::mismatch(hardware.begin(), hardware.end(), around[i].begin());
    const Decision& d = decisions[static_cast<std::size_t>(at - hardware.begin())];
    found.missed_step = fmt::format("{} {} to {}", d.name, d.choices[*at], d.choices[*to]);
    found.missed_simulated_percent = percent_of_change(found.simulated, simulated);
    found.missed_predicted_percent = percent_of_change(found.predicted, predicted);
  }
  found.error_around_percent = errors.empty() ? std::nan("") : quantile(std::move(errors), 0.5);
}

WorstCase explain(std::size_t row, const PredictedCost& cost, const Dataset& data,
                  const CostPrediction& prediction, const Spaces& spaces) {
  const Choices network_point = data.network(row), hardware = data.hardware(row);
  const NetworkSpace& networks = spaces.networks;
  const Network network = networks.build(network_point);
  const AcceleratorConfig accelerator = spaces.accelerators.decode(hardware);
  const SimulationResult result = spaces.simulator.run(network, accelerator);
  WorstCase found;
  found.row = row;
  found.network = network.name();
  found.network_choices =
      describe_active(networks.decisions(), network_point, networks.active(network_point));
  found.accelerator = accelerator.name;
  found.hardware_choices = spaces.accelerators.decisions().describe(hardware);
  found.macs = network.macs();
  found.simulated = cost.of(data.label(row));
  found.predicted = cost.of(prediction.costs);
  found.error_percent = percent_of_change(found.simulated, found.predicted);
  found.spread_percent = cost.spread_of(prediction.costs);
  found.feasible_probability = prediction.feasible_probability;
  found.bound = bound_of(result.breakdown);
  found.bound_share = static_cast<double>(largest_part(result.breakdown)) /
                      static_cast<double>(std::max<std::int64_t>(1, result.breakdown.total()));
  look_around(found, cost, network, network_point, hardware, spaces);
  return found;
}

/// Feasible rows with the largest relative errors.
Rows worst_rows(const PredictedCost& cost, const Dataset& data,
                const std::vector<CostPrediction>& predictions, std::size_t count) {
  Rows rows;
  std::vector<double> errors(data.rows());
  for (std::size_t r = 0; r < data.rows(); ++r) {
    if (!data.label(r).feasible()) continue;
    errors[r] = std::abs(cost.of(predictions[r].costs) / cost.of(data.label(r)) - 1);
    rows.push_back(r);
  }
  count = std::min(count, rows.size());
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count), rows.end(),
                    [&](std::size_t a, std::size_t b) {
                      return errors[a] != errors[b] ? errors[a] > errors[b] : a < b;
                    });
  rows.resize(count);
  return rows;
}

json number_or_null(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}

json to_json(const WorstCase& c, const std::string& unit) {
  return {{"row", c.row},
          {"network", c.network},
          {"network_choices", c.network_choices},
          {"accelerator", c.accelerator},
          {"hardware_choices", c.hardware_choices},
          {"macs", c.macs},
          {"unit", unit},
          {"simulated", c.simulated},
          {"predicted", c.predicted},
          {"error_percent", c.error_percent},
          {"spread_percent", number_or_null(c.spread_percent)},
          {"feasible_probability", c.feasible_probability},
          {"regions", c.regions},
          {"bound", c.bound},
          {"bound_share", c.bound_share},
          {"steps", c.steps},
          {"infeasible_steps", c.infeasible_steps},
          {"error_around_percent", number_or_null(c.error_around_percent)},
          {"missed_step", c.missed_step},
          {"missed_simulated_percent", c.missed_simulated_percent},
          {"missed_predicted_percent", c.missed_predicted_percent},
          {"reason", c.reason()}};
}

}  // namespace

std::string WorstCase::reason() const {
  std::string text = join(regions, ", ");
  text += fmt::format("{}{:.0f} % {}", text.empty() ? "" : "; ", 100 * bound_share, bound);
  if (infeasible_steps > 0) {
    text += fmt::format("; {} of {} steps infeasible", infeasible_steps, steps);
  }
  if (missed_step.empty()) return text;
  return text + fmt::format("; {}: {:+.0f} %, predicted {:+.0f} %; around it {:.1f} %", missed_step,
                            missed_simulated_percent, missed_predicted_percent,
                            error_around_percent);
}

Validation validate_surrogate(const Surrogate& model, const Dataset& data,
                              const NetworkSpace& networks, const DesignSpace& accelerators,
                              Simulator& simulator, std::size_t worst) {
  Rows rows(data.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  Validation validation;
  validation.predictions = predict_rows(model, data, rows);
  const auto& predictions = validation.predictions;
  validation.errors = measure_errors(data, rows, predictions);
  validation.uncertainty = calibrate_uncertainty(data, rows, predictions);
  validation.regions = find_regions(model, data, predictions, networks, accelerators);
  for (const PredictedCost& cost : predicted_costs()) {
    std::vector<WorstCase>& cases = validation.worst.emplace_back();
    for (const std::size_t row : worst_rows(cost, data, predictions, worst)) {
      cases.push_back(
          explain(row, cost, data, predictions[row], {model, networks, accelerators, simulator}));
      cases.back().regions = regions_of(row, validation.regions);
    }
  }
  return validation;
}

std::string regions_to_json_text(const Validation& validation, bool knows_feasibility) {
  json node = json::array();
  for (const ErrorRegion& region : validation.regions) {
    node.push_back({{"region", region.name},
                    {"definition", region.definition},
                    {"pairs", region.rows.size()},
                    {"errors", json::parse(to_json_text(region.errors, knows_feasibility))}});
  }
  return node.dump();
}

std::string worst_to_json_text(const Validation& validation) {
  json node;
  for (std::size_t c = 0; c < validation.worst.size(); ++c) {
    const PredictedCost& cost = predicted_costs()[c];
    node[cost.figure->name] = json::array();
    for (const WorstCase& found : validation.worst[c]) {
      node[cost.figure->name].push_back(to_json(found, cost.figure->unit));
    }
  }
  return node.dump();
}

std::string parity_csv(const Dataset& data, const std::vector<CostPrediction>& predictions) {
  CsvWriter csv("dovetail.parity/1");
  std::vector<CsvColumn> columns;
  for (const PredictedCost& cost : predicted_costs()) {
    for (const char* source : {"simulated_", "predicted_"}) {
      columns.push_back({source + cost.figure->key, cost.figure->unit});
    }
  }
  csv.header(columns);
  for (std::size_t i = 0; i < data.rows(); ++i) {
    if (!data.label(i).feasible()) continue;
    for (const PredictedCost& cost : predicted_costs()) {
      csv.cell(cost.of(data.label(i))).cell(cost.of(predictions[i].costs));
    }
    csv.end_row();
  }
  return csv.text();
}

}  // namespace dovetail
