#include "cost/surrogate/training/measurements.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "base/files/atomic_file.h"
#include "base/numbers/samples.h"
#include "base/text/csv.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "cost/surrogate/net/predicted_cost.h"

namespace dovetail {
namespace {

using Cells = std::vector<std::string>;

/// From one unit to the next (microseconds, milliseconds, seconds), and how far from it a model and
/// what was measured may be apart for it to look like that.
constexpr double kNextUnit = 1000, kNearNextUnit = 1.2;

constexpr std::size_t kAbsent = std::numeric_limits<std::size_t>::max();

/// Where each thing stands in a line.
struct CostColumns {
  std::size_t count = 0;
  std::vector<std::size_t> network, hardware;        // of each decision
  std::array<std::size_t, kPredictedCosts> costs{};  // kAbsent if there is none
  std::size_t reason = kAbsent;
};

std::vector<std::string> names_of(const DecisionSpace& space, const std::string& prefix) {
  std::vector<std::string> names;
  for (const Decision& d : space.decisions()) names.push_back(prefix + d.name);
  return names;
}

std::size_t position_of(const Cells& names, const std::string& name) {
  const auto at = std::find(names.begin(), names.end(), name);
  return at == names.end() ? kAbsent : static_cast<std::size_t>(at - names.begin());
}

void require_known_once(const Cells& names, const Cells& known, const Location& where) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::find(known.begin(), known.end(), names[i]) == known.end()) {
      throw InputError(where, unknown_name("column", names[i], known));
    }
    if (position_of(names, names[i]) != i) {
      throw InputError(where, fmt::format("column '{}' is there twice", names[i]));
    }
  }
}

CostColumns read_header(const Cells& names, const Surrogate& model, const Location& where) {
  const Cells network = names_of(model.network_space().decisions, "network."),
              hardware = names_of(model.hardware_space().decisions, "hardware.");
  Cells known = network;
  known.insert(known.end(), hardware.begin(), hardware.end());
  for (const PredictedCost& cost : predicted_costs()) known.push_back(cost.figure->key);
  for (const char* other : {"reason", "cycles", "area_mm2"}) known.push_back(other);
  require_known_once(names, known, where);
  CostColumns columns;
  columns.count = names.size();
  const auto find_all = [&](const Cells& wanted, std::vector<std::size_t>& found) {
    for (const std::string& name : wanted) {
      found.push_back(position_of(names, name));
      if (found.back() == kAbsent) {
        throw InputError(where, fmt::format("column '{}' is missing: the model wants every "
                                            "decision of its spaces",
                                            name));
      }
    }
  };
  find_all(network, columns.network);
  find_all(hardware, columns.hardware);
  bool any = false;
  Cells costs;
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    costs.push_back(predicted_costs()[c].figure->key);
    columns.costs[c] = position_of(names, costs.back());
    any = any || columns.costs[c] != kAbsent;
  }
  if (!any) throw InputError(where, "no column has a cost; allowed: " + join(costs));
  columns.reason = position_of(names, "reason");
  return columns;
}

Choices read_choices(const Cells& cells, const std::vector<std::size_t>& columns,
                     const DecisionSpace& space, const Location& where) {
  Choices choices;
  for (std::size_t d = 0; d < space.size(); ++d) {
    const std::vector<std::string>& known = space[d].choices;
    const auto at = std::find(known.begin(), known.end(), cells[columns[d]]);
    if (at == known.end()) {
      throw InputError(where, fmt::format("{}: found '{}', allowed: {}", space[d].name,
                                          cells[columns[d]], join(known)));
    }
    choices.push_back(static_cast<Choices::value_type>(at - known.begin()));
  }
  return choices;
}

double read_cost(const std::string& cell, const PredictedCost& cost, const Location& where) {
  if (cell.empty()) return std::nan("");
  const auto value = number_of_cell(cell);
  if (!value || !(*value > 0) || !std::isfinite(*value)) {
    throw InputError(where,
                     fmt::format("{}: found '{}', allowed: a positive number ({}) or nothing",
                                 cost.figure->key, cell, cost.figure->unit));
  }
  return *value;
}

