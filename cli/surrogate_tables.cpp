#include "cli/surrogate_tables.h"

#include <fmt/core.h>

#include <cmath>

#include "base/table.h"

namespace dovetail {
namespace {

std::string cell(double value, int decimals) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : "undefined";
}

}  // namespace

std::string errors_table(const SurrogateErrors& errors, bool knows_feasibility,
                         const std::string& pairs) {
  const RegressionMetrics& l = errors.latency;
  Table table({{"on " + pairs + " pairs", Table::Align::kLeft}, {"value"}, {"unit"}});
  table.add_row({"latency: feasible pairs", std::to_string(l.count), ""});
  table.add_row({"latency: mean relative error (MAPE)", cell(l.mape_percent, 3), "%"});
  table.add_row({"latency: 95th percentile of it", cell(l.p95_percent, 3), "%"});
  table.add_row({"latency: largest", cell(l.max_percent, 3), "%"});
  table.add_row({"latency: R2", cell(l.r2, 5), ""});
  table.add_row({"latency: Kendall tau", cell(l.kendall_tau, 4), ""});
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
