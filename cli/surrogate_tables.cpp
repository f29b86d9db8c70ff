#include "cli/surrogate_tables.h"

#include <fmt/core.h>

#include <cmath>

#include "base/text/table.h"
#include "cost/surrogate/net/predicted_cost.h"

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
  const auto add_cost = [&](const std::string& name, const RegressionMetrics& m) {
    table.add_row({name + ": mean relative error (MAPE)", cell(m.mape_percent, 3), "%"});
    table.add_row({name + ": 95th percentile of it", cell(m.p95_percent, 3), "%"});
    table.add_row({name + ": largest", cell(m.max_percent, 3), "%"});
    table.add_row({name + ": R2", cell(m.r2, 5), ""});
    table.add_row({name + ": Kendall tau", cell(m.kendall_tau, 4), ""});
  };
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    add_cost(predicted_costs()[c].figure->name, errors.costs[c]);
  }
  if (errors.area.count > 0) add_cost(area_cost().figure->name, errors.area);
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
    const std::string name = predicted_costs()[c].figure->name;
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

std::string regions_table(const Validation& validation, bool knows_feasibility) {
  std::vector<Table::Column> columns = {{"region", Table::Align::kLeft}, {"pairs"}, {"feasible"}};
  for (const PredictedCost& cost : predicted_costs()) {
    columns.push_back({cost.figure->name + " MAPE, %"});
    columns.push_back({"95th percentile, %"});
  }
  if (knows_feasibility) columns.push_back({"infeasible: F1"});
  Table table(columns);
  std::string definitions;
  for (const ErrorRegion& region : validation.regions) {
    std::vector<std::string> row = {region.name, std::to_string(region.rows.size()),
                                    std::to_string(region.errors.latency().count)};
    for (const RegressionMetrics& m : region.errors.costs) {
      row.push_back(cell(m.mape_percent, 3));
      row.push_back(cell(m.p95_percent, 3));
    }
    if (knows_feasibility) row.push_back(cell(region.errors.infeasible.f1(), 4));
    table.add_row(row);
    definitions += fmt::format("  {}: {}\n", region.name, region.definition);
  }
  return table.str() + definitions;
}

std::string worst_table(const Validation& validation, std::size_t cost) {
  const PredictedCost& c = predicted_costs()[cost];
  if (validation.worst[cost].empty()) return "";
  Table table({{""},
               {c.figure->name + ": worst pairs", Table::Align::kLeft},
               {"accelerator", Table::Align::kLeft},
               {"simulated, " + c.figure->unit},
               {"predicted"},
               {"error, %"}});
  std::string reasons;
  std::size_t number = 0;
  for (const WorstCase& found : validation.worst[cost]) {
    ++number;
    table.add_row({std::to_string(number),
                   fmt::format("{} ({} M MACs)", found.network, found.macs / 1'000'000),
                   found.accelerator, cell(found.simulated, 4), cell(found.predicted, 4),
                   fmt::format("{:+.2f}", found.error_percent)});
    reasons += fmt::format("  {}: {}\n", number, found.reason());
  }
  return table.str() +
         "  (regions; what takes most cycles; the step of a hardware decision that the model "
         "misses\n"
         "  most: change simulated and predicted; median error of the accelerators one step "
         "away)\n" +
         reasons;
}

}  // namespace dovetail
