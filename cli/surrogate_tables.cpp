#include "cli/surrogate_tables.h"

#include <fmt/core.h>

#include <cmath>

#include "base/table.h"
#include "models/surrogate/predicted_cost.h"

namespace dovetail {
namespace {

std::string cell(double value, int decimals) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : "undefined";
}

}  // namespace

std::string errors_table(const SurrogateErrors& errors, bool knows_feasibility,
                         const std::string& pairs) {
  Table table({{"on " + pairs + " pairs", Table::Align::kLeft}, {"value"}, {"unit"}});
  table.add_row({"feasible pairs", std::to_string(errors.latency().count), ""});
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    const RegressionMetrics& m = errors.costs[c];
    const std::string name = predicted_costs()[c].name;
    table.add_row({name + ": mean relative error (MAPE)", cell(m.mape_percent, 3), "%"});
    table.add_row({name + ": 95th percentile of it", cell(m.p95_percent, 3), "%"});
    table.add_row({name + ": largest", cell(m.max_percent, 3), "%"});
    table.add_row({name + ": R2", cell(m.r2, 5), ""});
    table.add_row({name + ": Kendall tau", cell(m.kendall_tau, 4), ""});
  }
  if (!knows_feasibility) {
    return table.str() + "Feasibility was not learned: the training data has no infeasible pair.\n";
  }
  const DetectionMetrics& d = errors.infeasible;
  table.add_row({"infeasible pairs", std::to_string(d.positives()), ""});
  table.add_row({"infeasible: precision", cell(d.precision(), 4), ""});
  table.add_row({"infeasible: recall", cell(d.recall(), 4), ""});
  table.add_row({"infeasible: F1", cell(d.f1(), 4), ""});
  return table.str();
}

std::string uncertainty_table(const std::vector<UncertaintyCalibration>& uncertainty) {
  std::string text;
  for (std::size_t c = 0; c < uncertainty.size(); ++c) {
    const UncertaintyCalibration& cost = uncertainty[c];
    const std::string name = predicted_costs()[c].name;
    Table table({{name + ": pairs by spread", Table::Align::kLeft},
                 {"pairs"},
                 {"mean spread, %"},
                 {"MAPE, %"}});
    const char* const quarters[] = {"smallest quarter", "second", "third", "largest quarter"};
    for (std::size_t q = 0; q < cost.quartiles.size(); ++q) {
      const auto& quartile = cost.quartiles[q];
      table.add_row({quarters[q], std::to_string(quartile.pairs), cell(quartile.spread_percent, 3),
                     cell(quartile.mape_percent, 3)});
    }
    text += table.str();
    text += fmt::format("{}: rank correlation of spread and error {}, error over spread {}\n\n",
                        name, cell(cost.rank_correlation, 3), cell(cost.error_over_spread, 2));
  }
  if (!text.empty()) text.pop_back();  // the empty line
  return text;
}

}  // namespace dovetail
