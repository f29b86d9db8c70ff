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

}  // namespace dovetail
