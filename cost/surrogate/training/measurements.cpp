#include "cost/surrogate/training/measurements.h"

#include <fmt/core.h>

#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/numbers/samples.h"
#include "base/text/csv.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "cost/surrogate/data/pair_columns.h"
#include "cost/surrogate/net/predicted_cost.h"

namespace dovetail {
namespace {

using Cells = std::vector<std::string>;

/// From one unit to the next (microseconds, milliseconds, seconds), and how far from it a model and
/// what was measured may be apart for it to look like that.
constexpr double kNextUnit = 1000, kNearNextUnit = 1.2;

constexpr std::size_t kAbsent = PairColumns::kAbsent;

/// Where each thing stands in a line.
struct CostColumns {
  PairColumns pairs;
  std::array<std::size_t, kPredictedCosts> costs{};  // kAbsent if there is none
  std::size_t reason = kAbsent;
};

CostColumns read_header(const Cells& names, const Surrogate& model, const Location& where) {
  Cells costs, others{"reason", "cycles", "area_mm2"};
  for (const PredictedCost& cost : predicted_costs()) costs.push_back(cost.figure->key);
  others.insert(others.end(), costs.begin(), costs.end());
  CostColumns columns{PairColumns(names, model.network_space().decisions,
                                  model.hardware_space().decisions, others, where)};
  bool any = false;
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    columns.costs[c] = columns.pairs.position(costs[c]);
    any = any || columns.costs[c] != kAbsent;
  }
  if (!any) throw InputError(where, "no column has a cost; allowed: " + join(costs));
  columns.reason = columns.pairs.position("reason");
  return columns;
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
void read_row(const Cells& cells, const CostColumns& columns, const Location& where,
              Measurements& measurements) {
  columns.pairs.require_count(cells, where);
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
  Pair pair = columns.pairs.pair(cells, where);
  measurements.network.push_back(std::move(pair.network));
  measurements.hardware.push_back(std::move(pair.hardware));
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
      read_row(*cells, *columns, csv.where(), measurements);
    } else {
      columns.emplace(read_header(*cells, model, csv.where()));
    }
  }
  if (measurements.size() == 0) {
    throw InputError(Location{file.string()}, "has no measurement of a feasible pair");
  }
  return measurements;
}

std::vector<Costs> predicted_costs_of(const Surrogate& model, const Measurements& measurements) {
  std::vector<Costs> said;
  for (CostPrediction& prediction : model.predict(measurements.network, measurements.hardware)) {
    said.push_back(std::move(prediction.costs));
  }
  return said;
}

std::vector<std::string> unit_doubts(const Surrogate& model, const Measurements& measurements) {
  return unit_doubts(predicted_costs_of(model, measurements), measurements, "the model predicts");
}

std::vector<std::string> unit_doubts(std::span<const Costs> said, const Measurements& measurements,
                                     const std::string& says) {
  std::vector<std::string> doubts;
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    const PredictedCost& cost = predicted_costs()[c];
    std::vector<double> ratios;
    for (std::size_t i = 0; i < measurements.size(); ++i) {
      if (!std::isfinite(measurements.costs[i][c])) continue;
      ratios.push_back(measurements.costs[i][c] / cost.of(said[i]));
    }
    if (ratios.empty()) continue;
    const double ratio = Quartiles::of(ratios).median;
    const bool more = ratio > 1;
    const double off = std::abs(std::log((more ? ratio : 1 / ratio) / kNextUnit));
    if (off > std::log(kNearNextUnit)) continue;
    doubts.push_back(
        fmt::format("{}: what was measured is about {} what {} (median of {}: {:.4g} times); "
                    "the column wants {}",
                    cost.figure->key, more ? "1000 times" : "a thousandth of", says, ratios.size(),
                    ratio, cost.figure->unit));
  }
  return doubts;
}

std::array<RegressionMetrics, kPredictedCosts> measure_errors(const Surrogate& model,
                                                              const Measurements& measurements) {
  return measure_errors(predicted_costs_of(model, measurements), measurements);
}

std::array<RegressionMetrics, kPredictedCosts> measure_errors(std::span<const Costs> said,
                                                              const Measurements& measurements) {
  std::array<RegressionMetrics, kPredictedCosts> errors;
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    std::vector<double> truth, predicted;
    for (std::size_t i = 0; i < measurements.size(); ++i) {
      if (!std::isfinite(measurements.costs[i][c])) continue;
      truth.push_back(measurements.costs[i][c]);
      predicted.push_back(predicted_costs()[c].of(said[i]));
    }
    errors[c] = regression_metrics(truth, predicted);
  }
  return errors;
}

}  // namespace dovetail
