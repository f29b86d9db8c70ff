#include "cost/surrogate/validation/uncertainty.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/numbers/statistics.h"
#include "cost/surrogate/net/predicted_cost.h"

namespace dovetail {
namespace {

using json = nlohmann::ordered_json;

struct Case {
  double spread_percent, error_percent, log_error_percent;
};

std::vector<Case> cases_of(const PredictedCost& cost, const Dataset& data,
                           std::span<const std::size_t> rows,
                           std::span<const CostPrediction> predictions) {
  std::vector<Case> cases;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Costs& label = data.label(rows[i]);
    if (!label.feasible()) continue;
    const double ratio = cost.of(predictions[i].costs) / cost.of(label);
    cases.push_back(
        {cost.spread_of(predictions[i].costs), 100 * std::abs(ratio - 1), 100 * std::log(ratio)});
  }
  return cases;
}

UncertaintyCalibration calibrate(std::vector<Case> cases) {
  std::stable_sort(cases.begin(), cases.end(), [](const Case& a, const Case& b) {
    return a.spread_percent < b.spread_percent;
  });
  UncertaintyCalibration result;
  std::vector<double> spreads, errors;
  double error_squares = 0, spread_squares = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    auto& quartile = result.quartiles[4 * i / cases.size()];
    ++quartile.pairs;
    quartile.spread_percent += c.spread_percent;
    quartile.mape_percent += c.error_percent;
    error_squares += c.log_error_percent * c.log_error_percent;
    spread_squares += c.spread_percent * c.spread_percent;
    spreads.push_back(c.spread_percent);
    errors.push_back(c.error_percent);
  }
  for (auto& quartile : result.quartiles) {
    quartile.spread_percent /= static_cast<double>(quartile.pairs);
    quartile.mape_percent /= static_cast<double>(quartile.pairs);
  }
  result.rank_correlation = spearman_correlation(spreads, errors);
  result.error_over_spread = std::sqrt(error_squares / spread_squares);
  return result;
}

json number_or_null(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}

}  // namespace

std::vector<UncertaintyCalibration> calibrate_uncertainty(
    const Dataset& data, std::span<const std::size_t> rows,
    std::span<const CostPrediction> predictions) {
  std::vector<UncertaintyCalibration> result;
  for (const PredictedCost& cost : predicted_costs()) {
    std::vector<Case> cases = cases_of(cost, data, rows, predictions);
    if (cases.size() < 4 || std::isnan(cases.front().spread_percent)) return {};
    result.push_back(calibrate(std::move(cases)));
  }
  return result;
}

std::string to_json_text(const std::vector<UncertaintyCalibration>& calibration) {
  json node;
  for (std::size_t c = 0; c < calibration.size(); ++c) {
    json& cost = node[predicted_costs()[c].figure->name];
    for (const auto& quartile : calibration[c].quartiles) {
      cost["by_spread"].push_back({{"pairs", quartile.pairs},
                                   {"spread_percent", number_or_null(quartile.spread_percent)},
                                   {"mape_percent", number_or_null(quartile.mape_percent)}});
    }
    cost["rank_correlation"] = number_or_null(calibration[c].rank_correlation);
    cost["error_over_spread"] = number_or_null(calibration[c].error_over_spread);
  }
  return node.dump();
}

}  // namespace dovetail