/// A line of values.
void read_row(const Cells& cells, const CostColumns& columns, const Surrogate& model,
              const Location& where, Measurements& measurements) {
  if (cells.size() != columns.count) {
    throw InputError(where, fmt::format("found {} cells, allowed {}: one for each column",
                                        cells.size(), columns.count));
  }
  if (columns.reason != kAbsent && cells[columns.reason] != "none") {
    ++measurements.infeasible;
    return;
  }
  std::array<double, kPredictedCosts> costs{};
  bool any = false;
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    costs[c] = columns.costs[c] == kAbsent
                   ? std::nan("")
                   : read_cost(cells[columns.costs[c]], predicted_costs()[c], where);
    any = any || std::isfinite(costs[c]);
  }
  if (!any) {
    Cells empty;
    for (std::size_t c = 0; c < kPredictedCosts; ++c) {
      if (columns.costs[c] != kAbsent) empty.push_back(predicted_costs()[c].figure->key);
    }
    throw InputError(where, fmt::format("{}: found nothing, allowed: a positive number{}",
                                        join(empty), empty.size() > 1 ? " in one at least" : ""));
  }
  measurements.network.push_back(
      read_choices(cells, columns.network, model.network_space().decisions, where));
  measurements.hardware.push_back(
      read_choices(cells, columns.hardware, model.hardware_space().decisions, where));
  measurements.costs.push_back(costs);
}

}  // namespace

Measurements read_measurements(const std::filesystem::path& file, const Surrogate& model) {
  CsvReader csv(file.string(), read_file(file));
  Measurements measurements;
  std::optional<CostColumns> columns;
  while (auto cells = csv.next()) {
    for (std::string& cell : *cells) cell = std::string(trim(cell));
    if (columns) {
      read_row(*cells, *columns, model, csv.where(), measurements);
    } else {
      columns = read_header(*cells, model, csv.where());
    }
  }
  if (measurements.size() == 0) {
    throw InputError(Location{file.string()}, "has no measurement of a feasible pair");
  }
  return measurements;
}

std::vector<std::string> unit_doubts(const Surrogate& model, const Measurements& measurements) {
  const auto predictions = model.predict(measurements.network, measurements.hardware);
  std::vector<std::string> doubts;
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    const PredictedCost& cost = predicted_costs()[c];
    std::vector<double> ratios;
    for (std::size_t i = 0; i < measurements.size(); ++i) {
      if (!std::isfinite(measurements.costs[i][c])) continue;
      ratios.push_back(measurements.costs[i][c] / cost.of(predictions[i].costs));
    }
    if (ratios.empty()) continue;
    const double ratio = Quartiles::of(ratios).median;
    const bool more = ratio > 1;
    const double off = std::abs(std::log((more ? ratio : 1 / ratio) / kNextUnit));
    if (off > std::log(kNearNextUnit)) continue;
    doubts.push_back(fmt::format(
        "{}: what was measured is about {} what the model predicts (median of {}: {:.4g} times); "
        "the column wants {}",
        cost.figure->key, more ? "1000 times" : "a thousandth of", ratios.size(), ratio,
        cost.figure->unit));
  }
  return doubts;
}

std::array<RegressionMetrics, kPredictedCosts> measure_errors(const Surrogate& model,
                                                              const Measurements& measurements) {
  const auto predictions = model.predict(measurements.network, measurements.hardware);
  std::array<RegressionMetrics, kPredictedCosts> errors;
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    std::vector<double> truth, predicted;
    for (std::size_t i = 0; i < measurements.size(); ++i) {
      if (!std::isfinite(measurements.costs[i][c])) continue;
      truth.push_back(measurements.costs[i][c]);
      predicted.push_back(predicted_costs()[c].of(predictions[i].costs));
    }
    errors[c] = regression_metrics(truth, predicted);
  }
  return errors;
}

}  // namespace dovetail
